"""A campaign file of a million rows: judged, enrolled, and taken up again."""

import csv
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.bench.figures import Baseline, Figure, at_least, at_most
from tests.bench.measure import Spent, run, waheal
from tests.kit.numbers import unassigned
from waheal.model import ExitCode

_ROWS = 1_000_000
MESSAGE = "Hello {{ name }}, your {{ item }} is ready in {{ city }}. Reply STOP to opt out."
_CITIES = ("Cairo", "北京", "Київ", "São Paulo", "Leeds", "Zürich", "दिल्ली")
_ITEMS = ("two tickets", "a blue scarf", "one kilo of coffee, ground", "a parcel", "an umbrella")
_READ = """
import csv, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    print(sum(1 for _ in csv.reader(file)))
"""


def write(path: Path, count: int) -> None:
    """Write a file of so many recipients, a row at a time."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["phone", "name", "city", "item"])
        for number, phone in enumerate(islice(unassigned(), count)):
            city, item = _CITIES[number % len(_CITIES)], _ITEMS[number % len(_ITEMS)]
            rows.writerow([phone, f"Person {number}", city, item])


def rows(place: Path, scale: float) -> Iterator[Figure]:
    """`check` and `send` of a million rows; without a device, so that only reading counts."""
    count = max(1000, round(_ROWS * scale))
    file = place / "million.csv"
    write(file, count)
    yield Figure("rows in the file", count, "")
    words = [str(file), "--message", MESSAGE, "--home", str(place / "home"), "--json"]
    before = _read(file)
    checked = waheal("check", *words)
    assert json.loads(checked.text)["rows"] == count
    between = _read(file)
    sent = _send(place, words)
    after = _read(file)
    read = Baseline("csv.reader", count / sorted((before, between, after))[1])
    yield Figure(
        "check", count / checked.seconds, "rows/s", read, at_least(20_000), checked.processor
    )
    yield Figure("check, peak", checked.peak, "MB", None, at_most(400))
    yield Figure(
        "check and enrol", count / sent.seconds, "rows/s", read, at_least(20_000), sent.processor
    )
    yield Figure("check and enrol, peak", sent.peak, "MB", None, at_most(400))
    again = _send(place, words)
    yield Figure("second send, until it starts", _started(again), "s", None, at_most(5))
    yield Figure("second send, peak", again.peak, "MB", None, at_most(400))
    with file.open("a", encoding="utf-8") as end:
        end.write("+442079460000,One More,Leeds,a parcel\r\n")
    yield from _enrolled_again(_send(place, words), count + 1)


def _enrolled_again(more: Spent, count: int) -> Iterator[Figure]:
    yield Figure("a row added, enrolled again", count / _started(more), "rows/s", None,
                 at_least(20_000))  # fmt: skip
    yield Figure("a row added, peak", more.peak, "MB", None, at_most(400))


def _read(file: Path) -> float:
    return run([sys.executable, "-c", _READ, str(file)]).seconds


def _send(place: Path, words: list[str]) -> Spent:
    no_device = frozenset({int(ExitCode.NO_DEVICE)})
    return waheal("send", *words, "--trust", str(nobody(place)), codes=no_device)


def nobody(place: Path) -> Path:
    """Give a server that nobody listens at, and that nobody asks: there is no device."""
    trust = place / "trust.json"
    if not trust.exists():
        (place / "ca.pem").touch()
        told = {"proxy": "http://127.0.0.1:9", "ca": str(place / "ca.pem"), "noise_root": "0" * 64}
        trust.write_text(json.dumps(told), encoding="utf-8")
    return trust


def _started(spent: Spent) -> float:
    return next(line.at for line in spent.lines if '"run_started"' in line.text)
