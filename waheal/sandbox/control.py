"""The control interface's client: typed, synchronous, one request a call; no server's insides."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TypeVar
from urllib.parse import urlsplit

from waheal.sandbox.control_words import (
    Action,
    LinkedDevice,
    ProvisionedDevice,
    Stats,
    authorization,
)
from waheal.sandbox.fault_orders import FaultKind, FaultOrder
from waheal.sandbox.inbox import InboxEntry
from waheal.sandbox.json_fields import FieldError, Fields, Json, Row, parse_row

__all__ = [
    "Action",
    "Control",
    "ControlError",
    "ControlForbiddenError",
    "ControlStrangerError",
    "ControlTimeoutError",
    "DeviceControl",
    "FaultControl",
    "FaultKind",
    "FaultOrder",
    "InboxEntry",
    "LinkedDevice",
    "PhoneControl",
    "ProvisionedDevice",
    "Stats",
]

_OK, _FORBIDDEN, _TIMED_OUT = 200, 403, 408
_SLACK = 30.0  # seconds that an answer may take beyond what it waits for
_LOOKS = frozenset({"received", "devices", "stats"})
_LARGEST = 32 << 20  # bytes of an answer: a hundred thousand messages
_RETRY = 0.05  # seconds between tries while the server is gone


Told = TypeVar("Told")


class ControlError(Exception):
    """The sandbox did not do what it was asked for, and says why."""


class ControlForbiddenError(ControlError):
    """The sandbox does not take the token: it is of another server, or of another start."""


class ControlStrangerError(ControlError):
    """What answers there is no sandbox, or of another version."""


class ControlTimeoutError(ControlError):
    """What was waited for has not come in time."""


@dataclass(frozen=True, slots=True)
class _Wire:
    """The way to a sandbox: an operation out, its answer back, one request each."""

    proxy_url: str
    token: str = field(repr=False)
    patience: float

    def ask(self, operation: Row, read: Callable[[Fields], Told], slack: float = _SLACK) -> Told:
        """Let an operation be done, and read its answer.

        `slack`: how long that may take beyond the operation's own timeout.
        """
        deadline = time.monotonic() + self.patience
        while True:  # a server that was ordered to be gone comes back
            try:
                with _understood():
                    return read(self._ask_once(operation, slack))
            except ConnectionRefusedError:
                if time.monotonic() >= deadline:
                    raise
            except ConnectionResetError:  # it may have been done: only a look may be repeated
                if operation["op"] not in _LOOKS or time.monotonic() >= deadline:
                    raise
            time.sleep(_RETRY)

    def watch(self) -> Iterator[Row]:
        """Follow the watcher's lines until the server ends."""
        connection = self._connection(None)
        try:
            connection.request("GET", "/control/watch", headers=self._headers)
            response = connection.getresponse()
            if response.status != _OK:
                _read(response)
            for line in response:
                with _understood():
                    row = parse_row(line)
                yield row
        finally:
            connection.close()

    def _ask_once(self, operation: Row, slack: float) -> Fields:
        connection = self._connection(Fields(operation).real("timeout", 0.0) + slack)
        try:
            connection.request("POST", "/control", json.dumps(operation), self._headers)
            return _read(connection.getresponse())
        finally:
            connection.close()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": authorization(self.token)}

    def _connection(self, timeout: float | None) -> HTTPConnection:
        address = urlsplit(self.proxy_url)
        return HTTPConnection(address.hostname or "", address.port, timeout=timeout)


