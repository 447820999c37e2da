"""Linking by a code that is typed into the phone: the phone's half of the key exchange.

Order of play (whatsmeow's ``pair-code.go``): the client says hello with an ephemeral key that is
wrapped under the code; the phone answers with its own; the client finishes with a bundle that holds
its identity. From the three agreements comes the secret that a QR text would have carried.
"""

import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.curve import CurveError, KeyPair, hkdf
from waheal.sandbox.phone import Phone
from waheal.sandbox.stanzas import SERVER

REGISTRATION = "link_code_companion_reg"
_ROUNDS = 131_072
_SALT, _IV, _KEY, _NONCE = 32, 16, 32, 12
_BUNDLE_INFO = b"link_code_pairing_key_bundle_encryption_key"
_SECRET_INFO = b"adv_secret"


class PairCodeError(Exception):
    """The code does not fit, or the exchange was damaged."""


def _crypt(code: str, salt: bytes, iv: bytes, key: bytes) -> bytes:
    """Wrap or unwrap an ephemeral key; AES-CTR is its own inverse."""
    wrapping = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, _ROUNDS, 32)
    return Cipher(algorithms.AES256(wrapping), modes.CTR(iv)).encryptor().update(key)


@dataclass(slots=True)
class CodeExchange:
    """One hello that waits for its code, and what the phone answered once it was typed."""

    number: str
    wrapped: bytes
    ref: bytes
    _ephemeral: KeyPair | None = None
    _theirs: bytes = b""

    @classmethod
    def hello(cls, registration: Node) -> "CodeExchange":
        """Begin with a client's `companion_hello`.

        Raises:
            PairCodeError: it lacks the number or the key.
        """
        jid = registration.jid("jid")
        wrapped = registration.data_of("link_code_pairing_wrapped_companion_ephemeral_pub")
        if jid is None or len(wrapped) != _SALT + _IV + _KEY:
            raise PairCodeError("a hello without its number or its key")
        return cls(jid.user, wrapped, secrets.token_urlsafe(24).encode())

    def said(self) -> Node:
        """Tell what the client is told of its hello."""
        return Node(REGISTRATION, {}, (Node("link_code_pairing_ref", {}, self.ref),))

    def enter(self, code: str, phone: Phone) -> Node:
        """Type the code; the notification with the phone's half."""
        bare = code.replace("-", "").strip().upper()
        salt, iv, key = self.wrapped[:_SALT], self.wrapped[_SALT:-_KEY], self.wrapped[-_KEY:]
        self._theirs = _crypt(bare, salt, iv, key)
        self._ephemeral = KeyPair.generate()
        salt, iv = secrets.token_bytes(_SALT), secrets.token_bytes(_IV)
        wrapped = salt + iv + _crypt(bare, salt, iv, self._ephemeral.public)
        content = (
            Node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, wrapped),
            Node("primary_identity_pub", {}, phone.identity),
            Node("link_code_pairing_ref", {}, self.ref),
        )
        attrs: dict[str, str | Jid] = {
            "from": SERVER,
            "type": REGISTRATION,
            "id": secrets.token_hex(4),
        }
        said = Node(REGISTRATION, {"stage": "primary_hello"}, content)
        return Node("notification", attrs, (said,))

    def finish(self, registration: Node, phone: Phone) -> bytes:
        """Open a client's `companion_finish`; the secret that both sides hold now.

        Raises:
            PairCodeError: the code was wrong, or the client is another one.
        """
        if self._ephemeral is None or registration.data_of("link_code_pairing_ref") != self.ref:
            raise PairCodeError("an answer that nothing was asked for")
        wrapped = registration.data_of("link_code_pairing_wrapped_key_bundle")
        salt, rest = wrapped[:_SALT], wrapped[_SALT:]
        try:
            shared = self._ephemeral.agree(self._theirs)
            key = hkdf(shared, _BUNDLE_INFO, 32, salt)
            bundle = AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], None)
            identity, extra = bundle[:_KEY], bundle[2 * _KEY :]
            return hkdf(shared + phone.agree(identity) + extra, _SECRET_INFO, 32)
        except (CurveError, InvalidTag, ValueError) as error:
            raise PairCodeError("the code does not fit this client") from error
