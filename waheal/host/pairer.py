"""Links new devices, one after another, and tells how it goes; knows no campaign and no cache."""

from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic

from waheal.host import event_table, translation, whatsapp
from waheal.host.client import Connected, ConnectionEvent, Ended, TextCame
from waheal.host.life import Death
from waheal.host.replies import heard
from waheal.host.session_lookup import SessionLookup
from waheal.model import Quarantine
from waheal.records import ELSEWHERE
from waheal.wire import Pair, PairCode, Paired, PairFailed, QrCode, Report

SCAN_WAIT = 200.0
"""Seconds; the library itself runs out of QR codes after 160."""
_FIRST_LASTS, _NEXT_LASTS = 60.0, 20.0  # seconds, as whatsmeow's qrchan.go has it

LOGIN_WAIT = 60.0
"""Seconds for a login of a linked device: prekeys are made and uploaded before it counts."""

HISTORY_WAIT = 20.0
"""Seconds from there for the phone's history, with what first messages' tokens are made of."""

_LOOK = 0.25  # seconds between looks for it

_PASSKEY = (
    "WhatsApp asks this account for a passkey, which only a browser or the phone can give:"
    " waheal can't pair it"
)
_STATUS = {
    "passkey-request": _PASSKEY,
    "passkey-confirmation": _PASSKEY,
    "timeout": "nobody linked it in time: the codes ran out",
    "err-client-outdated": "WhatsApp no longer accepts this version (405)",
    "err-scanned-without-multidevice": "the phone has no linked devices: update WhatsApp on it",
    "err-unexpected-state": "the login was refused while it was linked",
    "error": "the phone or the server refused to link it",
}

_HELPS = {
    "passkey-request": ELSEWHERE,
    "passkey-confirmation": ELSEWHERE,
    "err-client-outdated": "run `pip install --upgrade waheal`",
}
"""What to do where trying again does not help."""

_STANDS = {"passkey-request": Quarantine.PASSKEY, "passkey-confirmation": Quarantine.PASSKEY}


@dataclass(frozen=True, slots=True)
class _Qr:
    code: str


@dataclass(frozen=True, slots=True)
class _Status:
    word: str


@dataclass(frozen=True, slots=True)
class _Linked:
    """The phone has taken it, and the library has stored its session."""

    jid: str


_Step = _Qr | _Status | _Linked | ConnectionEvent


