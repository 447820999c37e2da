"""Signal's two messages on the wire: version, protobuf, MAC; knows no secret.

Fields and their numbers are those of libsignal's ``WhisperTextProtocol.proto``.
"""

from dataclasses import dataclass

from waheal.sandbox.prekeys import KEY_TYPE
from waheal.sandbox.protowire import WireError, read_bytes, read_number, read_wire, write_wire

VERSION = b"\x33"  # version 3 spoken, 3 the highest known
MAC_SIZE = 8  # bytes


class SignalError(Exception):
    """A message can't be opened, or a session can't be begun."""


@dataclass(frozen=True, slots=True)
class SignalMessage:
    """One ratchet message as it travels: version, protobuf, MAC."""

    ratchet_key: bytes
    counter: int
    body: bytes
    authenticated: bytes  # version and protobuf
    mac: bytes

    def write(self) -> bytes:
        """Put the message together."""
        return self.authenticated + self.mac

    @classmethod
    def read(cls, data: bytes) -> "SignalMessage":
        """Take a message apart; its MAC is checked when a session opens it.

        Raises:
            SignalError: the bytes are no message of version 3.
        """
        authenticated, mac = data[:-MAC_SIZE], data[-MAC_SIZE:]
        try:
            fields = read_wire(_versioned(authenticated))
            return cls(
                ratchet_key=_point(read_bytes(fields, 1)),
                counter=read_number(fields, 2),
                body=read_bytes(fields, 4),
                authenticated=authenticated,
                mac=mac,
            )
        except WireError as error:
            raise SignalError("a Signal message can't be read") from error


@dataclass(frozen=True, slots=True)
class PreKeyMessage:
    """A message that begins a session, and says with which keys."""

    registration_id: int
    one_time_id: int | None
    signed_id: int
    base_key: bytes
    identity: bytes
    message: SignalMessage

    def write(self) -> bytes:
        """Put the message together."""
        fields: dict[int, int | bytes] = {
            2: KEY_TYPE + self.base_key,
            3: KEY_TYPE + self.identity,
            4: self.message.write(),
            5: self.registration_id,
            6: self.signed_id,
        }
        if self.one_time_id is not None:
            fields[1] = self.one_time_id
        return VERSION + write_wire(fields)

    @classmethod
    def read(cls, data: bytes) -> "PreKeyMessage":
        """Take a message apart.

        Raises:
            SignalError: the bytes are no prekey message of version 3.
        """
        try:
            fields = read_wire(_versioned(data))
            return cls(
                registration_id=read_number(fields, 5),
                one_time_id=read_number(fields, 1) if 1 in fields else None,
                signed_id=read_number(fields, 6),
                base_key=_point(read_bytes(fields, 2)),
                identity=_point(read_bytes(fields, 3)),
                message=SignalMessage.read(read_bytes(fields, 4)),
            )
        except WireError as error:
            raise SignalError("a prekey message can't be read") from error


def _versioned(data: bytes) -> bytes:
    if data[:1] != VERSION:
        raise SignalError("not a message of Signal version 3")
    return data[1:]


def _point(encoded: bytes) -> bytes:
    if len(encoded) != 1 + 32 or encoded[:1] != KEY_TYPE:
        raise SignalError("not a Curve25519 public key")
    return encoded[1:]
