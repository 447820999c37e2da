"""A host process whose coordinator is gone, with the real library."""

import os
import signal

import pytest

from tests.contract.host_process import Home
from tests.kit.sends import make_send
from waheal.hearsay import Attempt, Said, said_path, take_lines
from waheal.model import DeviceId
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.wire import Connect, Offline

pytestmark = pytest.mark.real


def test_it_ends_with_its_channel_and_ignores_signals(home: Home) -> None:
    home.pair("a")
    host = home.sender()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(host.process.pid, number)
    host.tell(Connect(DeviceId("x"), "15555550177:9@s.whatsapp.net"))
    host.first(Offline)
    host.close()
    assert host.process.returncode == 0


def test_what_is_under_way_when_its_coordinator_dies_is_kept_for_the_next_run(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, seconds=0.8))
    host.tell(make_send(1, "a", jid))
    home.control.phones.wait_received(1)
    host.tell(make_send(2, "a", jid))
    host.close()
    assert host.process.returncode == 0
    said = Said()
    take_lines(said_path(host.log).read_bytes(), said)
    assert [*said.accepted] == [Attempt(host.log.name, 1, 1)]
    assert len(home.control.phones.received()) == 1
