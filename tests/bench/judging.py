"""What a row costs, in processor: judged and enrolled, against reading it with two libraries."""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from tests.bench import rows
from tests.bench.figures import Baseline, Figure, at_least
from tests.bench.measure import interleaved, run, waheal
from tests.kit.numbers import unassigned
from waheal.model import ExitCode, Phone

_ROWS = 300_000
_ROUNDS = 3
_CHECKED, _ENROLLED = at_least(35_000), at_least(22_000)  # rows a second of processor
_LIBRARIES = """
import csv, phonenumbers, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    cells = csv.reader(file)
    next(cells)
    for row in cells:
        phonenumbers.parse(row[0])
"""
_COLUMNS = ("phone", "name", "message", "send_after", "expires", "consent", "zone", "extra")


def judging(place: Path, scale: float) -> Iterator[Figure]:
    """Rows a second of processor: `check` of three kinds of files, and enrolling; medians."""
    number = max(1000, round(_ROWS * scale))
    plain, own, wide = place / "plain.csv", place / "own.csv", place / "wide.csv"
    rows.write(plain, number)
    _write(own, ("phone", "message"), number, _own)
    _write(wide, _COLUMNS, number, _wide)
    one_text = ["--message", rows.MESSAGE]
    homes = (str(place / f"home{each}") for each in count())
    costs = interleaved(
        _ROUNDS,
        lambda: run([sys.executable, "-c", _LIBRARIES, str(plain)]).processor,
        lambda: _check(place, plain, one_text),
        lambda: _check(place, own, []),
        lambda: _check(place, wide, []),
        lambda: _enrol(place, [str(plain), *one_text, "--home", next(homes)]),
        warm_up=False,
    )
    libraries, *ours = (number / cost for cost in costs)
    base = Baseline("csv.reader and phonenumbers.parse alone", libraries)
    names = (
        "check, a template for all",
        "check, a text of its own a row",
        "check, texts, times, consent and zones",
    )
    for name, found in zip(names, ours, strict=False):
        yield Figure(name, found, "rows/s of processor", base, _CHECKED)
    yield Figure("check and enrol", ours[-1], "rows/s of processor", base, _ENROLLED)


def _check(place: Path, file: Path, words: Sequence[str]) -> float:
    return waheal("check", str(file), *words, "--home", str(place / "none"), "--json").processor


def _enrol(place: Path, words: Sequence[str]) -> float:
    trust = rows.nobody(place)
    no_device = frozenset({int(ExitCode.NO_DEVICE)})
    return waheal("send", *words, "--json", "--trust", str(trust), codes=no_device).processor


def _write(
    path: Path, header: Sequence[str], number: int, cells: Callable[[int, Phone], Sequence[str]]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(header)
        lines.writerows(cells(*each) for each in enumerate(islice(unassigned(), number)))


def _own(number: int, phone: Phone) -> Sequence[str]:
    text = f"Dear Person {number}, your parcel no. {number * 7} waits for you until 24.12."
    return phone, f"{text} Reply STOP to opt out."


def _wide(number: int, phone: Phone) -> Sequence[str]:
    return (
        phone,
        f"Person {number}",
        "Hello {{ name }}, {{ extra|default('see you') }}",
        f"2030-01-{number % 28 + 1:02d} 09:30",
        "2030-03-01",
        "yes" if number % 3 else "2026-01-02",
        "Europe/Berlin",
        f"e{number % 50}",
    )