@dataclass(frozen=True, slots=True)
class PhoneControl:
    """What the simulated phones received, and what they do. Phones are numbers."""

    _wire: _Wire

    def received(self, phone: str | None = None) -> list[InboxEntry]:
        """Tell what one phone, or all of them, could read; oldest first."""
        return self._wire.ask({"op": "received", "phone": phone}, _entries)

    def wait_received(
        self, count: int, timeout: float = 30.0, phone: str | None = None
    ) -> list[InboxEntry]:
        """Tell what was read once it is `count` messages.

        Raises:
            ControlTimeoutError: it was not in `timeout` seconds.
        """
        wanted: Row = {"op": "received", "count": count, "phone": phone, "timeout": timeout}
        return self._wire.ask(wanted, _entries)

    def scan(self, qr_text: str, phone: str | None = None) -> str:
        """Scan a QR text with a phone, or with a new number's; the JID of the device to be."""
        wanted: Row = {"op": "scan", "qr": qr_text, "phone": phone}
        return self._wire.ask(wanted, lambda answer: answer.text("jid"))

    def enter_code(self, phone: str, code: str) -> None:
        """Type a pairing code into the phone that it was asked for."""
        self._wire.ask({"op": "enter_code", "phone": phone, "code": code}, _nothing)

    def reply(
        self,
        phone: str,
        device: str,
        text: str,
        *,
        by_lid: bool = False,
        message: bytes | None = None,
    ) -> None:
        """Send a text from a phone to a device; to all of a number's devices if it is a number.

        `by_lid`: it says who wrote by the LID alone, as for some contacts of the real one.
        `message`: this Message, as the protobuf is written, in the place of the text.
        """
        order: Row = {
            "op": "reply",
            "phone": phone,
            "device": device,
            "text": text,
            "by_lid": by_lid,
            "message": None if message is None else message.hex(),
        }
        self._wire.ask(order, _nothing)

    def vote(self, phone: str, message_id: str, *options: str) -> None:
        """Vote from a phone in a poll that it received, for these options and no others."""
        order: Row = {
            "op": "vote", "phone": phone, "message_id": message_id, "options": "\n".join(options),
        }  # fmt: skip
        self._wire.ask(order, _nothing)

    def mark_read(self, phone: str, message_id: str) -> None:
        """Let the phone show a message to its owner."""
        order: Row = {"op": "mark_read", "phone": phone, "message_id": message_id}
        self._wire.ask(order, _nothing)


@dataclass(frozen=True, slots=True)
class DeviceControl:
    """The linked devices. One is named by its JID, or all of a number's by the number."""

    _wire: _Wire

    def linked(self) -> list[LinkedDevice]:
        """Every linked device."""
        return self._wire.ask({"op": "devices"}, _linked)

    def wait_connected(self, device: str, timeout: float = 30.0, logins: int = 0) -> LinkedDevice:
        """Tell the device once it is online, after at least so many logins.

        Raises:
            ControlTimeoutError: it was not in `timeout` seconds.
        """
        wanted: Row = {
            "op": "devices",
            "device": device,
            "online": True,
            "logins": logins,
            "timeout": timeout,
        }
        return next(one for one in self._wire.ask(wanted, _linked) if one.online)

    def wait_disconnected(self, device: str, timeout: float = 30.0) -> None:
        """Return once the device is offline.

        Raises:
            ControlTimeoutError: it was not in `timeout` seconds.
        """
        wanted: Row = {"op": "devices", "device": device, "online": False, "timeout": timeout}
        self._wire.ask(wanted, _nothing)

    def act(self, device: str, action: Action, code: int = 503) -> None:
        """Do something to a device at once; code is that of a stream error."""
        order: Row = {"op": "act", "device": device, "action": action.value, "code": code}
        self._wire.ask(order, _nothing)

    def tell(self, device: str, stanza: bytes, phone: str | None = None, text: str = "") -> None:
        """Send a device that is connected a stanza, once, whatever it is.

        `stanza`: as `codec.encode` writes it. With `phone`, its `<enc>` becomes this text, sealed
        by that number's phone for the device.
        """
        order: Row = {
            "op": "tell",
            "device": device,
            "stanza": stanza.hex(),
            "phone": phone,
            "text": text,
        }
        self._wire.ask(order, _nothing)

    def provision(self, count: int) -> list[ProvisionedDevice]:
        """Link this many devices without a pairing; what a session database needs for each."""
        slack = _SLACK + count * 0.05
        return self._wire.ask({"op": "provision", "count": count}, _provisioned, slack)


