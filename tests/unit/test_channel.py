"""The host's end of its channel."""

import subprocess
import sys
from multiprocessing.connection import Pipe
from threading import Thread

import pytest

from waheal.host.channel import Channel
from waheal.wire import Finish, Ready, Setup

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
