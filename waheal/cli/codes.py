"""Showing a pairing: a QR code that is redrawn, a code to type, or JSON lines."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Protocol

from waheal.cli.console import say, write_json_line
from waheal.cli.scene import Scene
from waheal.events import (
    CodeShown,
    DevicePaired,
    PairedAlready,
    PairingEvent,
    PairingFailed,
    QrShown,
)
from waheal.views.opening import pad_for
from waheal.views.qr import QrView
from waheal.views.talk import Talk
from waheal.views.words import visible

_BARE = (
    "note: its phone has not sent its history yet, and without it first messages to new contacts go"
    " without the token that WhatsApp asks for (463)\n"
    "hint: open WhatsApp on the phone, then run `waheal sync --for 2m`; `waheal doctor` tells"
    " whether it has come"
)
_HOW = "on the phone: Settings, Linked devices, Link a device"


class Shown(Protocol):
    """Something that shows a pairing."""

    def show(self, event: PairingEvent) -> None:
        """Take what the pairing told."""


class _Json:
    """The operators' JSON lines, on stdout."""

    def show(self, event: PairingEvent) -> None:
        match event:
            case QrShown(_, code):
                write_json_line({"event": "qr", "code": code})
            case CodeShown(_, code):
                write_json_line({"event": "pair_code", "code": code})
            case DevicePaired(device, jid, salt):
                write_json_line({"event": "paired", "device": device, "jid": jid, "salt": salt})
            case PairingFailed(_, reason, hint):
                write_json_line({"event": "failed", "reason": reason, "hint": hint})
            case PairedAlready(device):
                say(f"{device} is paired already")


class _Words:
    """Words on stderr, with the QR code where a terminal can draw it.

    `local`: the codes themselves too, for `waheal sandbox scan`.
    """

    def __init__(self, talk: Talk, *, local: bool) -> None:
        self._talk = talk
        self._local = local
        terminal = talk.stream.isatty()
        self._qr = QrView(pad_for(talk.stream), talk) if terminal else None

    def show(self, event: PairingEvent) -> None:
        match event:
            case QrShown(_, code):
                if self._local or self._qr is None:
                    self.close()
                    self._say(code)
                if self._qr is not None:
                    self._qr.show(code, _HOW)
            case CodeShown(_, code):
                self._say(
                    f"type {code} on the phone: Linked devices, Link with phone number instead"
                )
            case DevicePaired(device, jid, salt):
                self.close()
                self._say(f"{device} is paired ({jid})")
                if not salt:
                    self._say(_BARE)
            case PairingFailed(device, reason, hint):
                self.close()
                self._say(f"error: {device} was not paired: {reason}")
                self._say(f"hint: {hint}")
            case PairedAlready(device):
                self._say(f"{device} is paired already")

    def close(self) -> None:
        """Take the code away."""
        if self._qr is not None:
            self._qr.close()

    def _say(self, text: str) -> None:
        self._talk.say(f"{visible(text)}\n")


@contextmanager
def open_shown(here: Scene) -> Iterator[Shown]:
    """Tell what shows the pairing in this scene."""
    if here.json:
        yield _Json()
        return
    with closing(Talk(sys.stderr)) as talk:
        told = _Words(talk, local=not here.workspace.real)
        try:
            yield told
        finally:
            told.close()
