"""The server's side of Noise_XX_25519_AESGCM_SHA256: bytes in, bytes out; knows no stanzas.

The pattern, its mixing order and the counters are those of whatsmeow's ``handshake.go`` and
``socket/noisehandshake.go``. Order of play, seen from the server::

    e      ->  read_hello        (client's ephemeral key)
    <- e, ee, s, es, payload     (answer_hello: our ephemeral, our static, the certificates)
    s, se, payload  ->  read_finish
    split  ->  Transport
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waheal.sandbox.curve import CurveError, KeyPair, hkdf

PATTERN = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"
PROLOGUE = b"WA\x06\x03"
KEY_SIZE = 32


class NoiseError(Exception):
    """The peer's handshake or ciphertext does not fit."""


def _nonce(counter: int) -> bytes:
    return b"\0" * 8 + counter.to_bytes(4, "big")


def _derive_pair(salt: bytes, secret: bytes) -> tuple[bytes, bytes]:
    out = hkdf(secret, b"", 2 * KEY_SIZE, salt)
    return out[:KEY_SIZE], out[KEY_SIZE:]


class _Symmetric:
    """The running hash, salt and cipher of a handshake."""

    def __init__(self, prologue: bytes) -> None:
        self._hash = PATTERN
        self._salt = PATTERN
        self._cipher = AESGCM(PATTERN)
        self._counter = 0
        self.mix_hash(prologue)

    def mix_hash(self, data: bytes) -> None:
        self._hash = hashlib.sha256(self._hash + data).digest()

    def mix_key(self, ours: KeyPair, theirs: bytes) -> None:
        try:
            secret = ours.agree(theirs)
        except CurveError as error:
            raise NoiseError("the peer's key is no Curve25519 point to agree on") from error
        self._salt, key = _derive_pair(self._salt, secret)
        self._cipher = AESGCM(key)
        self._counter = 0

    def seal(self, plain: bytes) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._counter), plain, self._hash)
        self._counter += 1
        self.mix_hash(sealed)
        return sealed

    def open(self, sealed: bytes) -> bytes:
        try:
            plain = self._cipher.decrypt(_nonce(self._counter), sealed, self._hash)
        except InvalidTag as error:
            raise NoiseError("a handshake field does not decrypt") from error
        self._counter += 1
        self.mix_hash(sealed)
        return plain

    def split(self) -> tuple[bytes, bytes]:
        return _derive_pair(self._salt, b"")


class Transport:
    """Both directions after the handshake; each frame has its own counter, in order."""

    def __init__(self, receive_key: bytes, send_key: bytes) -> None:
        self._receive = AESGCM(receive_key)
        self._send = AESGCM(send_key)
        self._received = 0
        self._sent = 0

    def seal(self, plain: bytes) -> bytes:
        """Encrypt the next outgoing frame."""
        sealed = self._send.encrypt(_nonce(self._sent), plain, None)
        self._sent += 1
        return sealed

    def open(self, sealed: bytes) -> bytes:
        """Decrypt the next incoming frame.

        Raises:
            NoiseError: the frame was not sealed with this session's key and counter.
        """
        try:
            plain = self._receive.decrypt(_nonce(self._received), sealed, None)
        except InvalidTag as error:
            raise NoiseError("a frame does not decrypt") from error
        self._received += 1
        return plain


class Responder:
    """One handshake, answered by the owner of ``static``."""

    def __init__(self, static: KeyPair, ephemeral: KeyPair | None = None) -> None:
        self._static = static
        self._ephemeral = ephemeral or KeyPair.generate()
        self._symmetric = _Symmetric(PROLOGUE)

    def answer_hello(self, ephemeral: bytes, payload: bytes) -> tuple[bytes, bytes, bytes]:
        """Our ephemeral key, our sealed static key and the sealed payload (the certificates).

        Raises:
            NoiseError: the client's ephemeral key is none.
        """
        if len(ephemeral) != KEY_SIZE:
            raise NoiseError(f"an ephemeral key has 32 bytes, not {len(ephemeral)}")
        ours = self._ephemeral.public
        self._symmetric.mix_hash(ephemeral)
        self._symmetric.mix_hash(ours)
        self._symmetric.mix_key(self._ephemeral, ephemeral)
        static = self._symmetric.seal(self._static.public)
        self._symmetric.mix_key(self._static, ephemeral)
        return ours, static, self._symmetric.seal(payload)

    def read_finish(self, static: bytes, payload: bytes) -> tuple[bytes, bytes]:
        """Read the client's static public key and its payload.

        Raises:
            NoiseError: either does not decrypt.
        """
        client = self._symmetric.open(static)
        if len(client) != KEY_SIZE:
            raise NoiseError(f"a static key has 32 bytes, not {len(client)}")
        self._symmetric.mix_key(self._ephemeral, client)
        return client, self._symmetric.open(payload)

    def finish(self) -> Transport:
        """Tell the session's ciphers; the client writes with the first key."""
        client_writes, client_reads = self._symmetric.split()
        return Transport(client_writes, client_reads)
