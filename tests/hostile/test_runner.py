"""That what no input may bring about would be seen."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.hostile.forks import Ending
from tests.hostile.runner import Runner, judged
from tests.hostile.watching import beyond
from tests.hostile.world import Command, World, changes

STATUS = Command(["status"])
HINTED = "error: a\nhint: b\n"


def ending(code: int = 0, *, out: str = "", err: str = "", noticed: str = "") -> Ending:
    return Ending(code=code, out=out, err=err, seconds=0.0, noticed=[noticed] if noticed else [])


@pytest.mark.parametrize(
    "ended",
    [
        ending(70, err=HINTED),
        ending(-9),
        ending(4),
        ending(1, err="Traceback (most recent call last):"),
        ending(2, err="error: a\n"),
        ending(12, err="no\n"),
        ending(out="\x1b[2J"),
        ending(2, err=HINTED + "\x07"),
        ending(out="a\u202eb".encode().decode("latin-1")),
        ending(noticed="open '/etc/passwd'"),
    ],
)
def test_a_wrong_ending_is_told(ended: Ending) -> None:
    assert judged(STATUS, ended)


@pytest.mark.parametrize(
    "ended", [ending(), ending(2, err=HINTED), ending(out="\x1b[1;31mred\x1b[0m\r\n")]
)
def test_a_right_one_is_not(ended: Ending) -> None:
    assert judged(STATUS, ended) == []


def test_a_file_may_hold_what_a_terminal_may_not() -> None:
    assert judged(Command(["export", "c"], terminal=False), ending(out="\x1b[2J")) == []


def test_what_changes_outside_is_seen(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    before = world.look()
    (world.home / "ledger").touch()
    (world.tmp / "draft").touch()
    assert changes(before, world.look()) == []
    (world.outside / "victim").write_text("something else\n")
    (world.cwd / "new").touch()
    assert [Path(each).name for each in changes(before, world.look())] == ["new", "victim"]


def test_a_write_is_told_by_where_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ours = [str(tmp_path)]
    assert beyond("a/b", ours) is None
    assert beyond(os.devnull, ours) is None
    assert beyond("../x", ours) == str(tmp_path.parent / "x")
    assert beyond(f"{tmp_path}2", ours) == f"{tmp_path}2"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with closing(Runner()) as made:
        yield made


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_command_line_is_one_of_waheals(
    runner: Runner, tmp_path: Path, *, apart: bool, terminal: bool
) -> None:
    world = World(tmp_path / "world")
    ended = runner.run(world, Command(["none"], apart=apart, terminal=terminal))
    assert (ended.ending["code"], ended.wrongs) == (2, ())
    assert "has no command" in ended.ending["err"]
