"""A ledger's URL: what is taken for one, and that no part of a password is ever told."""

import pytest

from waheal.errors import UsageError
from waheal.ledger_url import has_password, password_in, read_ledger_url, without_password

SECRET = "s3cret"  # noqa: S105 - a made-up one


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://",
        "postgresql:///waheal",
        "postgres://waheal@db.example/waheal",
        "postgresql://waheal@db.example:5433/waheal?sslmode=verify-full",
        "postgresql://waheal@/waheal?host=%2Fvar%2Frun",
        "postgresql://waheal@[::1]:5432/waheal",
        "postgresql://waheal@one.example:5432,two.example:5432/waheal",
        "postgresql://w%40heal:p%40ss@db.example/waheal",
    ],
)
def test_what_libpq_takes_is_taken(url: str) -> None:
    assert read_ledger_url(url).text == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "waheal.db",
        "mysql://waheal@db.example/waheal",
        f"postgresql://waheal:{SECRET}@more@db.example/waheal",
        f"postgresql://waheal:a/{SECRET}@db.example/waheal",
        f"postgresql://waheal:a?{SECRET}@db.example/waheal",
        f"postgresql://waheal:a#{SECRET}@db.example/waheal",
        f"postgresql://waheal:{SECRET}:more@db.example/waheal",
        f"postgresql://waheal:{SECRET}",  # a host and its port, to libpq, which quotes them
        f"postgresql://waheal:%zz{SECRET}@db.example/waheal",
        f"postgresql://waheal:%00{SECRET}@db.example/waheal",
        f"postgresql://waheal:{SECRET} more@db.example/waheal",
        f"postgresql://waheal:{SECRET}\n@db.example/waheal",
        "postgresql://?service=waheal",
    ],
)
def test_anything_else_is_refused_and_no_part_of_it_quoted(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_ledger_url(url)
    assert SECRET not in f"{refused.value.message} {refused.value.hint}"
    assert SECRET not in without_password(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        (f"postgresql://u:{SECRET}@h:1/d", "postgresql://u@h:1/d"),
        (f"postgres://u:{SECRET}@h/d?sslmode=require", "postgresql://u@h/d?sslmode=require"),
        (f"postgresql://u@h/d?password={SECRET}&sslmode=require", "postgresql://u@h/d?sslmode=require"),
        (f"postgresql://u@h/d?host=%2Frun&sslpassword={SECRET}", "postgresql://u@h/d?host=/run"),
        (f"postgresql://:{SECRET}@h/d", "postgresql://h/d"),
    ],
)  # fmt: skip
def test_it_is_told_without_a_password(url: str, told: str) -> None:
    read = read_ledger_url(url)
    assert without_password(url) == str(read) == told
    assert SECRET not in repr(read)
    assert has_password(url) == (SECRET in url)


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("postgresql://waheal:p%40ss@db.example/waheal", "p@ss"),
        ("postgresql://waheal@db.example/waheal?password=p%40ss&sslmode=require", "p@ss"),
        ("postgresql://waheal@db.example/waheal", None),
        ("postgresql://waheal:@db.example/waheal", None),
        ("postgresql://waheal:p@db.example/waheal?sslpassword=q", None),  # has no other place
        ("postgresql://waheal:p@x@db.example/waheal", None),
    ],
)
def test_a_password_is_given_as_libpq_reads_it(url: str, password: str | None) -> None:
    assert password_in(url) == password