@dataclass(frozen=True, slots=True)
class FaultControl:
    """What shall go wrong from now on."""

    _wire: _Wire

    def order(self, fault: FaultOrder) -> None:
        """Let something go wrong."""
        row: dict[str, Json] = {name: getattr(fault, name) for name in fault.__slots__}
        self._wire.ask({"op": "order", **row}, _nothing)

    def clear(self) -> None:
        """Let everything go right again, and hand over what was withheld."""
        self._wire.ask({"op": "clear_faults"}, _nothing)

    def release_receipts(self) -> int:
        """Send the receipts that were withheld; how many."""
        return self._wire.ask({"op": "release_receipts"}, lambda answer: answer.integer("released"))


@dataclass(frozen=True, slots=True)
class Control:
    """A sandbox's control interface, by what is asked about; `token` is in its trust file.

    Every method of it and its parts raises ControlError when the sandbox refuses, or when something
    else answers, and OSError when it can't be reached within `patience` seconds.
    """

    proxy_url: str
    token: str = field(repr=False)
    patience: float = 10.0

    @property
    def phones(self) -> PhoneControl:
        """The simulated phones."""
        return PhoneControl(self._wire)

    @property
    def devices(self) -> DeviceControl:
        """The linked devices."""
        return DeviceControl(self._wire)

    @property
    def faults(self) -> FaultControl:
        """What shall go wrong."""
        return FaultControl(self._wire)

    def stats(self) -> Stats:
        """Tell what clients sent, by kind."""
        return self._wire.ask({"op": "stats"}, Stats.from_fields)

    def wait_stats(self, kind: str, count: int, timeout: float = 30.0, device: str = "") -> Stats:
        """Tell the counts once `kind` is at `count`, for one device or for all together.

        Raises:
            ControlTimeoutError: it was not in `timeout` seconds.
        """
        wanted: Row = {
            "op": "stats",
            "kind": kind,
            "count": count,
            "device": device,
            "timeout": timeout,
        }
        return self._wire.ask(wanted, Stats.from_fields)

    def watch(self) -> Iterator[Row]:
        """Follow what happens, from now on, until the server ends."""
        return self._wire.watch()

    @property
    def _wire(self) -> _Wire:
        return _Wire(self.proxy_url, self.token, self.patience)


@contextmanager
def _understood() -> Iterator[None]:
    """Take what can't be read, or held, for the answer of somebody else."""
    try:
        yield
    except (FieldError, HTTPException, MemoryError) as error:
        raise ControlStrangerError(f"no sandbox answers so: {error}") from error


def _read(response: HTTPResponse) -> Fields:
    data = response.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise FieldError("it has no end")
    if response.length:
        raise FieldError("it breaks off")
    fields = Fields(parse_row(data or b"{}"))
    if response.status == _OK:
        return fields
    reason = fields.text("error", f"status {response.status}")
    if response.status == _FORBIDDEN:
        raise ControlForbiddenError(reason)
    if response.status == _TIMED_OUT:
        raise ControlTimeoutError(reason)
    raise ControlError(reason)


def _entries(answer: Fields) -> list[InboxEntry]:
    return [InboxEntry.from_fields(row) for row in answer.rows("received")]


def _provisioned(answer: Fields) -> list[ProvisionedDevice]:
    return [ProvisionedDevice.from_fields(row) for row in answer.rows("devices")]


def _nothing(_answer: Fields) -> None:
    """Read an answer that says no more than that it was done."""


def _linked(answer: Fields) -> list[LinkedDevice]:
    return [LinkedDevice.from_fields(row) for row in answer.rows("devices")]
