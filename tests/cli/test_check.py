"""`waheal check`: its document is always there, and it takes what `send` takes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.support import Done, Waheal
from waheal.model import ExitCode
from waheal.store.home import Home
from waheal.store.ledger import Ledger

KEYS = {"ok", "rows", "problems", "warnings", "preview", "outlook"}


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """Write a campaign in which one of two can't be sent to."""
    path = tmp_path / "half.csv"
    path.write_text(
        "phone,name,message\n+12025550100,Ann,Hi {{ name }}\n+12025550101,,{{ name }}\n"
    )
    return path


def told(done: Done, key: str) -> list[str]:
    found = done.document[key]
    assert isinstance(found, list)
    return [each["problem"] if isinstance(each, dict) else each for each in found]


@pytest.mark.parametrize(
    "words",
    [
        ("",),
        ("none.csv",),
        ("half.csv", "--rate", "abc"),
        ("half.csv", "--daily", "0"),
        ("half.csv", "--nope"),
        ("half.csv", "--window", "late"),
        ("half.csv", "--message", "a", "--template", "b"),
        ("half.csv", "--limit", "many"),
    ],
    ids=" ".join,
)
def test_the_document_is_there_whatever_is_wrong(
    waheal: Waheal, half: Path, words: tuple[str, ...]
) -> None:
    done = waheal("check", *words, "--json")
    assert (done.code, half.exists()) == (ExitCode.USAGE, True)
    assert set(done.document) == KEYS
    assert told(done, "problems")


def test_a_settings_file_that_is_wrong_is_a_problem_too(
    waheal: Waheal, home: Path, half: Path
) -> None:
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text("rat = 1")
    done = waheal("check", half, "--json")
    assert (done.code, "sets 'rat'" in told(done, "problems")[0]) == (ExitCode.USAGE, True)


def test_the_verb_can_be_swapped(waheal: Waheal, news: Path) -> None:
    line = (
        "--rate 20/min --daily 1 --window 09:00-18:00 --days mon-fri --max-runtime 2h --yes"
        " --limit 3 --per-recipient 2/7d --test-to +12025550100 --no-sticky --stop-words ENDE"
    )
    done = waheal("check", news, *line.split(), "--sandbox", "--json")
    assert (done.code, done.document["ok"]) == (ExitCode.OK, True)
    assert "5 devices can send" in told(done, "outlook")


def test_rows_that_are_to_be_skipped_stop_nothing(waheal: Waheal, half: Path) -> None:
    assert waheal("check", half).code == ExitCode.USAGE
    done = waheal("check", half, "--skip-bad-rows", "--json")
    assert (done.code, done.document["ok"]) == (ExitCode.OK, True)
    assert len(told(done, "problems")) == 1


