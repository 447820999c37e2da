"""The control interface's server side: an operation in JSON, its answer now or when it has come."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from waheal.sandbox.codec import CodecError, Node, decode
from waheal.sandbox.control_words import Action, LinkedDevice
from waheal.sandbox.fault_orders import FaultKind, FaultOrder
from waheal.sandbox.json_fields import FieldError, Fields, Json, Row, parse_row
from waheal.sandbox.linking import LinkingError
from waheal.sandbox.numbering import is_number, number_in
from waheal.sandbox.plaintext import text_message
from waheal.sandbox.provision import provision
from waheal.sandbox.registry import NumbersUsedUpError
from waheal.sandbox.web import Response
from waheal.sandbox.world import NoSuchDeviceError, World


class DeskError(Exception):
    """The operation can't be done."""


def _response(status: HTTPStatus, row: Row) -> Response:
    return Response(status, json.dumps(row, separators=(",", ":")).encode())


@dataclass(frozen=True, slots=True)
class PendingAnswer:
    """What to answer; `look` gives None until it is there, and `seconds` is how long to look."""

    look: Callable[[], Row | None]
    seconds: float = 0.0
    status: HTTPStatus = HTTPStatus.OK

    def ready(self) -> Response | None:
        """Tell the response, once there is one."""
        row = self.look()
        return None if row is None else _response(self.status, row)

    def timed_out(self) -> Response:
        """Tell the response when it has not come in time."""
        return _response(HTTPStatus.REQUEST_TIMEOUT, {"error": "it has not come in time"})


def _fault(fields: Fields) -> FaultOrder:
    try:
        kind = FaultKind(fields.text("kind"))
    except ValueError as error:
        raise DeskError(str(error)) from error
    return FaultOrder(
        kind=kind,
        device=fields.text("device", ""),
        recipient=fields.text("recipient", ""),
        count=fields.maybe_integer("count", 1),
        code=fields.integer("code", 0),
        ban_code=fields.integer("ban_code", 101),
        expire=fields.integer("expire", 0),
        seconds=fields.real("seconds", 0.0),
        delivered=fields.flag("delivered", missing=False),
        conflict=fields.text("conflict", ""),
        receipt=fields.text("receipt", ""),
        used=fields.integer("used", 0),
        total=fields.integer("total", 0),
        number=fields.text("number", ""),
    )


def _with_enc(stanza: Node, enc: Node) -> Node:
    """Put a ciphertext in the place of the `<enc>` that the stanza has."""
    return replace(
        stanza, content=tuple(enc if each.tag == "enc" else each for each in stanza.children())
    )


def _now(row: Row) -> PendingAnswer:
    return PendingAnswer(lambda: row)


