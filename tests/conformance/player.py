"""A device of a real host that is told stanzas while it sends, and what the host makes of them."""

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar, assert_never

from tests.conformance.notation import Cast, stanza
from tests.contract.host_process import HostProcess
from tests.kit.rig import phones
from tests.kit.sends import make_send
from waheal.model import Accepted, DeviceId, NotSent, Outcome, Phone, ReceiptKind
from waheal.sandbox.codec import encode
from waheal.sandbox.control import Control
from waheal.wire import (
    Connect,
    Healing,
    InboundText,
    Offline,
    Online,
    ReceiptSeen,
    Report,
)

CONTACT = Phone("+12395550142")
_PHONES = phones(2000)

R = TypeVar("R", Online, Offline)

_Told = ReceiptSeen | InboundText | Offline | Healing


def tell(control: Control, jid: str, notation: str, sent: str, text: str | None) -> None:
    """Have the server say this to a device that has sent the message `sent`."""
    cast = Cast(jid.partition(":")[0], CONTACT.removeprefix("+"), sent, time.time())
    phone = None if text is None else CONTACT
    control.devices.tell(jid, encode(stanza(notation, cast)), phone, text or "")


class Player:
    """One device of a host that may have others; `numbers` are all of the host's deliveries."""

    def __init__(
        self, host: HostProcess, control: Control, label: str, jid: str, numbers: Iterator[int]
    ) -> None:
        self.control, self.jid = control, jid
        self._host = host
        self._device = DeviceId(label)
        self._numbers = numbers
        self._sent = ""
        host.tell(Connect(self._device, jid))
        host.wait(lambda told: next(self._of(told, Online), None))

    def send(self) -> None:
        """Send a message to somebody new, and wait until it is delivered.

        Where nothing left, for the connection went in mid-way, it is tried again, as in a run.
        """
        start = len(self._host.reports)
        outcome = self._outcome()
        if isinstance(outcome, NotSent) and not outcome.counts:
            outcome = self._outcome()
        assert isinstance(outcome, Accepted), outcome
        self._sent = outcome.message_id
        delivered = ReceiptSeen(self._device, (self._sent,), ReceiptKind.DELIVERED)
        self._host.wait(lambda told: True if delivered in told[start:] else None)

    def _outcome(self) -> Outcome:
        number = next(self._numbers)
        heard = sum(isinstance(each, InboundText) for each in self._host.reports)
        self._host.tell(make_send(number, self._device, self.jid, _PHONES[number], heard=heard))
        return self._host.outcome(number)

    def tell(self, notation: str, text: str | None = None) -> None:
        """Have the server say this to the device; `text` is what a contact seals into it."""
        tell(self.control, self.jid, notation, self._sent, text)

    def beside_a_run(
        self, notation: str, text: str | None = None, awaited: Sequence[str] = ()
    ) -> list[str]:
        """Send, have this said, send again; what the host made of it, in words.

        `awaited` is waited for before the second message, since a host may take its time.
        """
        self.send()
        start, sent = len(self._host.reports), self._sent
        self.tell(notation, text)
        self._host.wait(
            lambda told: True if len(self._made(told[start:], sent, "")) >= len(awaited) else None
        )
        self.send()
        return self._made(self._host.reports[start:], sent, self._sent)

    def _made(self, reports: Sequence[Report], sent: str, later: str) -> list[str]:
        """Word what was told of this device, but for the end of the message sent `later`."""
        told = (each for each in reports if isinstance(each, _Told))
        mine = (each for each in told if each.device == self._device)
        return sorted(word for each in mine for word in _words(each, sent, later))

    def acks(self) -> int:
        """Count what the device has acknowledged so far."""
        return self.control.stats().devices[self.jid].get("ack", 0)

    def offline(self) -> Offline:
        """Wait until the host tells that the device can't be used."""
        return self._host.wait(lambda told: next(self._of(told, Offline), None))

    def _of(self, reports: Sequence[Report], kind: type[R]) -> Iterator[R]:
        told = (each for each in reports if isinstance(each, kind))
        return (each for each in told if each.device == self._device)


def _words(report: _Told, sent: str, later: str) -> Iterator[str]:
    match report:
        case ReceiptSeen(message_ids=ids, kind=kind):
            told = (f"{kind.value}{'' if each == sent else ' of another'}" for each in ids)
            yield from told if ids != (later,) else ()
        case InboundText(text=text, phone=phone):
            yield f"heard {text}{'' if phone is None else ' with a number'}"
        case Offline(reason=reason, quarantine=quarantine):
            yield f"offline: {reason} ({quarantine})"
        case Healing(cause=cause):
            yield f"healing: {cause}"
        case _:
            assert_never(report)