def test_whom_the_window_never_opens_for_is_told(waheal: Waheal, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("phone,message\n+12025550100,hi\n+18005550100,hi\n")  # one has no place
    done = waheal("check", table, "--window", "09:00-10:00", "--json")
    assert done.code == ExitCode.OK
    assert any("never share an hour" in each for each in told(done, "warnings"))


def test_a_zone_says_where_they_are_whose_number_does_not(waheal: Waheal, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("phone,zone\n+18005550100,\n+18005550101,America/Denver\n")
    line = ("--message", "hi", "--window", "09:00-10:00", "--json")
    assert any(
        "1 recipient may" in each for each in told(waheal("check", table, *line), "warnings")
    )
    done = waheal("check", table, *line, "--zone", "america/new_york")
    assert (done.code, told(done, "warnings")) == (ExitCode.OK, [])


LIST = "nom;tel;message\r\nЖюль;12025550100;\r\n".encode("cp1251")
SETTINGS = ("--encoding", "windows-1251", "--international", "--no-message-column")


@pytest.mark.parametrize("place", ["command line", "environment", "waheal.toml"])
def test_how_a_list_is_read_can_be_set_everywhere_for_check_and_send(
    waheal: Waheal, home: Path, tmp_path: Path, place: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(LIST)
    words = SETTINGS if place == "command line" else ()
    spoken = {
        "WAHEAL_ENCODING": "windows-1251",
        "WAHEAL_INTERNATIONAL": "1",
        "WAHEAL_NO_MESSAGE_COLUMN": "1",
    }
    if place == "waheal.toml":
        home.mkdir(mode=0o700)
        text = 'encoding = "windows-1251"\ninternational = true\nno-message-column = true\n'
        (home / "waheal.toml").write_text(text)
    more = spoken if place == "environment" else {}
    line = (table, "--message", "Hi {{ nom }}", *words, "--sandbox")
    checked = waheal("check", *line, "--json", env=more)
    assert (checked.code, told(checked, "warnings")) == (ExitCode.OK, [])
    sent = waheal("send", *line, "--dry-run", env=more)
    assert "Hi Жюль" in sent.out
    assert "encoding" not in sent.err


def test_send_says_what_concerns_every_recipient(waheal: Waheal, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes("phone;name\r\n+12025550100;Жюль\r\n".encode("cp1251"))
    line = ("send", table, "--message", "Hi {name}", "--sandbox", "--dry-run")
    sent = waheal(*line)
    assert "'Жюль' arrives like this" in sent.err
    assert "'{name}' arrives as it stands" in sent.err
    table.write_bytes("phone;name\r\n+12025550100;Юлий\r\n".encode("cp1251"))
    assert "arrives" not in waheal(*line, "--quiet").err


def test_an_expiry_gone_by_and_an_unknown_device_are_told(waheal: Waheal, news: Path) -> None:
    words = ("--expires", "2020-01-01", "--devices", "nobody")
    waheal("send", news)  # makes the home
    done = waheal("check", news, *words, "--json")
    assert any("--expires has gone by" in each for each in told(done, "warnings"))
    assert (done.code, told(done, "problems")) == (
        ExitCode.USAGE,
        ["no device is called 'nobody'"],
    )


@pytest.mark.parametrize("damage", ["newer", "start", "middle"])
def test_a_home_out_of_order_is_a_warning_only(
    waheal: Waheal, home: Path, news: Path, damage: str
) -> None:
    place = Home.open(home, create=True)
    Ledger.open(place).close()
    data = place.ledger_path.read_bytes()
    match damage:
        case "newer":
            with closing(sqlite3.connect(place.ledger_path)) as conn:
                conn.execute("PRAGMA user_version = 99")
        case "start":
            place.ledger_path.write_bytes(b"garbage!" * 512 + data[4096:])
        case _:
            place.ledger_path.write_bytes(data[:4096] + b"garbage!" * ((len(data) - 4096) // 8))
    done = waheal("check", news, "--json")
    assert (done.code, done.document["ok"]) == (ExitCode.OK, True)
    assert any("the home is left out" in each for each in told(done, "warnings"))


def test_who_opted_out_is_counted_by_person_and_in_this_file_only(
    waheal: Waheal, tmp_path: Path
) -> None:
    (tmp_path / "news.csv").write_text("phone\n+5511961234567\n+12025550100\n+12025550101\n")
    words = ("check", "news.csv", "--message", "Hi", "--json")
    waheal("suppress", "add", "+12025550199", "+447700900123")
    assert not [line for line in told(waheal(*words), "outlook") if "opted out" in line]
    waheal("suppress", "add", "+551161234567", "+5511961234567", "+12025550101")
    (line,) = (line for line in told(waheal(*words), "outlook") if "opted out" in line)
    assert line == "2 of them opted out and will not be written to"


def test_uk_is_understood_as_a_region(waheal: Waheal, tmp_path: Path) -> None:
    (tmp_path / "uk.csv").write_text("phone,message\n020 7946 0958,hi\n")
    assert waheal("check", "uk.csv", "--region", "UK").code == ExitCode.OK
    assert waheal("check", "uk.csv", "--region", "Mars").code == ExitCode.USAGE


def test_a_fault_of_the_text_is_told_once_with_the_column_that_was_meant(
    waheal: Waheal, tmp_path: Path
) -> None:
    rows = [f"+120255501{number},N" for number in range(10, 50)]
    (tmp_path / "news.csv").write_text("\n".join(["phone,First Name", *rows]) + "\n")
    words = ("check", "news.csv", "--message", "Hi {{ first_name }}", "--rejected", "bad.csv")
    done = waheal(*words, "--json")
    (problem,) = told(done, "problems")
    assert problem.endswith("so it is in 39 more rows")
    assert len((tmp_path / "bad.csv").read_text().splitlines()) == 41
    shown = waheal(*words, env={"COLUMNS": "200"})
    assert '{{ row["First Name"] }}' in shown.out
    assert ("1 problem" in shown.err, "--skip-bad-rows" in shown.err) == (True, False)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Hi {{ nmae }}", "{{ name }}"),
        ("{{ phone }} until {{ expires }}", "waheal's own"),
        ("{{ nothing }}", "name, City of birth"),
        ("Hi {{ name|default(\u2018friend\u2019) }}", "straight quotes"),
    ],
)
def test_a_text_that_can_not_be_made_tells_the_way_out(
    waheal: Waheal, tmp_path: Path, message: str, said: str
) -> None:
    (tmp_path / "news.csv").write_text(
        "phone,name,City of birth,expires\n+12025550100,Ann,B,2099-01-01\n"
    )
    done = waheal("check", "news.csv", "--message", message, env={"COLUMNS": "250"})
    assert (done.code, said in done.out) == (ExitCode.USAGE, True)


def test_skipping_is_advised_only_where_it_helps(
    waheal: Waheal, half: Path, tmp_path: Path
) -> None:
    assert "--skip-bad-rows" in waheal("check", half).err
    assert "--skip-bad-rows" in waheal("send", half).err
    (tmp_path / "none.csv").write_text("phone,message\n12,hi\n")
    (tmp_path / "bare.csv").write_text("a,b\n1,2\n")
    for name in ("none.csv", "bare.csv"):
        for verb in ("check", "send"):
            assert "--skip-bad-rows" not in waheal(verb, name).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--template", "none.txt"), "its path counts from where waheal runs"),
        (("--media", "none.png", "--message", "a"), "its path counts from where waheal runs"),
        (("--media", "https://example.com/a.png", "--message", "a"), "is an address"),
    ],
)
def test_a_file_that_is_missing_is_told_with_the_folder_that_counts(
    waheal: Waheal, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "news.csv").write_text("phone\n+12025550100\n")
    done = waheal("check", "news.csv", *words, env={"COLUMNS": "300"})
    assert (done.code, said in done.out + done.err) == (ExitCode.USAGE, True)
    assert str(tmp_path / "none") in done.out + done.err or "address" in said
