"""A workbook of 200,000 rows: judged as a stream, beside the CSV file of the same rows."""

import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.bench.figures import Baseline, Figure, at_least, at_most
from tests.bench.measure import waheal
from tests.kit import workbooks as kit
from tests.kit.numbers import unassigned
from waheal.model import ExitCode
from waheal.workbook.sheet import ROWS

_ROWS = 200_000
_MESSAGE = "Hello {{ name }}, {{ price }} on {{ day }}. Reply STOP to opt out."
_FIRST_DAY = 46_000


def workbook(place: Path, scale: float) -> Iterator[Figure]:
    """`check` of a workbook of 200,000 rows, and its ratio to that of a CSV file."""
    count = max(1000, round(_ROWS * scale))
    book, text = place / "list.xlsx", place / "list.csv"
    _write_book(book, count)
    _write_text(text, count)
    yield Figure("rows in the workbook", count, "")
    more = ["--message", _MESSAGE, "--home", str(place / "home"), "--json"]
    plain = waheal("check", str(text), *more)
    checked = waheal("check", str(book), *more)
    assert json.loads(checked.text)["rows"] == count
    base = Baseline("check of a CSV file", count / plain.seconds)
    yield Figure(
        "check", count / checked.seconds, "rows/s", base, at_least(8_000), checked.processor
    )
    yield Figure("check, peak", checked.peak, "MB", None, at_most(150))
    yield _blank(place, max(1000, round(ROWS * scale)), more)


def _blank(place: Path, count: int, more: list[str]) -> Figure:
    """Check a sheet that is blank to its end: nothing is in it, and each row has to be passed."""
    rows = (kit.row(number) for number in range(2, count + 1))
    head = kit.row(1, kit.text("phone"), kit.text("name"))
    book, empty, refused = place / "blank.xlsx", place / "empty.csv", frozenset({ExitCode.USAGE})
    kit.write_workbook(book, [kit.Tab("List", (each for part in ([head], rows) for each in part))])
    empty.write_text("phone,name\n", encoding="utf-8")
    start = waheal("check", str(empty), *more, codes=refused)
    found = waheal("check", str(book), *more, codes=refused)
    base = Baseline("check of a header alone", start.processor)
    return Figure(f"check of {count:,} blank rows", found.processor, "s", base, at_most(1))


def _write_book(path: Path, count: int) -> None:
    head = kit.row(1, *map(kit.text, ("phone", "name", "price", "day")))
    rows = (
        kit.row(
            number,
            kit.number(phone[1:], 3, f"A{number}"),
            kit.shared(number - 2, f"B{number}"),
            kit.number(number % 1000 / 10, 1, f"C{number}"),
            kit.number(_FIRST_DAY + number % 300, 2, f"D{number}"),
        )
        for number, phone in enumerate(islice(unassigned(), count), 2)
    )
    kit.write_workbook(
        path,
        [kit.Tab("List", (each for part in ([head], rows) for each in part))],
        codes=["0.00", "dd.mm.yyyy", "+0"],
        strings=(f"<si><t>Person {number}</t></si>" for number in range(count)),
    )


def _write_text(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["phone", "name", "price", "day"])
        for number, phone in enumerate(islice(unassigned(), count)):
            rows.writerow([phone, f"Person {number}", f"{number % 1000 / 10:.2f}", "24.12.2026"])
