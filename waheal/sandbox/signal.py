"""Signal protocol version 3 between two identities: X3DH and the double ratchet; knows no users.

Facts from go.mau.fi/libsignal (``ratchet/``, ``session/``, ``protocol/``), which is what whatsmeow
speaks. PyPI's DoubleRatchet and X3DH don't fit: they are asynchronous and leave the wire layout,
its MAC over both identities and the pending prekey to their user, which is most of this module.

A session decrypts on copies: whatever fails, forged or cut short, leaves it as it was.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, unique

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from waheal.sandbox.curve import CurveError, KeyPair, hkdf, verify
from waheal.sandbox.envelopes import (
    MAC_SIZE,
    VERSION,
    PreKeyMessage,
    SignalError,
    SignalMessage,
)
from waheal.sandbox.json_fields import Fields, Row
from waheal.sandbox.prekeys import KEY_TYPE, PublicPreKey
from waheal.sandbox.protowire import write_wire

MAX_SKIP = 2000  # messages that may be missing before one, and keys kept for them a chain
_MAX_CHAINS = 5  # receiving chains kept, so that late messages of earlier turns still open
_MAX_SESSIONS = 41  # the current one and 40 archived ones, as libsignal keeps


class DuplicateMessageError(SignalError):
    """The message was opened before, so that its key is gone."""


class NoSessionError(SignalError):
    """There is no session to write or read with, and no prekeys to begin one."""


@unique
class CipherKind(StrEnum):
    """What an ``<enc>`` holds, in the word of its type attribute."""

    PREKEY = "pkmsg"
    MESSAGE = "msg"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a session with someone is begun with, before they are there to answer."""

    registration_id: int
    identity: bytes
    signed: PublicPreKey
    one_time: PublicPreKey | None = None


@dataclass(frozen=True, slots=True)
class _Secrets:
    """The keys of one message."""

    cipher: bytes
    mac: bytes
    iv: bytes

    @classmethod
    def expand(cls, seed: bytes) -> "_Secrets":
        out = hkdf(seed, b"WhisperMessageKeys", 80)
        return cls(out[:32], out[32:64], out[64:])


def _message_seed(chain_key: bytes) -> bytes:
    return hmac.digest(chain_key, b"\x01", "sha256")


def _next_key(chain_key: bytes) -> bytes:
    return hmac.digest(chain_key, b"\x02", "sha256")


def _agree(ours: KeyPair, theirs: bytes) -> bytes:
    try:
        return ours.agree(theirs)
    except CurveError as error:
        raise SignalError("a message or bundle holds a public key that is none") from error


def _turn_root(root: bytes, ours: KeyPair, theirs: bytes) -> tuple[bytes, bytes]:
    """Derive the next root key, and the key of the chain that begins."""
    out = hkdf(_agree(ours, theirs), b"WhisperRatchet", 64, salt=root)
    return out[:32], out[32:]


def _first_keys(agreements: Sequence[tuple[KeyPair, bytes]]) -> tuple[bytes, bytes]:
    """Derive the root and the first chain key by X3DH, agreements in libsignal's order."""
    secrets = b"".join(_agree(ours, theirs) for ours, theirs in agreements)
    out = hkdf(b"\xff" * 32 + secrets, b"WhisperText", 64)
    return out[:32], out[32:]


@dataclass(frozen=True, slots=True)
class _Pending:
    """The keys that an unanswered initiator names in every message."""

    registration_id: int
    one_time_id: int | None
    signed_id: int

    def to_state(self) -> Row:
        return {
            "registration": self.registration_id,
            "one_time": self.one_time_id,
            "signed": self.signed_id,
        }

    @classmethod
    def from_state(cls, state: Fields) -> "_Pending":
        return cls(
            state.integer("registration"),
            state.maybe_integer("one_time"),
            state.integer("signed"),
        )


@dataclass(frozen=True, slots=True)
class _Chain:
    """The messages of one ratchet key: the next key, and those of messages that are still out."""

    ratchet_key: bytes
    key: bytes
    index: int
    skipped: tuple[tuple[int, bytes], ...]  # counter and message seed, oldest first

    def seek(self, counter: int) -> "tuple[bytes, _Chain]":
        """Derive a message's seed, and the chain without it."""
        if counter < self.index:
            return self._recall(counter)
        if counter - self.index > MAX_SKIP:
            raise SignalError(f"{counter - self.index} messages are missing before this one")
        key, skipped = self.key, list(self.skipped)
        for index in range(self.index, counter):
            skipped.append((index, _message_seed(key)))
            key = _next_key(key)
        rest = tuple(skipped[-MAX_SKIP:])
        return _message_seed(key), _Chain(self.ratchet_key, _next_key(key), counter + 1, rest)

    def _recall(self, counter: int) -> "tuple[bytes, _Chain]":
        seed = dict(self.skipped).get(counter)
        if seed is None:
            raise DuplicateMessageError(f"message {counter} of its chain was opened before")
        rest = tuple(item for item in self.skipped if item[0] != counter)
        return seed, replace(self, skipped=rest)

    def to_state(self) -> Row:
        return {
            "ratchet": self.ratchet_key.hex(),
            "key": self.key.hex(),
            "index": self.index,
            "skipped": {str(counter): seed.hex() for counter, seed in self.skipped},
        }

    @classmethod
    def from_state(cls, state: Fields) -> "_Chain":
        seeds = state.inner("skipped")
        skipped = tuple((int(counter), seeds.raw(counter)) for counter in seeds.row)
        return cls(state.raw("ratchet"), state.raw("key"), state.integer("index"), skipped)


