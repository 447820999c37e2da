"""The page's table of faults: made by the tests, and held against them."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from tests.faults.cases import QUICK, SILENT, Case

BEGIN, END = "<!-- faults:begin -->", "<!-- faults:end -->"
HEAD = "| fault | what the ledger says | the phone received | time to heal |\n|---|---|---|---|\n"
PAGE = Path(__file__).resolve().parents[2] / "waheal" / "docs" / "faults.md"
_WRITES = "WAHEAL_WRITE_TABLE"

STORIES = (
    "conflict: replaced, over and over",
    "logout, with recipients of anyone's and of its own",
    "ban with an end (402), and a clock moved past it",
    "server gone for 3 s",
    "server gone for longer than three minutes",
    "network black-holed for everyone, for 4 s",
    "receipt released in a later run",
    "receipt released to `waheal sync`",
    "receipt released after `waheal resolve --resend`",
    "the phone asks again, too late",
    "a number registered under its other spelling only",
    "a passkey is asked for while a device is paired",
    "a phone that sends no history, and new chats that want its token",
    "a chat that is older than the device, of its phone's history",
    "session database restored from a copy",
    "the witness's insert fails (database locked over 10 s)",
    "more failures than `--pause-after-errors`",
    "login failure 405, of any device",
    "no device left",
)
"""Faults that a test of its own tells, in the table's order."""

ORDER = (*(case.name for case in (*QUICK, *SILENT)), *STORIES)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `heal` is informative: it is never compared."""

    fault: str
    ledger: str
    phone: str
    heal: str

    def line(self) -> str:
        """Write it in Markdown."""
        return f"| {self.fault} | {self.ledger} | {self.phone} | {self.heal} |\n"


def is_written() -> bool:
    """Whether this test run makes the table."""
    return bool(os.environ.get(_WRITES))


def tell(row: Row) -> None:
    """Write the row if that was asked for; else hold it against the one that stands."""
    assert row.fault in ORDER
    if is_written():
        _write(row)
        return
    standing = read(PAGE).get(row.fault)
    assert standing is not None, f"no row for {row.fault!r}: run the tests with {_WRITES}=1"
    told = (row.ledger, row.phone)
    assert (standing.ledger, standing.phone) == told, f"the table differs: use {_WRITES}=1"


def read(path: Path) -> dict[str, Row]:
    """Read the rows between the markers."""
    text = path.read_text().partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    rows = [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]
    return {row.fault: row for row in rows}


def _write(row: Row) -> None:
    """Put the row in its place; several workers do so at once."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        rows = {**read(PAGE), row.fault: row}
        table = HEAD + "".join(rows[fault].line() for fault in ORDER if fault in rows)
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}{END}{rest.partition(END)[2]}")


def times(count: int) -> str:
    """Say how often."""
    return {0: "nothing", 1: "once", 2: "twice"}.get(count, f"{count} times")


def ledger(state: str, attempt: int, reason: str | None, device: str | None = None) -> str:
    """Say what the ledger says."""
    said = f"{state}, attempt {attempt}" + (f": {reason}" if reason else "")
    return said + (f" (device: {device})" if device else "")


def tell_case(case: Case, seconds: float | None) -> None:
    """Tell the row of a case that came out as it says."""
    what = "rests" if case.chats is None else "begins no new chat"
    again = "when it is paired again"
    held = again if case.hold is None else f"{what} for {_span(case.hold)}"
    said = ledger(case.state, case.attempt, case.reason, case.quarantine or case.chats)
    tell(Row(case.name, said, times(case.received), heal(seconds, held)))


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 3600.0 else f"{seconds / 3600:.0f} h"


def heal(seconds: float | None, otherwise: str) -> str:
    """Say how long it took; `otherwise`, what it takes where it does not heal by itself."""
    if seconds is None:
        return otherwise
    return "under 0.1 s" if seconds < 0.1 else f"{seconds:.1f} s"
