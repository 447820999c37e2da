"""Linking a device to a phone: the QR text, the phone's answer and the client's counter-signature.

Order of play (whatsmeow's ``pair.go``): six refs go out as `<pair-device>`; the phone scans one of
them; `<pair-success>` carries what the phone signed; the client signs too; a 515 sends it off to
log in. An account may be asked for a passkey in place of the third step (``pair-passkey.go``); here
nobody has one, so such a client is never linked.
"""

import hmac
import json
import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.correspondence import Correspondence
from waheal.sandbox.fault_orders import FaultBook, FaultKind
from waheal.sandbox.greeting import Registration
from waheal.sandbox.numbering import is_number, number_in
from waheal.sandbox.pair_code import REGISTRATION, CodeExchange, PairCodeError
from waheal.sandbox.prekeys import KeyStock
from waheal.sandbox.protobufs import (
    ADVDeviceIdentity,
    ADVSignedDeviceIdentity,
    ADVSignedDeviceIdentityHMAC,
)
from waheal.sandbox.registry import Companion, PhoneAccount, Registry
from waheal.sandbox.stanzas import (
    LIDS,
    SERVER,
    USERS,
    passkey_request,
    refusal,
    result,
    stream_error,
)
from waheal.sandbox.switchboard import ChatSession, Switchboard

_REFS = 6
_QR_PARTS = 5
_ACCOUNT_PREFIX = b"\x06\x00"
_MAX_DEVICE = 255  # a byte on the wire
_PASSKEY_TIMEOUT = 300_000  # milliseconds


class LinkingError(Exception):
    """The phone can't link this client."""


@dataclass(frozen=True, slots=True)
class QrText:
    """What a QR code says."""

    ref: str
    noise_key: bytes
    identity: bytes
    adv_secret: bytes

    @classmethod
    def parse(cls, text: str) -> "QrText":
        """Read a QR text.

        Raises:
            LinkingError: it is none.
        """
        parts = text.strip().rpartition("#")[2].split(",")
        if len(parts) != _QR_PARTS:
            raise LinkingError("this is no QR text of a linking client")
        try:
            noise_key, identity, secret = (b64decode(part, validate=True) for part in parts[1:4])
        except Base64Error as error:
            raise LinkingError("this QR text is damaged") from error
        return cls(parts[0], noise_key, identity, secret)


@dataclass(frozen=True, slots=True)
class LinkedKeys:
    """What the phone signs for a new device: both ends of whatsmeow's `adv_*` columns."""

    details: bytes
    account_signature: bytes
    account_key: bytes


def sign_device(account: PhoneAccount, device: int, identity: bytes, now: float) -> LinkedKeys:
    """Let the account's phone vouch for a device's identity key."""
    details = ADVDeviceIdentity(
        rawID=int.from_bytes(account.phone.identity[:4], "big") >> 1,
        timestamp=int(now),
        keyIndex=device,
    ).SerializeToString()
    signature = account.phone.sign(_ACCOUNT_PREFIX + details + identity)
    return LinkedKeys(details, signature, account.phone.identity)