@dataclass(frozen=True, slots=True)
class _Reply:
    """Where the local side sends on once the other has shown a new ratchet key."""

    root: bytes
    sending: KeyPair
    sending_key: bytes


@dataclass(frozen=True, slots=True)
class _RatchetTurn:
    """The chain a message is on, and what else changes if that chain is new."""

    receiving: _Chain
    reply: _Reply | None


@dataclass(slots=True)
class SignalSession:
    """One double ratchet between a local and a remote identity (public keys, 32 bytes)."""

    local: bytes
    remote: bytes
    base_key: bytes  # the initiator's; it names the session
    _root: bytes
    _sending: KeyPair
    _sending_key: bytes
    _chains: list[_Chain]  # oldest first
    _sent: int = 0  # messages on the sending chain
    _previous: int = 0
    _pending: _Pending | None = None  # until the other side has answered

    @classmethod
    def initiate(cls, identity: KeyPair, registration_id: int, bundle: Bundle) -> "SignalSession":
        """Begin a session from someone's bundle.

        Raises:
            SignalError: the bundle's signature is wrong, or a key in it is none.
        """
        signed = bundle.signed
        if not verify(bundle.identity, KEY_TYPE + signed.public, signed.signature):
            raise SignalError("the signed prekey is not signed by the identity beside it")
        base, ratchet = KeyPair.generate(), KeyPair.generate()
        agreements = [
            (identity, signed.public),
            (base, bundle.identity),
            (base, signed.public),
        ]
        if bundle.one_time is not None:
            agreements.append((base, bundle.one_time.public))
        root, first = _first_keys(agreements)
        root, sending_key = _turn_root(root, ratchet, signed.public)
        return cls(
            local=identity.public,
            remote=bundle.identity,
            base_key=base.public,
            _root=root,
            _sending=ratchet,
            _sending_key=sending_key,
            _chains=[_Chain(signed.public, first, 0, ())],
            _pending=_Pending(
                registration_id,
                None if bundle.one_time is None else bundle.one_time.key_id,
                signed.key_id,
            ),
        )

    @classmethod
    def respond(
        cls, identity: KeyPair, signed: KeyPair, one_time: KeyPair | None, first: PreKeyMessage
    ) -> "SignalSession":
        """Join the session that a prekey message begins; the message itself is opened after.

        Raises:
            SignalError: a key in the message is none.
        """
        agreements = [
            (signed, first.identity),
            (identity, first.base_key),
            (signed, first.base_key),
        ]
        if one_time is not None:
            agreements.append((one_time, first.base_key))
        root, chain_key = _first_keys(agreements)
        return cls(identity.public, first.identity, first.base_key, root, signed, chain_key, [])

    def encrypt(self, plain: bytes) -> tuple[CipherKind, bytes]:
        """Seal the next message; a prekey message until the other side has answered."""
        secrets = _Secrets.expand(_message_seed(self._sending_key))
        padder = padding.PKCS7(128).padder()
        sealer = Cipher(algorithms.AES256(secrets.cipher), modes.CBC(secrets.iv)).encryptor()
        body = sealer.update(padder.update(plain) + padder.finalize()) + sealer.finalize()
        ratchet = KEY_TYPE + self._sending.public
        authenticated = VERSION + write_wire(
            {1: ratchet, 2: self._sent, 3: self._previous, 4: body}
        )
        message = SignalMessage(
            ratchet_key=self._sending.public,
            counter=self._sent,
            body=body,
            authenticated=authenticated,
            mac=_mac(secrets.mac, self.local, self.remote, authenticated),
        )
        self._sending_key = _next_key(self._sending_key)
        self._sent += 1
        if self._pending is None:
            return CipherKind.MESSAGE, message.write()
        return CipherKind.PREKEY, self._introduce(self._pending, message).write()

    def _introduce(self, pending: _Pending, message: SignalMessage) -> PreKeyMessage:
        return PreKeyMessage(
            registration_id=pending.registration_id,
            one_time_id=pending.one_time_id,
            signed_id=pending.signed_id,
            base_key=self.base_key,
            identity=self.local,
            message=message,
        )

    def decrypt(self, message: SignalMessage) -> bytes:
        """Open a message and forget its key.

        Raises:
            DuplicateMessageError: it was opened before.
            SignalError: it is forged, damaged, or of another session.
        """
        turn = self._turn(message.ratchet_key)
        seed, moved = turn.receiving.seek(message.counter)
        plain = self._open(_Secrets.expand(seed), message)
        self._take(turn, moved)
        return plain

    def _turn(self, theirs: bytes) -> _RatchetTurn:
        for chain in self._chains:
            if chain.ratchet_key == theirs:
                return _RatchetTurn(chain, None)
        root, key = _turn_root(self._root, self._sending, theirs)
        sending = KeyPair.generate()
        next_root, sending_key = _turn_root(root, sending, theirs)
        return _RatchetTurn(_Chain(theirs, key, 0, ()), _Reply(next_root, sending, sending_key))

    def _take(self, turn: _RatchetTurn, moved: _Chain) -> None:
        self._pending = None
        if (reply := turn.reply) is None:
            self._chains = [moved if chain is turn.receiving else chain for chain in self._chains]
            return
        self._chains = [*self._chains, moved][-_MAX_CHAINS:]
        self._root, self._sending, self._sending_key = reply.root, reply.sending, reply.sending_key
        self._previous, self._sent = max(self._sent - 1, 0), 0  # libsignal counts one less

    def _open(self, secrets: _Secrets, message: SignalMessage) -> bytes:
        mac = _mac(secrets.mac, self.remote, self.local, message.authenticated)
        if not hmac.compare_digest(mac, message.mac):
            raise SignalError("a message's MAC does not fit this session")
        opener = Cipher(algorithms.AES256(secrets.cipher), modes.CBC(secrets.iv)).decryptor()
        unpadder = padding.PKCS7(128).unpadder()
        try:
            padded = opener.update(message.body) + opener.finalize()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError as error:
            raise SignalError("a message's body is no AES-CBC") from error

    def to_state(self) -> Row:
        """Tell everything there is to keep, as JSON can hold it."""
        return {
            "local": self.local.hex(),
            "remote": self.remote.hex(),
            "base": self.base_key.hex(),
            "root": self._root.hex(),
            "sending": self._sending.private.hex(),
            "sending_key": self._sending_key.hex(),
            "sent": self._sent,
            "previous": self._previous,
            "chains": [chain.to_state() for chain in self._chains],
            "pending": [] if self._pending is None else [self._pending.to_state()],
        }

    @classmethod
    def from_state(cls, state: Fields) -> "SignalSession":
        """Restore what to_state told.

        Raises:
            FieldError: a field is missing or of another type.
        """
        pending = [_Pending.from_state(one) for one in state.rows("pending")]
        return cls(
            local=state.raw("local"),
            remote=state.raw("remote"),
            base_key=state.raw("base"),
            _root=state.raw("root"),
            _sending=KeyPair.from_private(state.raw("sending")),
            _sending_key=state.raw("sending_key"),
            _chains=[_Chain.from_state(chain) for chain in state.rows("chains")],
            _sent=state.integer("sent"),
            _previous=state.integer("previous"),
            _pending=pending[0] if pending else None,
        )


