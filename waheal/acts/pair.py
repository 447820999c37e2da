"""Pairs devices, one after the other, by a QR code or by a code typed on the phone."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from waheal.acts import parsing
from waheal.acts.attaching import attached
from waheal.acts.holding import settle_unless_held
from waheal.acts.numbers import read_phone
from waheal.acts.wishes import ReplyWords
from waheal.acts.workspace import Workspace
from waheal.engine.inbound import Inbound, inbound_for
from waheal.engine.pairing import pair as pair_devices
from waheal.errors import UsageError
from waheal.events import (
    CodeShown,
    DevicePaired,
    PairedAlready,
    PairingEvent,
    PairingFailed,
    QrShown,
)
from waheal.model import DeviceId, Phone
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions, phone_of
from waheal.wire import InboundText, PairCode, Paired, PairFailed, QrCode, Report

_AGAIN = "run the same command again; those that were paired are kept"


def pair(
    workspace: Workspace,
    labels: Sequence[str],
    *,
    code: str | None = None,
    region: str | None = None,
    qr: bool = True,
    replies: ReplyWords | None = None,
    keep_replies: bool = False,
) -> Generator[PairingEvent, None, None]:
    """Pair these devices, telling codes, successes and the first failure.

    A device that is paired already is left alone, so the same can be asked for again; one that was
    logged out keeps its history. `code`: the number of the phone on which a code is typed. `qr`:
    whoever listens can show a QR code. Replies that a device gets while it is linked are taken as
    `sync` takes them.

    >>> from waheal.acts.sandbox import scan
    >>> for event in waheal.pair(home, ["shop"]):
    ...     match event:
    ...         case waheal.QrShown(code=code):
    ...             jid = scan(home, code)  # the sandbox's phone; else somebody with a telephone
    ...         case waheal.DevicePaired():
    ...             print(event.device, event.jid == jid)
    shop True

    Raises:
        UsageError: a label or a number can't be one, several devices for one code, or neither QR
            nor code.
    """
    wanted = [parsing.label(text) for text in labels]
    number = None if code is None else read_phone(code, region)
    if number is not None and len(wanted) > 1:
        raise UsageError("--code pairs one device at a time", hint="name one label")
    home = workspace.home()
    with workspace.ledger(home) as ledger, attached(workspace, home, ledger) as target:
        # A pairing writes the session database, beside a run if there is one.
        settle_unless_held(home, ledger, "waheal devices pair")
        missing = _unlinked(home, ledger, wanted)
        for label in sorted(set(wanted) - set(missing)):
            yield PairedAlready(label)
        if not missing:
            return
        if number is None and not qr:
            raise UsageError(
                "there is no terminal to draw the QR code in",
                hint="pair with --qr-file code.png, --code PHONE or --json",
            )
        # Closing ends the pairing's process, whatever happens here.
        with (
            closing(Sessions(home.sessions_path)) as sessions,
            closing(
                pair_devices(home, missing, settings=target.host, code_phone=number)
            ) as reports,
        ):
            words = (replies or ReplyWords()).words()
            inbound = inbound_for(ledger, sessions, words, None, keep_replies=keep_replies)
            yield from _followed(ledger, inbound, missing, number, reports)


def _followed(
    ledger: Ledger,
    inbound: Inbound,
    labels: Sequence[DeviceId],
    number: Phone | None,
    reports: Iterator[Report],
) -> Iterator[PairingEvent]:
    """Keep what is paired, what stands in a device's way, and what is written to it meanwhile."""
    waiting = iter(enumerate(labels, 1))
    nth, device = next(waiting)
    for report in reports:
        match report:
            case QrCode(code, lasts):
                yield QrShown(device, code, lasts, nth, len(labels))
            case PairCode(code):
                yield CodeShown(device, code)
            case Paired(label, jid, _, salt):
                ledger.devices.add(label, jid, phone_of(jid), time.time())
                nth, device = next(waiting, (nth, label))
                yield DevicePaired(label, jid, salt)
            case InboundText():
                with ledger.transaction():
                    inbound.text(report, time.time())
            case PairFailed(label, reason, hint, quarantine):
                if quarantine is not None:
                    ledger.devices.note_unpaired(label, number, quarantine)
                yield PairingFailed(label, reason, hint or _AGAIN)
                return
            case _:
                continue


def _unlinked(home: Home, ledger: Ledger, wanted: Sequence[DeviceId]) -> list[DeviceId]:
    """Leave out those that are paired, and whose login is stored."""
    with closing(Sessions(home.sessions_path)) as sessions:
        stored = sessions.devices()
    linked = {
        device.label
        for device in ledger.devices.all(time.time())
        if device.jid in stored and not device.unlinked
    }
    return [label for label in wanted if label not in linked]