@dataclass(slots=True)
class Linking:
    """The clients that wait to be linked."""

    board: Switchboard
    registry: Registry
    faults: FaultBook
    correspondence: Correspondence
    _refs: dict[str, ChatSession] = field(default_factory=dict)
    _signing: dict[int, Companion] = field(default_factory=dict)  # by session id
    _codes: dict[int, CodeExchange] = field(default_factory=dict)  # likewise

    def offer(self, session: ChatSession) -> None:
        """Give a new client the refs that its QR codes show, in turn."""
        refs = [secrets.token_urlsafe(24) for _ in range(_REFS)]
        self._refs |= dict.fromkeys(refs, session)
        content = tuple(Node("ref", {}, ref.encode()) for ref in refs)
        attrs: dict[str, str | Jid] = {
            "from": SERVER,
            "type": "set",
            "id": secrets.token_hex(4),
            "xmlns": "md",
        }
        self.board.tell(session, Node("iq", attrs, (Node("pair-device", {}, content),)))
        order = self.faults.take([FaultKind.PAIRING_TIMEOUT])
        if order is not None:
            self.board.later(order.seconds, lambda: self.board.close(session))

    def scan(self, text: str, number: str | None, now: float) -> Jid:
        """Let the number's phone, or a new one, scan a QR text; the new device's JID.

        Raises:
            LinkingError: nobody waits behind the text, or its keys are not that client's.
        """
        code = QrText.parse(text)
        session = self._refs.get(code.ref)
        if session is None or session.registration is None:
            raise LinkingError("no client waits for this QR text any more")
        keys = session.registration
        if (code.noise_key, code.identity) != (keys.noise_key, keys.identity):
            raise LinkingError("the QR text's keys are not those of the client that shows it")
        return self.link(session, keys, code.adv_secret, number, now)

    def link(
        self,
        session: ChatSession,
        keys: Registration,
        secret: bytes,
        number: str | None,
        now: float,
    ) -> Jid:
        """Send the client what the phone signed; the new device's JID.

        Raises:
            LinkingError: the number can't have a phone, or not one more device.
            NumbersUsedUpError: a new number was wanted, and all are in use.
        """
        [bare] = self.registry.spare_numbers(1) if number is None else [number.removeprefix("+")]
        if not is_number(bare):
            raise LinkingError(f"no phone number: {number}")
        account = self.registry.account(bare)
        if account.linked >= _MAX_DEVICE:
            raise LinkingError(f"+{bare} has linked as many devices as it can")
        companion = new_companion(account, account.linked + 1, keys)
        if self._asks_for_a_passkey(session, companion.jid):
            return companion.jid
        account.linked += 1
        self.registry.save_account(account)
        self._signing[session.session_id] = companion
        self._forget_refs(session)
        refused = self.faults.take([FaultKind.PAIRING_REFUSED], str(companion.jid)) is not None
        identity = self._identity(account, companion, b"" if refused else secret, now)
        content = (
            Node("device-identity", {}, identity),
            Node("platform", {"name": "sandbox"}),
            Node("device", {"jid": companion.jid, "lid": companion.lid}),
        )
        attrs: dict[str, str | Jid] = {
            "from": SERVER,
            "type": "set",
            "id": secrets.token_hex(4),
            "t": str(int(now)),
        }
        self.board.tell(session, Node("iq", attrs, (Node("pair-success", {}, content),)))
        return companion.jid

    def stanza(self, session: ChatSession, stanza: Node, now: float) -> None:
        """Take what a client that is not linked yet says."""
        registration = stanza.child(REGISTRATION)
        if registration is not None:
            self._code_stage(session, stanza, registration, now)
        elif stanza.tag == "iq":
            self._answered(session, stanza, now)

    def enter_code(self, number: str, code: str) -> None:
        """Type a code into the phone that it was asked for.

        Raises:
            LinkingError: nobody asked for a code for this number.
        """
        bare = number.removeprefix("+")
        for session_id, exchange in self._codes.items():
            session = self.board.sessions.get(session_id)
            if exchange.number == bare and session is not None:
                account = self.registry.account(bare)
                if not self._asks_for_a_passkey(session, Jid(bare, USERS, account.linked + 1)):
                    self.board.tell(session, exchange.enter(code, account.phone))
                return
        raise LinkingError(f"no client waits for a code from +{bare}")

    def _asks_for_a_passkey(self, session: ChatSession, device: Jid) -> bool:
        """Ask for one if that is ordered; the client's refs are worth nothing from then on."""
        if self.faults.take([FaultKind.PASSKEY_ASKED], str(device)) is None:
            return False
        self._forget_refs(session)
        options = {
            "challenge": secrets.token_urlsafe(32),
            "timeout": _PASSKEY_TIMEOUT,
            "rpId": "whatsapp.com",
            "allowCredentials": [],
            "userVerification": "required",
        }
        self.board.tell(
            session, passkey_request(secrets.token_hex(4), json.dumps(options).encode())
        )
        self.board.happened("pairing-failed", {"device": str(device)})
        return True

    def _code_stage(
        self, session: ChatSession, query: Node, registration: Node, now: float
    ) -> None:
        if registration.attr("stage") == "companion_hello":
            self._code_hello(session, query, registration)
            return
        keys, begun = session.registration, self._codes.pop(session.session_id, None)
        if begun is None or keys is None:
            self.board.tell(session, refusal(query, 400, "bad-request"))
            return
        account = self.registry.account(begun.number)
        try:
            secret = begun.finish(registration, account.phone)
        except PairCodeError:
            self.board.tell(session, refusal(query, 401, "not-authorized"))
            self.board.happened("pairing-failed", {"device": f"+{begun.number}"})
            return
        self.board.tell(session, result(query))
        self.link(session, keys, secret, begun.number, now)

    def _code_hello(self, session: ChatSession, query: Node, registration: Node) -> None:
        try:
            exchange = CodeExchange.hello(registration)
        except PairCodeError as error:
            self.board.tell(session, refusal(query, 400, str(error)))
            return
        self._codes[session.session_id] = exchange
        self.board.tell(session, result(query, exchange.said()))

    def _answered(self, session: ChatSession, answer: Node, now: float) -> None:
        """Take the client's counter-signature, or its word that it will not be linked."""
        signed = answer.child("pair-device-sign") is not None
        if not signed and answer.attr("type") != "error":
            return  # it only says that it got the refs
        companion = self._signing.pop(session.session_id, None)
        if companion is None:
            return
        if not signed:
            self.board.happened("pairing-failed", {"device": str(companion.jid)})
            return
        self.registry.add(companion)
        if self.faults.take([FaultKind.HISTORY_WITHHELD], str(companion.jid)) is None:
            self.correspondence.tell_history(companion, now, self._old_chats(companion, now))
        self.board.happened("paired", {"device": str(companion.jid), "lid": str(companion.lid)})
        if self.faults.take([FaultKind.LOGIN_UNASKED], str(companion.jid)) is None:
            self.board.tell(session, stream_error(515))
            self.board.close(session)

    def _old_chats(self, companion: Companion, now: float) -> list[tuple[str, float]]:
        """Tell whom the phone has chats and tokens of, as ordered, and since when."""
        found = []
        while (order := self.faults.take([FaultKind.OLD_CHAT], str(companion.jid))) is not None:
            found.append((number_in(order.number), now - order.seconds))
        return found

    def left(self, session: ChatSession) -> None:
        """Forget a client that is gone."""
        self._signing.pop(session.session_id, None)
        self._codes.pop(session.session_id, None)
        self._forget_refs(session)

    def _forget_refs(self, session: ChatSession) -> None:
        self._refs = {ref: owner for ref, owner in self._refs.items() if owner is not session}

    def _identity(
        self, account: PhoneAccount, companion: Companion, secret: bytes, now: float
    ) -> bytes:
        identity = companion.stock.identity
        signed = sign_device(account, companion.jid.device, identity, now)
        details = ADVSignedDeviceIdentity(
            details=signed.details,
            accountSignatureKey=signed.account_key,
            accountSignature=signed.account_signature,
        ).SerializeToString()
        container = ADVSignedDeviceIdentityHMAC(
            details=details, HMAC=hmac.digest(secret, details, "sha256")
        )
        written: bytes = container.SerializeToString()
        return written


def new_companion(account: PhoneAccount, device: int, keys: Registration) -> Companion:
    """Make a device of the account, with the keys that it registers."""
    stock = KeyStock(keys.registration_id, keys.identity, keys.signed_prekey)
    jid = Jid(account.number, USERS, device)
    lid = Jid(account.lid.user, LIDS, device)
    return Companion(jid, lid, keys.noise_key, stock)