def _mac(key: bytes, sender: bytes, receiver: bytes, authenticated: bytes) -> bytes:
    covered = KEY_TYPE + sender + KEY_TYPE + receiver + authenticated
    return hmac.digest(key, covered, "sha256")[:MAC_SIZE]


@dataclass(slots=True)
class SessionRecord:
    """All sessions with one peer, the one to write with first."""

    sessions: list[SignalSession]

    def find(self, base_key: bytes) -> SignalSession | None:
        """Find the session that an initiator's base key names."""
        return next((one for one in self.sessions if one.base_key == base_key), None)

    def adopt(self, session: SignalSession) -> None:
        """Write with this session from now on, and keep a bounded number of earlier ones."""
        rest = [one for one in self.sessions if one is not session]
        self.sessions = [session, *rest][:_MAX_SESSIONS]

    def decrypt(self, message: SignalMessage) -> bytes:
        """Open a message with whichever session fits, which then becomes the current one.

        Raises:
            DuplicateMessageError: it was opened before.
            SignalError: it fits no session.
        """
        duplicate: DuplicateMessageError | None = None
        for session in self.sessions:
            try:
                plain = session.decrypt(message)
            except DuplicateMessageError as error:
                duplicate = error
            except SignalError:
                continue  # of another session, or forged: told apart only by trying them all
            else:
                self.adopt(session)
                return plain
        raise duplicate or SignalError(f"a message fits none of {len(self.sessions)} sessions")

    def to_state(self) -> list[Row]:
        """Tell everything there is to keep, as JSON can hold it."""
        return [session.to_state() for session in self.sessions]

    @classmethod
    def from_state(cls, states: Iterable[Fields]) -> "SessionRecord":
        """Restore what to_state told.

        Raises:
            FieldError: a field is missing or of another type.
        """
        return cls([SignalSession.from_state(state) for state in states])
