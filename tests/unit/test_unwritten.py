"""What hosts have said and the ledger has not written: kept, let go, and read back."""

from pathlib import Path

import pytest

from waheal.engine.unwritten import Attempt, Said, Unwritten
from waheal.model import Accepted, DeviceId, NotSent, ReceiptKind
from waheal.wire import Answer, ReceiptSeen, Report

ONE = DeviceId("one")
LOG = "host-1.log"
STAMP = "ab12"
RECEIPT = ReceiptSeen(ONE, ("ID", "ID-2"), ReceiptKind.DELIVERED)


def ok(delivery: int) -> Answer:
    return Answer(delivery, 1, ONE, Accepted(f"ID-{delivery}"))


@pytest.fixture
def file(tmp_path: Path) -> Unwritten:
    made = Unwritten(tmp_path / "unwritten")
    made.stamp = STAMP
    return made


def left(file: Unwritten) -> Said:
    """Read it as the next run does."""
    return Unwritten(file._path).read()


def accepted(*deliveries: int) -> dict[Attempt, str]:
    return {Attempt(STAMP, each, 1): f"ID-{each}" for each in deliveries}


def test_an_ok_and_a_receipt_are_kept_until_they_are_written(file: Unwritten) -> None:
    file.keep(LOG, [ok(1), RECEIPT])
    assert left(file) == Said(accepted(1), [(LOG, RECEIPT)])
    file.mark()
    file.written()
    assert left(file) == Said()
    assert file._path.stat().st_mode & 0o777 == 0o600


def test_what_came_after_a_turn_had_gathered_stays(file: Unwritten) -> None:
    file.keep(LOG, [ok(1)])
    file.mark()
    file.keep(LOG, [ok(2)])
    file.written()
    file.keep(LOG, [ok(3)])
    assert left(file).accepted == accepted(2, 3)
    file.written()  # nothing was gathered since
    assert left(file).accepted == accepted(2, 3)


@pytest.mark.parametrize(
    "report",
    [Answer(1, 1, ONE, NotSent("busy")), ReceiptSeen(ONE, ("ID",), ReceiptKind.RETRY)],
)
def test_what_settles_nothing_is_not_kept(file: Unwritten, report: Report) -> None:
    file.keep(LOG, [report])
    assert not file._path.exists()


def test_an_ok_of_a_run_that_has_no_stamp_yet_could_be_anybodys(file: Unwritten) -> None:
    file.stamp = ""
    file.keep(LOG, [ok(1)])
    assert left(file) == Said()


@pytest.mark.parametrize(
    "odd",
    [
        b'["ok", "ab12", 1, 1, "ID', b"\xff\n", b"[]\n", b"7\n", b'["ok", 1, 2, 3, 4]\n',
        b'["receipt", "log", "one", "nosuch", "ID"]\n', b"[" * 100_000 + b"\n",
    ],
)  # fmt: skip
def test_a_line_that_is_none_says_nothing(file: Unwritten, odd: bytes) -> None:
    file.keep(LOG, [ok(1)])
    with file._path.open("ab") as more:
        more.write(odd)
    assert left(file).accepted == accepted(1)


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    file = Unwritten(tmp_path / "gone" / "unwritten")
    file.stamp = STAMP
    file.keep(LOG, [ok(1)])
    file.mark()
    file.written()
    assert file.read() == Said()
    file.clear()


def test_no_link_is_followed(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("kept\n")
    (tmp_path / "unwritten").symlink_to(theirs)
    file = Unwritten(tmp_path / "unwritten")
    file.stamp = STAMP
    file.keep(LOG, [ok(1)])
    assert file.read() == Said()
    assert theirs.read_text() == "kept\n"
