"""A simulated phone: its keys, and what it reads and writes with them; knows no server, no clock.

One-time prekeys are derived from a seed and their id, so that any number can be handed out and
none has to be kept; only the ids that were used up are.
"""

import hmac
import secrets
from dataclasses import dataclass, field

from waheal.sandbox.codec import Jid
from waheal.sandbox.curve import KeyPair, sign
from waheal.sandbox.envelopes import PreKeyMessage, SignalError, SignalMessage
from waheal.sandbox.json_fields import Fields, Row
from waheal.sandbox.plaintext import Plaintext, pad, read_plaintext, unpad
from waheal.sandbox.prekeys import KEY_TYPE, PublicPreKey
from waheal.sandbox.signal import (
    Bundle,
    CipherKind,
    NoSessionError,
    SessionRecord,
    SignalSession,
)

_SIGNED_ID = 1
_LAST_ID = 0xFFFFFF  # ids travel in 3 bytes
_MAX_REGISTRATION_ID = 16380  # as Signal draws them


@dataclass(slots=True)
class Phone:
    """One phone. Peers are told apart by their JID's text, so name a peer always the same way."""

    registration_id: int
    _identity: KeyPair
    _signed: KeyPair
    _signature: bytes
    _seed: bytes  # of the one-time prekeys
    _next_id: int = 1
    _spent: set[int] = field(default_factory=set)
    _records: dict[str, SessionRecord] = field(default_factory=dict)

    @classmethod
    def create(cls) -> "Phone":
        """Make a phone with new keys."""
        identity, signed = KeyPair.generate(), KeyPair.generate()
        return cls(
            registration_id=1 + secrets.randbelow(_MAX_REGISTRATION_ID),
            _identity=identity,
            _signed=signed,
            _signature=sign(identity.private, KEY_TYPE + signed.public),
            _seed=secrets.token_bytes(32),
        )

    @property
    def identity(self) -> bytes:
        """The public identity key, 32 bytes."""
        return self._identity.public

    @property
    def nct_salt(self) -> bytes:
        """The account's salt for the tokens of first messages, 32 bytes; its devices share it."""
        return hmac.digest(self._seed, b"NCT salt", "sha256")

    @property
    def app_state_key(self) -> bytes:
        """The key of the account's app state, 32 bytes; its devices share it."""
        return hmac.digest(self._seed, b"app state", "sha256")

    def trust_token(self, account: Jid) -> bytes:
        """Make the token by which this contact trusts an account, named by its LID; 32 bytes."""
        return hmac.digest(self._seed, b"trusted contact " + str(account).encode(), "sha256")

    def sign(self, message: bytes) -> bytes:
        """Sign with the identity key; 64 bytes of XEdDSA."""
        return sign(self._identity.private, message)

    def agree(self, public: bytes) -> bytes:
        """Compute the secret that the identity key shares with the owner of public.

        Raises:
            CurveError: public is no point to agree on.
        """
        return self._identity.agree(public)

    def bundle(self) -> Bundle:
        """Hand out what someone needs to write here; each time with another one-time prekey."""
        key_id, self._next_id = self._next_id, self._next_id % _LAST_ID + 1
        return Bundle(
            self.registration_id,
            self.identity,
            PublicPreKey(_SIGNED_ID, self._signed.public, self._signature),
            PublicPreKey(key_id, self._one_time(key_id).public),
        )

    def has_session(self, peer: Jid) -> bool:
        """Tell whether something can be written to peer without its bundle."""
        return str(peer) in self._records

    def forget(self, peer: Jid) -> None:
        """Drop every session with peer, for one that was unlinked."""
        self._records.pop(str(peer), None)

    def decrypt(self, sender: Jid, kind: str, ciphertext: bytes) -> Plaintext:
        """Open and read what an ``<enc>`` of this type from a device holds.

        Raises:
            DuplicateMessageError: it was opened before.
            NoSessionError: a `msg` from someone who never began a session.
            SignalError: it is forged, damaged, not for this phone, or of an unknown type.
            PlaintextError: it was opened, and does not hold a padded Message.
        """
        match kind:
            case CipherKind.PREKEY:
                padded = self._open_first(sender, PreKeyMessage.read(ciphertext))
            case CipherKind.MESSAGE:
                padded = self._open_next(sender, SignalMessage.read(ciphertext))
            case _:
                raise SignalError(f"no kind of ciphertext that a phone can open: {kind!r}")
        return read_plaintext(unpad(padded))

    def encrypt(self, to: Jid, message: bytes, bundle: Bundle | None = None) -> tuple[str, bytes]:
        """Seal a serialised Message for a device; the ``<enc>``'s type and content.

        With a bundle a new session is begun, else the current one goes on.

        Raises:
            NoSessionError: there is no session, and no bundle either.
            SignalError: the bundle is not signed by its identity.
        """
        record = self._records.get(str(to), SessionRecord([]))
        if bundle is not None:
            record.adopt(SignalSession.initiate(self._identity, self.registration_id, bundle))
            self._records[str(to)] = record
        if not record.sessions:
            raise NoSessionError(f"no session with {to}, and no prekeys to begin one with")
        kind, ciphertext = record.sessions[0].encrypt(pad(message))
        return kind.value, ciphertext

    def _one_time(self, key_id: int) -> KeyPair:
        return KeyPair.from_private(hmac.digest(self._seed, key_id.to_bytes(3, "big"), "sha256"))

    def _open_first(self, sender: Jid, first: PreKeyMessage) -> bytes:
        record = self._records.get(str(sender), SessionRecord([]))
        if record.find(first.base_key) is not None:
            return record.decrypt(first.message)
        session = SignalSession.respond(
            self._identity, self._signed_pair(first.signed_id), self._unspent(first), first
        )
        padded = session.decrypt(first.message)
        # Kept only now: a forged first message must neither use up a key nor leave a session.
        if first.one_time_id is not None:
            self._spent.add(first.one_time_id)
        record.adopt(session)
        self._records[str(sender)] = record
        return padded

    def _open_next(self, sender: Jid, message: SignalMessage) -> bytes:
        record = self._records.get(str(sender))
        if record is None:
            raise NoSessionError(f"no session with {sender}")
        return record.decrypt(message)

    def _signed_pair(self, key_id: int) -> KeyPair:
        if key_id != _SIGNED_ID:
            raise SignalError(f"no signed prekey {key_id}")
        return self._signed

    def _unspent(self, first: PreKeyMessage) -> KeyPair | None:
        key_id = first.one_time_id
        if key_id is None:
            return None
        if key_id in self._spent or not 0 < key_id <= _LAST_ID:
            raise SignalError(f"one-time prekey {key_id} is used up or never was")
        return self._one_time(key_id)

    def to_state(self) -> Row:
        """Tell everything there is to keep, as JSON can hold it."""
        return {
            "registration_id": self.registration_id,
            "identity": self._identity.private.hex(),
            "signed": self._signed.private.hex(),
            "signature": self._signature.hex(),
            "seed": self._seed.hex(),
            "next_id": self._next_id,
            "spent": {str(key_id): True for key_id in sorted(self._spent)},
            "sessions": {peer: {"all": one.to_state()} for peer, one in self._records.items()},
        }

    @classmethod
    def from_state(cls, state: Row) -> "Phone":
        """Restore what to_state told.

        Raises:
            FieldError: a field is missing or of another type.
        """
        fields = Fields(state)
        sessions = fields.inner("sessions")
        return cls(
            registration_id=fields.integer("registration_id"),
            _identity=KeyPair.from_private(fields.raw("identity")),
            _signed=KeyPair.from_private(fields.raw("signed")),
            _signature=fields.raw("signature"),
            _seed=fields.raw("seed"),
            _next_id=fields.integer("next_id"),
            _spent={int(key_id) for key_id in fields.inner("spent").row},
            _records={
                peer: SessionRecord.from_state(sessions.inner(peer).rows("all"))
                for peer in sessions.row
            },
        )
