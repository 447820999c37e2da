"""What hosts have said and the ledger has not written: kept, let go, and read back."""

from pathlib import Path

import pytest

from waheal.engine.unwritten import Unwritten
from waheal.hearsay import Attempt, Said, said_path
from waheal.host.last_words import LastWords
from waheal.model import (
    Accepted,
    Ballot,
    DeviceId,
    NotSent,
    Phone,
    ReceiptKind,
    Rejected,
    ReplyKind,
    Unknown,
)
from waheal.store.home import Home
from waheal.wire import Answer, InboundText, Ready, ReceiptSeen

ONE = DeviceId("one")
LOG = "host-1.log"
RECEIPT = ReceiptSeen(ONE, ("ID", "ID-2"), ReceiptKind.DELIVERED)
STOP = InboundText(ONE, "77@lid", None, "STOP", 20.0)
VOTE = InboundText(
    ONE, "1202@s.whatsapp.net", Phone("+12025550101"), "", 10.5, ReplyKind.VOTE, "ID-9", "ID",
    Ballot(b"\x00\xff", b"\x01", "1201@s.whatsapp.net", ("77@lid", "1202@s.whatsapp.net"), 10.25),
)  # fmt: skip


def ok(delivery: int) -> Answer:
    return Answer(delivery, 1, ONE, Accepted(f"ID-{delivery}"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home", create=True)


@pytest.fixture
def file(home: Home) -> Unwritten:
    return Unwritten(home)


def left(file: Unwritten) -> Said:
    """Read it as the next run does."""
    return Unwritten(file._home).read()


def accepted(*deliveries: int) -> dict[Attempt, str]:
    return {Attempt(LOG, each, 1): f"ID-{each}" for each in deliveries}


@pytest.mark.parametrize("kind", ReceiptKind)
def test_an_ok_and_a_receipt_are_kept_until_they_are_written(
    file: Unwritten, kind: ReceiptKind
) -> None:
    receipt = ReceiptSeen(ONE, ("ID", "ANOTHER"), kind)
    file.keep(LOG, [ok(1), receipt])
    assert left(file) == Said(accepted(1), [receipt])
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


@pytest.mark.parametrize("no", [NotSent("busy"), Rejected("not on WhatsApp")])
def test_a_no_is_kept_with_its_reason(file: Unwritten, no: NotSent | Rejected) -> None:
    file.keep(LOG, [Answer(1, 2, ONE, no)])
    assert left(file) == Said(unsent={Attempt(LOG, 1, 2): no.reason})


def test_what_settles_nothing_is_not_kept(file: Unwritten) -> None:
    file.keep(LOG, [Answer(1, 1, ONE, Unknown("timed out"))])
    assert not file._path.exists()


@pytest.mark.parametrize(
    "odd",
    [
        b'["ok", "host-1.log", 1, 1, "ID', b"\xff\n", b"[]\n", b"7\n", b'["ok", 1, 2, 3, 4]\n',
        b'["receipt", "one", "nosuch", "ID"]\n', b"[" * 100_000 + b"\n",
        b'["text", "one", "7@lid", "STOP", 1.0, "nosuch", {}]\n',
        b'["text", "one", "7@lid", "STOP", 1.0, "text", null]\n',
        b'["text", "one", "7@lid", "", 1.0, "text", {"ballot": ["xy", "", "", 1.0]}]\n',
    ],
)  # fmt: skip
def test_a_line_that_is_none_says_nothing(file: Unwritten, odd: bytes) -> None:
    file.keep(LOG, [ok(1)])
    with file._path.open("ab") as more:
        more.write(odd)
    assert left(file).accepted == accepted(1)


def test_a_file_that_cannot_be_written_stops_nobody(home: Home) -> None:
    home.unwritten_path.mkdir()
    file = Unwritten(home)
    file.keep(LOG, [ok(1)])
    file.mark()
    file.written()
    assert file.read() == Said()
    file.clear()
    LastWords(home.root / "gone" / LOG).keep([ok(1)])


def test_no_link_is_followed(home: Home, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("kept\n")
    home.unwritten_path.symlink_to(theirs)
    said_path(home.logs / LOG).symlink_to(theirs)
    file = Unwritten(home)
    file.keep(LOG, [ok(1)])
    LastWords(home.logs / LOG).keep([ok(1)])
    assert file.read() == Said()
    assert theirs.read_text() == "kept\n"


def test_what_somebody_wrote_is_kept_as_it_came(file: Unwritten) -> None:
    file.keep(LOG, [STOP, VOTE])
    assert left(file) == Said(texts=[VOTE, STOP])  # in the order of their times


def test_what_hosts_could_not_say_is_read_with_it(file: Unwritten, home: Home) -> None:
    file.keep(LOG, [ok(1)])
    other = LastWords(home.logs / "host-2.log")
    other.keep([Ready(1, "x")])  # is told again by the next one
    assert not said_path(home.logs / "host-2.log").exists()
    other.keep([RECEIPT])
    other.keep([STOP])
    assert left(file) == Said(accepted(1), [RECEIPT], [STOP])
    assert said_path(home.logs / "host-2.log").stat().st_mode & 0o777 == 0o600
    file.clear()
    assert left(file) == Said()


def test_texts_can_be_left_for_another(file: Unwritten, home: Home) -> None:
    file.keep(LOG, [ok(1), STOP])
    LastWords(home.logs / LOG).keep([RECEIPT, VOTE])
    file.leave(left(file).texts)
    assert left(file) == Said(texts=[VOTE, STOP])
    assert not [*home.logs.iterdir()]
    file.leave([])
    assert not home.unwritten_path.exists()
