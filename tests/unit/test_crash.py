import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import Environment

from waheal.cli.crash import home_of, write_report
from waheal.store.sqlite import SqliteConnection

NUMBER = "+447700900123"
TEXT = "Dear Ann, your code is SECRET"
KEY = "5e" * 32
SECRETS = (NUMBER, NUMBER[1:], "900123", "Ann", "SECRET", KEY, "private", "list-of-")


def report(home: Path, break_down: Callable[[], object], *words: str) -> str:
    """Let it break down, and give what is kept of it."""
    try:
        break_down()
    except Exception as error:  # noqa: BLE001 - whatever it is
        path = write_report(error, [*words, f"--home={home}"])
    assert path is not None
    assert path.parent == home / "logs"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text(encoding="utf-8")


def a_dictionary() -> object:
    kept = {"key": KEY}
    return kept[f"{NUMBER} {TEXT}"]


def a_database() -> object:
    return SqliteConnection(Path(f"/private/list-of-{NUMBER}/waheal.db"), readonly=True)


def an_error_with_a_text_for_its_number() -> object:
    raise OSError(NUMBER, TEXT)


def an_error_with_a_list_for_its_number() -> object:
    raise OSError([NUMBER], TEXT)


def a_kind_made_of_data() -> object:
    raise type(NUMBER, (ValueError,), {"__module__": TEXT})(TEXT)


def a_kind_that_says_that_it_is_pythons() -> object:
    raise type(f"X{NUMBER}", (ValueError,), {"__module__": "json"})(TEXT)


def code_made_of_data() -> object:
    source = f"def list_of_{NUMBER[1:]}():\n    raise ValueError({TEXT!r})\n"
    made = dict[str, Callable[[], object]]()
    exec(compile(source, f"/private/{NUMBER}.py", "exec"), {"__name__": NUMBER}, made)  # noqa: S102 - the attack
    return made[f"list_of_{NUMBER[1:]}"]()


def code_that_says_that_it_is_waheals() -> object:
    source = f"def list_of_{NUMBER[1:]}():\n    raise ValueError({TEXT!r})\n"
    made = dict[str, Callable[[], object]]()
    exec(compile(source, f"/private/{NUMBER}.py", "exec"), {"__name__": "waheal.model"}, made)  # noqa: S102 - the attack
    return made[f"list_of_{NUMBER[1:]}"]()


def a_template() -> object:
    return Environment(autoescape=True).from_string(f"{{# {TEXT} #}}{{{{ 1 / 0 }}}}").render()


def a_chain() -> None:
    try:
        a_database()
    except Exception as error:
        failure = RuntimeError(NUMBER)
        failure.add_note(TEXT)
        raise failure from error


@pytest.mark.parametrize(
    "break_down",
    [
        a_dictionary,
        a_database,
        an_error_with_a_text_for_its_number,
        an_error_with_a_list_for_its_number,
        a_kind_made_of_data,
        a_kind_that_says_that_it_is_pythons,
        code_made_of_data,
        code_that_says_that_it_is_waheals,
        a_template,
        a_chain,
    ],
)
def test_nothing_of_what_was_being_sent_is_in_it(
    tmp_path: Path, break_down: Callable[[], object]
) -> None:
    told = report(tmp_path / "home", break_down, "send", "--message", TEXT, f"--message={TEXT}")
    assert not [each for each in (*SECRETS, str(tmp_path)) if each in told]


def test_waheals_own_places_are_told_and_the_packages_in_between(tmp_path: Path) -> None:
    told = report(tmp_path / "home", a_chain).splitlines()
    assert told[0].startswith("waheal ")
    assert told[2] == "builtins.RuntimeError"
    assert "waheal.errors.HomeUnusableError" in told
    assert "sqlite3.OperationalError" in told
    (place,) = {each.strip() for each in told if "sqlite.py" in each and "connect" in each}
    assert place.startswith("waheal/store/sqlite.py:")


def test_packages_are_told_by_their_names_alone(tmp_path: Path) -> None:
    told = report(tmp_path / "home", a_template).splitlines()
    assert told.count("  jinja2") == 1
    assert told[-1] == "  elsewhere"


def test_a_systems_error_tells_its_number_by_name(tmp_path: Path) -> None:
    told = report(tmp_path / "home", (tmp_path / NUMBER).read_bytes)
    assert "builtins.FileNotFoundError ENOENT" in told.splitlines()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("send", "news.csv", "--rate", "20/min"), "send --rate --home"),
        (("suppress", "forget", NUMBER, "--region=GB"), "suppress forget --region --home"),
        (("devices", "shop", "--no-sticky"), "devices --no-sticky --home"),
        ((f"--{NUMBER}", "--my-secret=1", "-x", "send"), "--home"),
        (("Ann", "stop"), "--home"),
        (("send", "stop", "list"), "send --home"),
    ],
)
def test_of_the_words_only_what_has_a_name_is_told(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    assert report(tmp_path / "home", a_dictionary, *words).splitlines()[1] == f"command: {said}"


def test_a_cause_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    def break_down() -> None:
        one, two = ValueError(), KeyError()
        one.__context__, two.__context__ = two, one
        raise one from two

    told = report(tmp_path / "home", break_down)
    assert told.count("ValueError") == 1


@pytest.mark.parametrize("there", ["a link", "another user's", "open"])
def test_it_goes_into_no_folder_but_ones_own(
    tmp_path: Path, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir(mode=0o700)
    away.mkdir()
    if there == "a link":
        (home / "logs").symlink_to(away)
    elif there == "open":
        home.chmod(0o777)
        (home / "x").touch()
    else:
        monkeypatch.setattr(os, "geteuid", lambda: home.stat().st_uid + 1)
    assert write_report(ValueError(), ["--home", str(home)]) is None
    assert list(away.iterdir()) == []
    assert not list(home.rglob("crash-*"))


def test_a_home_of_nobodys_is_none() -> None:
    assert write_report(ValueError(), ["--home=~nobody-of-this-name/x"]) is None
    assert home_of(["--home", "a", "x"]) == Path("a")


def test_the_secrets_are_what_the_errors_say() -> None:
    with pytest.raises(KeyError, match="SECRET"):
        a_dictionary()
    with pytest.raises(Exception, match=r"list-of-\+4477") as caught:
        a_database()
    assert isinstance(caught.value.__cause__, sqlite3.Error)
