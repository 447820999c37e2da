"""The host's end of its channel."""

import subprocess
import sys
from multiprocessing.connection import Pipe
from pathlib import Path
from threading import Thread

import pytest

from waheal.hearsay import Said, said_path, take_lines
from waheal.host.channel import Channel
from waheal.model import DeviceId, ReceiptKind
from waheal.wire import Finish, Ready, ReceiptSeen, Setup

_CHILD = """
import sys, threading
from multiprocessing.connection import Connection
from waheal.host.channel import Channel
channel = Channel(Connection(int(sys.argv[1])))
channel.start()
channel.receive_setup()
channel.receive()
threading.Event().wait()
"""


def test_what_is_told_is_written_and_what_comes_is_received() -> None:
    ours, theirs = Pipe()
    channel = Channel(theirs)
    writer = Thread(target=channel._write, daemon=True)
    writer.start()
    channel.tell(Ready(1, "x"))
    assert channel.flush(60)
    assert ours.recv() == Ready(1, "x")
    ours.close()
    theirs.close()


def test_what_was_there_together_goes_in_one_frame() -> None:
    ours, theirs = Pipe()
    channel = Channel(theirs)
    reports = [Ready(number, "x") for number in range(100)]
    for report in reports:
        channel.tell(report)
    Thread(target=channel._write, daemon=True).start()
    assert channel.flush(10)
    frames = [ours.recv(), ours.recv()]
    assert [each for frame in frames for each in frame] == reports
    ours.close()
    theirs.close()


def receipt(number: int) -> ReceiptSeen:
    return ReceiptSeen(DeviceId("a"), (str(number),), ReceiptKind.DELIVERED)


def test_what_has_room_is_written_by_who_tells_it() -> None:
    """It outlives the process then, whatever becomes of that."""
    ours, theirs = Pipe()
    channel = Channel(theirs)
    channel.tell(receipt(1))
    theirs.close()
    assert ours.recv() == receipt(1)
    ours.close()


def test_nothing_overtakes_what_waits() -> None:
    ours, theirs = Pipe()
    channel = Channel(theirs)
    channel.tell(Ready(1, "x"))
    channel.tell(receipt(1))
    Thread(target=channel._write, daemon=True).start()
    assert channel.flush(60)
    channel.tell(receipt(2))
    assert [ours.recv(), ours.recv()] == [[Ready(1, "x"), receipt(1)], receipt(2)]
    ours.close()
    theirs.close()


def test_nobody_who_tells_waits_for_a_coordinator_that_does_not_read() -> None:
    ours, theirs = Pipe()
    channel = Channel(theirs)
    reports = [receipt(number) for number in range(3000)]
    for report in reports:
        channel.tell(report)
    Thread(target=channel._write, daemon=True).start()
    heard: list[object] = []
    while len(heard) < len(reports):
        frame = ours.recv()
        heard += frame if isinstance(frame, list) else [frame]
    assert heard == reports
    ours.close()
    theirs.close()


def test_the_first_command_must_be_a_setup() -> None:
    _ours, theirs = Pipe()
    channel = Channel(theirs)
    channel._inbox.put(Finish())
    with pytest.raises(TypeError):
        channel.receive_setup()
    _ours.close()
    theirs.close()


@pytest.mark.parametrize(
    "frames", [[Setup("sessions.db"), Finish()], [[Setup("sessions.db"), Finish()]]]
)
def test_the_process_ends_at_once_when_the_other_end_closes(frames: list[object]) -> None:
    ours, theirs = Pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(theirs.fileno())], pass_fds=[theirs.fileno()]
    )
    theirs.close()
    for frame in frames:
        ours.send(frame)
    ours.close()
    assert child.wait(60) == 0


_HEIR = """
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from waheal.host.channel import Channel
from waheal.host.last_words import LastWords
from waheal.model import DeviceId, ReceiptKind
from waheal.wire import ReceiptSeen
channel = Channel(Connection(int(sys.argv[1])))
channel.start()
channel.receive_setup()
channel.outlive(LastWords(Path(sys.argv[2])).keep)
channel.tell(ReceiptSeen(DeviceId("a"), ("BEFORE",), ReceiptKind.DELIVERED))
assert channel.receive() is None
channel.tell(ReceiptSeen(DeviceId("a"), ("AFTER",), ReceiptKind.READ))
assert channel.flush(60)
"""


def test_what_nobody_may_have_read_is_kept_with_what_is_told_later(tmp_path: Path) -> None:
    ours, theirs = Pipe()
    log = tmp_path / "host-1.log"
    child = subprocess.Popen(
        [sys.executable, "-c", _HEIR, str(theirs.fileno()), str(log)], pass_fds=[theirs.fileno()]
    )
    theirs.close()
    ours.send(Setup("sessions.db"))
    assert ours.recv() == ReceiptSeen(DeviceId("a"), ("BEFORE",), ReceiptKind.DELIVERED)
    ours.close()
    assert child.wait(60) == 0
    said = Said()
    take_lines(said_path(log).read_bytes(), said)
    assert [receipt.message_ids for receipt in said.receipts] == [("BEFORE",), ("AFTER",)]


def test_a_process_that_does_not_end_is_ended(tmp_path: Path) -> None:
    ours, theirs = Pipe()
    hangs = _HEIR.replace("assert channel.flush(60)", "import threading; threading.Event().wait()")
    child = subprocess.Popen(
        [sys.executable, "-c", hangs, str(theirs.fileno()), str(tmp_path / "host-1.log")],
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    ours.send(Setup("sessions.db"))
    assert isinstance(ours.recv(), ReceiptSeen)
    ours.close()
    assert child.wait(60) == 0
