"""How soon a STOP that one machine hears withholds what another one has claimed; for real."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, at_least
from tests.bench.words import at_part
from tests.kill.links.machines import Cluster, Machine, cluster
from tests.kill.scene import until
from waheal.model import Phone
from waheal.sandbox.control import FaultKind, FaultOrder

_DEVICES = 8  # a machine
_STOPS = 60
_WITHIN = 1.0  # seconds: for so long a device is in a message, and another waits in its host
_PATIENCE = 120.0

# Claims that are open, for devices that have another before it; the newest first.
_WAITING = """
SELECT a.id, d.phone FROM attempts a
  JOIN deliveries d ON d.id = a.delivery_id JOIN machines m ON m.id = a.machine
 WHERE m.name = '{}' AND a.ended IS NULL
   AND EXISTS (SELECT 1 FROM attempts b
                WHERE b.device = a.device AND b.id < a.id AND b.ended IS NULL)
 ORDER BY a.id DESC LIMIT 1
"""


_OPTED_OUT = "SELECT 1 FROM suppressions WHERE phone = '{}'"


def stops(place: Path, scale: float) -> Iterator[Figure]:
    """Whether a STOP at one machine's device withholds what waits in another one's host for 1 s."""
    wanted = max(5, round(_STOPS * scale))
    with cluster(place, machines=2, devices=_DEVICES, recipients=40 * wanted) as made:
        slow = FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=_WITHIN)
        made.sandbox.control.faults.order(slow)
        for machine in made.machines:
            made.send(machine)
        found = [*_stopped(made, wanted)]
    heard = [each for each, _ in found]
    yield Figure("from STOP to the ledger, median", at_part(heard, 0.5))
    yield Figure("from STOP to the ledger, p95", at_part(heard, 0.95))
    share = sum(withheld for _, withheld in found) / len(found)
    yield Figure("withheld elsewhere within 1 s", share, "", target=at_least(0.95))


def _stopped(made: Cluster, wanted: int) -> Iterator[tuple[float, bool]]:
    """Let so many write a STOP to the first machine whom the second has claimed, and not begun.

    Tells how long the ledger took to know it, and whether the second has withheld their message.
    """
    hears, claims = made.machines
    until(lambda: bool(hears.told("settled") and claims.told("settled")), _PATIENCE, "both send")
    with made.ledger() as ledger:
        known = {str(each.label): each.jid for each in ledger.devices.all(0.0, everywhere=True)}
    listens = known[str(hears.told("settled")[0]["device"])]
    seen, _ = _waiting(made, claims, 0)
    for _ in range(wanted):
        seen, phone = _waiting(made, claims, seen)
        since = time.monotonic()
        made.sandbox.control.phones.reply(phone, listens or "", "STOP")
        known_of = _OPTED_OUT.format(phone)
        until(lambda asks=known_of: bool(made.server.do(asks)), _PATIENCE, "it is heard")  # type: ignore[misc]
        heard = time.monotonic() - since
        until(lambda phone=phone: phone in _ended(claims), _PATIENCE, "it ends")  # type: ignore[misc]
        yield heard, not made.sandbox.control.phones.received(phone)


def _ended(machine: Machine) -> set[Phone]:
    return {Phone(str(each["phone"])) for each in machine.told("settled")}


def _waiting(made: Cluster, machine: Machine, seen: int) -> tuple[int, Phone]:
    """Wait until it claims somebody for a device that has just begun with somebody else."""
    found: list[tuple[object, ...]] = []

    def newer() -> bool:
        found[:] = made.server.do(_WAITING.format(machine.name))
        return bool(found) and int(str(found[0][0])) > seen

    until(newer, _PATIENCE, "it claims")
    ((number, phone),) = found
    return int(str(number)), Phone(str(phone))
