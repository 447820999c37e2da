"""Senders of a host whose coordinator is gone: calls may end, and nothing more begins."""

from tests.kit.host_rig import PATIENCE, Rig, answers_in, jid_of
from waheal.model import DeviceId
from waheal.wire import Connect


def test_who_winds_up_lets_calls_end_and_begins_nothing_more() -> None:
    rig = Rig(senders=1)
    hang = rig.hangs(1)
    rig.send(2)  # queued behind it
    rig.senders.wind_up(0.0)
    assert answers_in(rig.reports) == []  # it waits for no call for ever
    rig.world.link(jid_of("2"))
    rig.send(3, "2")
    rig.senders.put(Connect(DeviceId("2"), jid_of("2")))
    hang.released.set()
    rig.senders.wind_up(PATIENCE)
    assert [each.delivery for each in answers_in(rig.reports)] == [1]  # told before it is over
    rig.until_idle()
    assert [each.delivery for each in answers_in(rig.reports)] == [1]
    assert rig.world.connects[jid_of("2")] == 0
