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


def test_the_first_command_must_be_a_setup() -> None:
    _ours, theirs = Pipe()
    channel = Channel(theirs)
    channel._inbox.put(Finish())
    with pytest.raises(TypeError):
        channel.receive_setup()
    _ours.close()
    theirs.close()


def test_the_process_ends_at_once_when_the_other_end_closes() -> None:
    ours, theirs = Pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(theirs.fileno())], pass_fds=[theirs.fileno()]
    )
    theirs.close()
    ours.send(Setup("sessions.db"))
    ours.send(Finish())
    ours.close()
    assert child.wait(60) == 0
