"""Showing a pairing: a QR code that is redrawn, a code to type, or JSON lines."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from shlex import quote
from typing import Protocol

from waheal.cli.console import say, talk_on, write_json_line
from waheal.cli.scene import Scene
from waheal.cli.typed import typed
from waheal.errors import UsageError
from waheal.events import (
    CodeShown,
    DevicePaired,
    PairedAlready,
    PairingEvent,
    PairingFailed,
    QrShown,
)
from waheal.model import DeviceId
from waheal.views.opening import pad_for
from waheal.views.qr import QrView, qr_png
from waheal.views.talk import Talk
from waheal.views.words import visible
from waheal.writing import write_whole

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

    `local`: what lets a simulated phone scan it, too.
    """

    def __init__(self, talk: Talk, *, local: bool, drawn: bool) -> None:
        self._talk = talk
        self._local = local
        self._qr = self._new() if drawn else None

    def show(self, event: PairingEvent) -> None:
        match event:
            case QrShown(device, code, lasts, number, total):
                if self._local:
                    self._take_away()
                    scan = typed(f"`waheal sandbox scan {quote(code)}`").strip("`")
                    self._say(f"its simulated phone is, in another terminal:\n{scan}")
                if self._qr is not None:
                    self._qr.show(code, (_whose(device, number, total), _HOW), lasts)
            case CodeShown(device, code):
                self._say(
                    f"{device}: type {code} on the phone: Linked devices, Link with phone number"
                    " instead"
                )
            case DevicePaired(device, jid, salt):
                self._take_away()
                self._say(f"{device} is paired ({jid})")
                if not salt:
                    self._say(_BARE)
            case PairingFailed(device, reason, hint):
                self._take_away()
                self._say(f"error: {device} was not paired: {reason}")
                self._say(f"hint: {hint}")
            case PairedAlready(device):
                self._say(f"{device} is paired already")

    def close(self) -> None:
        """Take the code away."""
        if self._qr is not None:
            self._qr.close()

    def _new(self) -> QrView:
        return QrView(pad_for(self._talk.stream), self._talk, apart=not self._local)

    def _take_away(self) -> None:
        if self._qr is not None:
            self._qr.close()
            self._qr = self._new()

    def _say(self, text: str) -> None:
        self._talk.say(f"{visible(text)}\n")


class _InFile:
    """The QR code as a picture in a file, beside what another shows; gone once that is over."""

    def __init__(self, shown: Shown, path: Path) -> None:
        self._shown = shown
        self._path = path
        self._written = False

    def show(self, event: PairingEvent) -> None:
        if isinstance(event, QrShown):
            self._write(event)
        self._shown.show(event)

    def _write(self, shown: QrShown) -> None:
        try:
            write_whole(self._path, qr_png(shown.code))
        except OSError as error:
            raise UsageError(
                f"{self._path} can't be written: {error.strerror}", hint="name another file"
            ) from error
        self._written = True
        whose = _whose(shown.device, shown.number, shown.total)
        say(f"{whose}: scan {self._path} within {shown.lasts:.0f} s; {_HOW}")

    def close(self) -> None:
        """Take the last code away, if there was one: a file that stood there before stays."""
        if self._written and self._path.is_file():
            self._path.unlink()


def _whose(device: DeviceId, number: int, total: int) -> str:
    return f"{device}, {number} of {total}" if total > 1 else device


def can_show(here: Scene, qr_file: Path | None) -> bool:
    """Whether there is anything to show a QR code on, or in."""
    return qr_file is not None or here.json or not here.workspace.real or sys.stderr.isatty()


@contextmanager
def open_shown(here: Scene, qr_file: Path | None = None) -> Iterator[Shown]:
    """Tell what shows the pairing in this scene."""
    with ExitStack() as stack:
        if here.json:
            told: Shown = _Json()
        else:
            talk = stack.enter_context(closing(talk_on(sys.stderr)))
            drawn = talk.stream.isatty() and qr_file is None
            told = stack.enter_context(
                closing(_Words(talk, local=not here.workspace.real, drawn=drawn))
            )
        if qr_file is not None:
            told = stack.enter_context(closing(_InFile(told, qr_file)))
        yield told
