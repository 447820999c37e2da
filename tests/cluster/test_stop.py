"""A STOP that one machine hears, of whom another has claimed, through hosts and a sandbox."""

from pathlib import Path

import pytest

from tests.kill.links.machines import Cluster, cluster
from tests.kill.scene import until
from tests.kit.rig import PATIENCE
from waheal.model import Phone, State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = [pytest.mark.cluster, pytest.mark.soak, pytest.mark.real]

ACK = 20.0  # seconds in which a device is in a message, while the next waits in its host


def in_hand(made: Cluster, name: str) -> list[Phone]:
    """List whom a machine has claimed, in that order."""
    rows = made.server.do(
        "SELECT d.phone FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"  # noqa: S608
        f" JOIN machines m ON m.id = a.machine WHERE m.name = '{name}' ORDER BY a.id"
    )
    return [Phone(str(phone)) for (phone,) in rows]


def test_it_withholds_what_the_other_has_in_hand(tmp_path: Path) -> None:
    with cluster(tmp_path, machines=2, devices=1, recipients=12) as made:
        slow = FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=ACK)
        made.sandbox.control.faults.order(slow)
        commands = [made.send(machine) for machine in made.machines]
        until(lambda: len(in_hand(made, "b")) == 2, PATIENCE, "the other has two in hand")
        waits = in_hand(made, "b")[1]
        with made.ledger() as ledger:
            (listens,) = ledger.devices.all(0.0)
        made.sandbox.control.devices.wait_connected(listens.jid or "")
        made.sandbox.control.phones.reply(waits, listens.jid or "", "STOP")
        made.sandbox.control.faults.clear()  # for those after these
        for command in commands:
            assert command.wait() == 0, command.told
        assert made.states()[waits] is State.SUPPRESSED
        assert made.shown() == {phone: 1 for phone in made.recipients if phone != waits}