@dataclass(slots=True)
class Desk:
    """Whoever takes the orders."""

    world: World

    def ask(self, body: bytes) -> PendingAnswer:
        """Do an operation, or look out for what it waits for."""
        try:
            fields = Fields(parse_row(body))
            return self._operation(fields.text("op"))(fields)
        except (
            DeskError,
            FieldError,
            LinkingError,
            NoSuchDeviceError,
            CodecError,
            NumbersUsedUpError,
        ) as error:
            told = {"error": str(error)}
            return PendingAnswer(lambda: told, status=HTTPStatus.BAD_REQUEST)

    def line(self, event: str, fields: Mapping[str, str | int | float | None]) -> bytes:
        """Write a watcher's line."""
        row = {"event": event, "at": self.world.clock()} | dict(fields)
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def _operation(self, name: str) -> Callable[[Fields], PendingAnswer]:
        operations = {
            "received": self._received,
            "devices": self._devices,
            "stats": self._stats,
            "scan": self._scan,
            "enter_code": self._enter_code,
            "reply": self._reply,
            "vote": self._vote,
            "mark_read": self._mark_read,
            "release_receipts": self._release_receipts,
            "order": self._order,
            "clear_faults": self._clear_faults,
            "act": self._act,
            "provision": self._provision,
            "tell": self._tell,
        }
        if name not in operations:
            raise DeskError(f"no operation {name!r}")
        return operations[name]

    # -- what there is --------------------------------------------------------------------

    def _received(self, fields: Fields) -> PendingAnswer:
        phone, wanted = fields.maybe_text("phone"), fields.integer("count", 0)
        number = None if phone is None else f"+{number_in(phone)}"
        inbox = self.world.inbox

        def look() -> Row | None:
            if number is None and inbox.delivered < wanted:
                return None
            entries = inbox.entries(number)
            if len(entries) < wanted:
                return None
            return {"received": [entry.to_row() for entry in entries]}

        return PendingAnswer(look, fields.real("timeout", 0.0))

    def _devices(self, fields: Fields) -> PendingAnswer:
        device, logins = fields.text("device", ""), fields.integer("logins", 0)
        online = fields.flag("online") if "online" in fields.row else None

        def look() -> Row | None:
            found = self._linked(device)
            short = any(one.logins < logins for one in found)
            if short or (online is not None and not any(one.online is online for one in found)):
                return None
            return {"devices": [one.to_row() for one in found]}

        return PendingAnswer(look, fields.real("timeout", 0.0))

    def _linked(self, device: str) -> list[LinkedDevice]:
        if not device:
            found = tuple(self.world.registry.companions())
        else:
            try:
                found = self.world.find(device)
            except NoSuchDeviceError:
                found = ()  # not yet, perhaps: whoever waits for it goes on waiting
        board = self.world.board
        linked: list[LinkedDevice] = []
        for companion in found:
            jid = str(companion.jid)
            counts = board.by_device.get(jid, Counter[str]())
            session = board.online.get(companion.jid)
            linked.append(
                LinkedDevice(
                    jid=jid,
                    lid=str(companion.lid),
                    number=f"+{companion.jid.user}",
                    online=session is not None and session.active,
                    connects=counts["connect"],
                    logins=counts["login"],
                )
            )
        return linked

    def _stats(self, fields: Fields) -> PendingAnswer:
        kind, wanted = fields.text("kind", ""), fields.integer("count", 0)
        device, board = fields.text("device", ""), self.world.board

        def look() -> Row | None:
            counts = board.by_device.get(device, Counter()) if device else board.totals
            if kind and counts[kind] < wanted:
                return None
            devices: Row = {jid: dict(counts) for jid, counts in board.by_device.items()}
            return {"total": dict(board.totals), "devices": devices}

        return PendingAnswer(look, fields.real("timeout", 0.0))

    # -- what the phones do ---------------------------------------------------------------

    def _scan(self, fields: Fields) -> PendingAnswer:
        jid = self.world.linking.scan(
            fields.text("qr"), fields.maybe_text("phone"), self.world.clock()
        )
        return _now({"jid": str(jid)})

    def _enter_code(self, fields: Fields) -> PendingAnswer:
        self.world.linking.enter_code(fields.text("phone"), fields.text("code"))
        return _now({})

    def _reply(self, fields: Fields) -> PendingAnswer:
        number = number_in(fields.text("phone"))
        if not is_number(number):
            raise DeskError(f"no phone number: {fields.text('phone')}")
        found = self.world.find(fields.text("device"))
        said = fields.maybe_text("message")
        message = text_message(fields.text("text")) if said is None else fields.raw("message")
        ids: list[Json] = [
            self.world.correspondence.write(
                number,
                companion,
                message,
                self.world.clock(),
                by_lid=fields.flag("by_lid", missing=False),
            )
            for companion in found
        ]
        return _now({"message_ids": ids})

    def _vote(self, fields: Fields) -> PendingAnswer:
        phone, message_id = f"+{number_in(fields.text('phone'))}", fields.text("message_id")
        for entry in self.world.inbox.of_message(phone, message_id):
            self.world.vote(entry, fields.text("options").splitlines())
            return _now({})
        raise DeskError(f"{phone} holds no message {message_id}")

    def _mark_read(self, fields: Fields) -> PendingAnswer:
        phone, message_id = f"+{number_in(fields.text('phone'))}", fields.text("message_id")
        entries = self.world.inbox.of_message(phone, message_id)
        if not entries:
            raise DeskError(f"{phone} holds no message {message_id}")
        for entry in entries:
            self.world.delivery.mark_read(entry, self.world.clock())
        return _now({})

    def _provision(self, fields: Fields) -> PendingAnswer:
        made = provision(self.world.registry, fields.integer("count"), self.world.clock())
        return _now({"devices": [device.to_row() for device in made]})

    def _tell(self, fields: Fields) -> PendingAnswer:
        stanza, phone = decode(fields.raw("stanza")), fields.maybe_text("phone")
        text = fields.text("text", "")
        for companion in self.world.find(fields.text("device")):
            session = self.world.board.online.get(companion.jid)
            if session is None:
                raise DeskError(f"{companion.jid} is not connected")
            whole = stanza
            if phone is not None:
                enc = self.world.correspondence.seal(number_in(phone), companion, text)
                whole = _with_enc(stanza, enc)
            self.world.board.tell(session, whole)
        return _now({})

    # -- what shall go wrong --------------------------------------------------------------

    def _order(self, fields: Fields) -> PendingAnswer:
        self.world.order(_fault(fields))
        return _now({})

    def _clear_faults(self, _fields: Fields) -> PendingAnswer:
        self.world.clear_faults()
        return _now({})

    def _release_receipts(self, _fields: Fields) -> PendingAnswer:
        return _now({"released": self.world.delivery.release()})

    def _act(self, fields: Fields) -> PendingAnswer:
        try:
            action = Action(fields.text("action"))
        except ValueError as error:
            raise DeskError(str(error)) from error
        self.world.act(fields.text("device"), action, fields.integer("code", 0))
        return _now({})