class _FailedError(Exception):
    """The pairing is over, without success; carries why, what helps, and what stands in the way."""

    def __init__(
        self, reason: str, hint: str | None = None, quarantine: Quarantine | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.quarantine = quarantine


class Pairer:
    """One new device on its way to its first login."""

    def __init__(
        self,
        library: whatsapp.Library,
        sessions: SessionLookup,
        out: Callable[[Report], None],
        *,
        silence: float,
    ) -> None:
        """Make it; `silence`: seconds without a word after a scan, as in the settings."""
        self._library = library
        self._sessions = sessions
        self._out = out
        self._silence = silence

    def pair(self, order: Pair) -> None:
        """Link one device: codes, then Paired once it can be used, or PairFailed.

        After a failure the library's thread spins until the process ends: end it.
        """
        steps: SimpleQueue[_Step] = SimpleQueue()
        client = self._begin(order, steps, None)
        try:
            if (stored := self._link(order, client, steps)) is not None:
                client.stop(0.0)
                steps = SimpleQueue()  # what the first one still tells is not about this one
                client = self._begin(order, steps, stored)
                self._log_in(steps)
            report: Report = self._linked(order, client, steps)
        except _FailedError as failed:
            report = PairFailed(order.device, failed.reason, failed.hint, failed.quarantine)
        client.stop(10.0 if isinstance(report, Paired) else 0.0)
        self._out(report)

    def _begin(
        self, order: Pair, steps: SimpleQueue[_Step], jid: str | None
    ) -> whatsapp.LibraryClient:
        """Start a client that tells its steps: a new device, or one that is linked."""
        client = whatsapp.LibraryClient(
            self._library,
            lambda code, data: self._hear(order, steps, code, data),
            lambda error: steps.put(Ended(error)),
        )
        client.on_qr = lambda code: steps.put(_Qr(code))
        client.on_status = lambda word: steps.put(_Status(word))
        client.start(jid)
        return client

    def _hear(self, order: Pair, steps: SimpleQueue[_Step], code: int, data: bytes) -> None:
        """Take an event; a text that comes meanwhile is told to nobody again."""
        if code == whatsapp.EventCode.PAIR_STATUS:
            told = whatsapp.messages.PairStatus.FromString(data)
            if told.Status == whatsapp.messages.PairStatus.SUCCESS:
                steps.put(_Linked(_text(told.ID)))
        elif (event := translation.connection_event(code, data)) is not None:
            steps.put(event)
        elif isinstance(text := translation.news(code, data), TextCame):
            self._out(heard(order.device, text))

    def _link(
        self, order: Pair, client: whatsapp.LibraryClient, steps: SimpleQueue[_Step]
    ) -> str | None:
        """Follow it to its first login; a JID where it is linked and never logged in.

        The library logs in by itself after the scan, once: where that comes to nothing, it is
        silent for good, and its session is as good as any.
        """
        patience, first, jid = SCAN_WAIT, True, ""
        while True:
            try:
                step = steps.get(timeout=patience)
            except Empty:
                if jid and self._sessions.is_stored(jid):
                    return jid
                raise _FailedError("the library fell silent while it was linked") from None
            match step:
                case _Qr(code=code):
                    self._show(order, client, code, first=first)
                    first = False
                case _Status(word="success"):
                    patience = self._silence
                case _Status(word=word):
                    reason, hint = _STATUS.get(word, word), _HELPS.get(word)
                    raise _FailedError(reason, hint, _STANDS.get(word))
                case _Linked():
                    jid = step.jid
                case Connected():
                    return None
                case _:
                    _require_alive(step)

    def _show(self, order: Pair, client: whatsapp.LibraryClient, code: str, *, first: bool) -> None:
        """Tell the QR text; or, once the first one says that the connection stands, the code."""
        if order.code_phone is None:
            self._out(QrCode(code, _FIRST_LASTS if first else _NEXT_LASTS))
        elif first:
            self._ask_code(client, order.code_phone)

    def _log_in(self, steps: SimpleQueue[_Step]) -> None:
        """Wait for the login of a device that is linked."""
        while True:
            try:
                step = steps.get(timeout=LOGIN_WAIT)
            except Empty:
                raise _FailedError("it is linked, but does not log in") from None
            match step:
                case Connected():
                    return
                case _Qr() | _Status() | _Linked():
                    pass
                case _:
                    _require_alive(step)

    def _ask_code(self, client: whatsapp.LibraryClient, phone: str) -> None:
        code, error = whatsapp.pair_code(client.uuid, phone)
        if error:
            raise _FailedError(f"no code was given for this number: {error}")
        self._out(PairCode(code))

    def _linked(
        self, order: Pair, client: whatsapp.LibraryClient, steps: SimpleQueue[_Step]
    ) -> Paired:
        me = whatsapp.own_ids(client.uuid)
        jid = _text(me.JID)
        if not self._sessions.is_stored(jid):
            raise _FailedError("the new session was not stored")
        return Paired(order.device, jid, _text(me.LID), salt=self._await_salt(jid, steps))

    def _await_salt(self, jid: str, steps: SimpleQueue[_Step]) -> bool:
        """Stay connected until the phone's history has come, for a while; whether it has."""
        ends = monotonic() + HISTORY_WAIT
        while not self._sessions.has_salt(jid):
            if monotonic() >= ends or _has_ended(steps):
                return False
        return True


def _has_ended(steps: SimpleQueue[_Step]) -> bool:
    """Wait a moment for what the client tells next; whether it is its end."""
    try:
        step = steps.get(timeout=_LOOK)
    except Empty:
        return False
    return not isinstance(step, _Qr | _Status | _Linked) and isinstance(
        event_table.life_change(step), Death
    )


def _require_alive(event: ConnectionEvent) -> None:
    change = event_table.life_change(event)
    if isinstance(change, Death):
        raise _FailedError(change.reason)


def _text(jid: whatsapp.messages.JID) -> str:
    return f"{jid.User}:{jid.Device}@{jid.Server}"
