"""Nothing runs in the background for a device that nobody sends through."""

import time
from pathlib import Path

import pytest

from tests.kill.scene import until
from tests.kit.rig import PATIENCE
from tests.soak.fleet import fleet, hosts
from waheal.events import Paused
from waheal.model import Content, DeviceId, Phone, Planned, State

pytestmark = pytest.mark.real

_PING = "iq:w:p"  # the library's own, every 20 to 30 s: the clock of these tests


def _stay_idle(root: Path, pings: int) -> None:
    with fleet(root, devices=3) as made:
        used, unused = DeviceId("d1"), [DeviceId("d0"), DeviceId("d2")]
        later = time.time() + 800
        made.enroll_rows(
            [
                Planned(2, Phone("+12025550100"), Content("now"), pinned=used),
                Planned(3, Phone("+12025550101"), Content("later"), pinned=used, not_before=later),
                *(
                    Planned(
                        row,
                        Phone(f"+1202555011{row}"),
                        Content("later"),
                        pinned=each,
                        not_before=later,
                    )
                    for row, each in enumerate(unused, start=4)
                ),
            ]
        )
        running = made.start()
        running.wait_for(lambda event: isinstance(event, Paused))
        made.control.phones.wait_received(1)
        (host,) = hosts()
        jid = made.jid(used)
        until(lambda: made.tally()[State.DELIVERED] == 1, PATIENCE, "the receipt is in")
        before, threads = made.control.stats(), host.threads()
        counted = before.devices[jid].get(_PING, 0)
        after = made.control.wait_stats(_PING, counted + pings, timeout=120.0 * pings, device=jid)
        rest = {
            kind: count - before.devices[jid].get(kind, 0)
            for kind, count in after.devices[jid].items()
        }
        assert {kind: count for kind, count in rest.items() if count} == {_PING: pings}
        assert host.threads() <= threads
        assert [each.pid for each in hosts()] == [host.pid]
        for device in made.control.devices.linked():
            assert device.connects == (1 if device.jid == jid else 0)
        assert set(after.devices) == {jid}
        running.run.drain()
        running.finish()


def test_an_idle_device_has_no_thread_no_stanza_and_no_connect(tmp_path: Path) -> None:
    _stay_idle(tmp_path, pings=1)


@pytest.mark.soak
def test_nor_has_it_over_minutes(tmp_path: Path) -> None:
    _stay_idle(tmp_path, pings=6)
