"""Curve25519 key pairs, XEdDSA signatures and HKDF; knows no protocol that uses them."""

import hmac
from dataclasses import dataclass

import xeddsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey


class CurveError(Exception):
    """A public key is no point to agree on."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A Curve25519 key pair, 32 bytes each."""

    private: bytes
    public: bytes

    @classmethod
    def generate(cls) -> "KeyPair":
        """Make a new pair."""
        key = X25519PrivateKey.generate()
        return cls(key.private_bytes_raw(), key.public_key().public_bytes_raw())

    @classmethod
    def from_private(cls, private: bytes) -> "KeyPair":
        """Restore the pair of a private key."""
        key = X25519PrivateKey.from_private_bytes(private)
        return cls(private, key.public_key().public_bytes_raw())

    def agree(self, public: bytes) -> bytes:
        """Compute the secret shared with the owner of public.

        Raises:
            CurveError: public is no point to agree on.
        """
        try:
            theirs = X25519PublicKey.from_public_bytes(public)
            return X25519PrivateKey.from_private_bytes(self.private).exchange(theirs)
        except ValueError as error:
            raise CurveError("a public key is no Curve25519 point to agree on") from error


def sign(private: bytes, message: bytes) -> bytes:
    """Sign with a Curve25519 key; 64 bytes of XEdDSA with the sign bit clear."""
    signature: bytes = xeddsa.ed25519_priv_sign(xeddsa.priv_force_sign(private, False), message)
    return signature


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Check a signature; its last bit tells the sign of the Edwards point, as libsignal has it."""
    if len(signature) != xeddsa.ED_25519_SIGNATURE_SIZE:
        return False
    point = xeddsa.curve25519_pub_to_ed25519_pub(public, bool(signature[63] & 0x80))
    bare = signature[:63] + bytes((signature[63] & 0x7F,))
    return bool(xeddsa.ed25519_verify(bare, point, message))


def hkdf(secret: bytes, info: bytes, size: int, salt: bytes = bytes(32)) -> bytes:
    """Derive size bytes by HKDF-SHA256 (RFC 5869)."""
    key = hmac.digest(salt, secret, "sha256")
    block, out = b"", b""
    for count in range(1, -(-size // 32) + 1):
        block = hmac.digest(key, block + info + bytes((count,)), "sha256")
        out += block
    return out[:size]
