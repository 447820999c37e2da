"""Other users of the machine: what they leave where waheal looks, or writes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import Waheal
from waheal.cli.app import ENTRIES
from waheal.model import ExitCode

STRANGER = 54_321
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

WORDS = {
    "send": ("send", "news.csv"),
    "check": ("check", "news.csv"),
    "resolve": ("resolve", "news", "--accept"),
    "report": ("report", "news"),
    "export": ("export", "news"),
    "devices list": ("devices", "list"),
    "devices pair": ("devices", "pair", "shop"),
    "devices import": ("devices", "import", "news.csv"),
    "devices remove": ("devices", "remove", "shop"),
    "devices pause": ("devices", "pause", "shop"),
    "devices resume": ("devices", "resume", "shop"),
    "suppress add": ("suppress", "add", "+12025550100"),
    "suppress remove": ("suppress", "remove", "+12025550100"),
    "suppress import": ("suppress", "import", "news.csv"),
    "suppress forget": ("suppress", "forget", "+12025550100"),
    "sandbox scan": ("sandbox", "scan", "2@x#y"),
    "sandbox vote": ("sandbox", "vote", "+12025550100", "Yes"),
    "sandbox reply": ("sandbox", "reply", "+12025550100", "shop", "STOP"),
}
EVERY = [
    tuple(f"{entry.name} {member.name}".split()) if member else (entry.name,)
    for entry in ENTRIES
    for member in (entry.members or (None,))
]


@pytest.fixture
def theirs(home: Path, tmp_path: Path) -> Iterator[Path]:
    """Leave another user's home, open to all, whose settings write to a file of the operator's."""
    home.mkdir()
    (tmp_path / "mine").write_text("mine")
    lines = [f'{each} = "{tmp_path / "mine"}"' for each in ("output", "html", "rejected")]
    (home / "waheal.toml").write_text("\n".join([*lines, f'trust-file = "{tmp_path / "mine"}"']))
    for path in (home, home / "waheal.toml"):
        os.chown(path, STRANGER, STRANGER)
        path.chmod(0o777)
    yield home
    os.chown(home, 0, 0)


def full(words: tuple[str, ...]) -> tuple[str, ...]:
    return WORDS.get(" ".join(words), words)


OUTSIDE = {("doctor",), ("help",)}  # it tells whose home it is; it asks for none


@pytest.mark.parametrize("words", [each for each in EVERY if each not in OUTSIDE], ids=" ".join)
def test_no_command_obeys_another_users_settings(
    waheal: Waheal, theirs: Path, tmp_path: Path, news: Path, words: tuple[str, ...]
) -> None:
    done = waheal(*full(words))
    assert (done.code, news.exists()) == (ExitCode.HOME_UNUSABLE, True)
    assert "belongs to another user" in done.err
    assert "\nhint: " in done.err
    assert (tmp_path / "mine").read_text() == "mine"
    assert [each.name for each in theirs.iterdir()] == ["waheal.toml"]


@pytest.mark.parametrize("words", [("config",), ("check", "news.csv"), ("sandbox", "serve")])
def test_nor_is_their_home_used_where_it_sets_nothing(
    waheal: Waheal, theirs: Path, news: Path, words: tuple[str, ...]
) -> None:
    (theirs / "waheal.toml").unlink()
    assert waheal(*words).code == ExitCode.HOME_UNUSABLE
    assert (news.exists(), list(theirs.iterdir())) == (True, [])


@pytest.mark.parametrize("words", [("status",), ("send", "news.csv"), ("check", "news.csv")])
def test_nor_with_the_sandbox_in_it(
    waheal: Waheal, theirs: Path, news: Path, words: tuple[str, ...]
) -> None:
    assert waheal(*words, "--sandbox").code == ExitCode.HOME_UNUSABLE
    assert news.exists()
    assert [each.name for each in theirs.iterdir()] == ["waheal.toml"]


def test_doctor_tells_whose_it_is_and_looks_at_nothing_inside(waheal: Waheal, theirs: Path) -> None:
    (theirs / "waheal.toml").write_text("daily = 1\nsandbox = true\njson = false\n")
    (theirs / "waheal.db").write_bytes(b"trap")
    (theirs / "sessions.db").write_bytes(b"trap")
    os.chown(theirs / "waheal.db", STRANGER, STRANGER)
    done = waheal("doctor", "--json")
    assert done.code == 2
    checks = done.document["checks"]
    assert isinstance(checks, list)
    told = {each["id"]: (each["status"], each["detail"]) for each in checks}
    assert told["home.owner"][0] == "fail"
    assert "another user" in told["home.owner"][1]
    for check in ("home.modes", "home.key", "home.lock", "config", "ledger.integrity",
                  "sessions.integrity", "devices", "doubt"):  # fmt: skip
        status, detail = told[check]
        assert status != "ok", check
        assert "another user" in detail or "not looked at" in detail, check
    assert told["devices.quota"] == ("ok", "no daily limit is set")  # as their settings would
    assert "file is not a database" not in done.out


def test_doctor_mends_nothing_there(waheal: Waheal, theirs: Path) -> None:
    assert waheal("doctor", "--fix").code == ExitCode.HOME_UNUSABLE
    assert (theirs / "waheal.toml").stat().st_mode & 0o777 == 0o777


def test_another_users_settings_in_ones_own_home_are_refused(waheal: Waheal, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text("quiet = true")
    os.chown(home / "waheal.toml", STRANGER, STRANGER)
    done = waheal("status")
    assert (done.code, "hint: " in done.err) == (ExitCode.HOME_UNUSABLE, True)
    assert waheal("doctor").code == 2


def test_a_folder_that_another_user_put_into_the_home_is_not_used(
    waheal: Waheal, home: Path, tmp_path: Path, news: Path
) -> None:
    home.mkdir(mode=0o700)
    (tmp_path / "away").mkdir()
    (home / "logs").symlink_to(tmp_path / "away")
    assert waheal("send", news).code == ExitCode.HOME_UNUSABLE
    (home / "logs").unlink()
    (home / "logs").mkdir()
    os.chown(home / "logs", STRANGER, STRANGER)
    assert waheal("send", news).code == ExitCode.HOME_UNUSABLE
    assert [*(home / "logs").iterdir(), *(tmp_path / "away").iterdir()] == []


def test_an_output_follows_no_strangers_link(
    waheal: Waheal, tmp_path: Path, news: Path, home: Path
) -> None:
    waheal("send", news)
    shared = tmp_path / "shared"
    shared.mkdir()
    os.chown(shared, STRANGER + 1, STRANGER + 1)
    shared.chmod(0o1777)
    (tmp_path / "mine").write_text("mine")
    (shared / "out").symlink_to(tmp_path / "mine")
    os.chown(shared / "out", STRANGER, STRANGER, follow_symlinks=False)
    for words in (
        ("export", "news", "--output"),
        ("report", "news", "--html"),
        ("suppress", "export", "--output"),
        ("check", news, "--rejected"),
    ):
        done = waheal(*words, shared / "out")
        assert (done.code, "put there by another user" in done.err) == (ExitCode.USAGE, True)
    assert (tmp_path / "mine").read_text() == "mine"
    assert home.exists()
    os.chown(shared, 0, 0)
