"""Workbooks that would stop the machine end a check at once, with its document and its code."""

import json
import os
import resource
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.support import command, environment
from tests.kit.workbooks import Tab, row, table, text, write_workbook
from waheal.model import ExitCode

LIST = (["phone", "message"], ["+12025550100", "Hi"])
MOST = 300 << 20  # bytes, of which libraries take a hundred
LONGER = 10.0  # seconds of processor more than two rows take; one at rest, and minutes unbounded


@dataclass(frozen=True, slots=True)
class Ended:
    """What a check came to: its document, and what it cost in seconds of processor."""

    code: int
    document: dict[str, object]
    seconds: float


def checked(path: Path, home: Path) -> Ended:
    """Check a file, in a process that is given no more memory than `MOST`."""
    words = command(["check", path, "--json"])
    process = subprocess.Popen(
        words, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    resource.prlimit(process.pid, resource.RLIMIT_AS, (MOST, MOST))
    assert process.stdout is not None
    with process.stdout:
        told = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, told, usage.ru_utime + usage.ru_stime)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Tell what a check of two rows takes, in seconds of processor."""
    folder = tmp_path_factory.mktemp("usual")
    ended = checked(sheet(folder / "list.xlsx"), folder / "home")
    assert ended.code == ExitCode.OK
    return ended.seconds


def sheet(path: Path, *more: str, strings: Iterable[str] | None = None) -> Path:
    return write_workbook(path, [Tab("S", [*table(LIST), *more])], strings=strings)


def many(piece: str, before: str = "", after: str = "") -> Iterator[str]:
    """Give forty megabytes of a piece."""
    yield before
    for _ in range(40):
        yield piece * (1_000_000 // len(piece))
    yield after


def blank(path: Path) -> None:
    sheet(path, *many(" "))


def one_cell(path: Path) -> None:
    sheet(path, *many("x", '<row><c t="inlineStr"><is><t>', "</t></is></c></row>"))


def one_shared_text(path: Path) -> None:
    sheet(path, strings=many("x", "<si><t>", "</t></si>"))


def one_attribute(path: Path) -> None:
    sheet(path, *many("x", '<row x="', '"/>'))


def one_formula(path: Path) -> None:
    sheet(path, *many("1+", "<row><c><f>", "</f></c></row>"))


def columns(path: Path) -> None:
    sheet(path, *many("<c><v>1</v></c>", "<row>", "</row>"))


def cells(path: Path) -> None:
    sheet(path, *many(f"<row>{'<c/>' * 50}</row>"))


def elements_in_each_other(path: Path) -> None:
    sheet(path, *many("<a>"))


def shared_texts(path: Path) -> None:
    sheet(path, strings=many("<si/>"))


def entities(path: Path) -> None:
    defined = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    body = f'<!DOCTYPE x [<!ENTITY e0 "x">{defined}]><worksheet>&e12;</worksheet>'
    write_workbook(path, [Tab("S", [])], more={"xl/worksheets/sheet1.xml": body.encode()})


def parts(path: Path) -> None:
    with zipfile.ZipFile(sheet(path), "a") as archive:
        for number in range(30_000):
            archive.writestr(f"xl/media/{number:020}.png", b"")


@pytest.mark.parametrize(
    "write",
    [
        *(blank, one_cell, one_shared_text, one_attribute, one_formula, columns, cells),
        *(elements_in_each_other, shared_texts, entities, parts),
    ],
)
def test_a_bomb_ends_in_an_error_soon_and_in_little_memory(
    tmp_path: Path, usual: float, write: Callable[[Path], None]
) -> None:
    write(tmp_path / "bomb.xlsx")
    ended = checked(tmp_path / "bomb.xlsx", tmp_path / "home")
    assert ended.code == ExitCode.USAGE
    assert "workbook" in str(ended.document["problems"])
    assert ended.seconds < usual + LONGER


@pytest.mark.parametrize("place", ["XFD1048576", "AAA300000"])
def test_a_far_cell_costs_nothing(tmp_path: Path, usual: float, place: str) -> None:
    far = row(int(place.lstrip("ADFX")), text("x", place))
    ended = checked(sheet(tmp_path / "far.xlsx", far), tmp_path / "home")
    assert ended.code == ExitCode.OK
    assert place in str(ended.document["warnings"])
    assert ended.seconds < usual + LONGER
