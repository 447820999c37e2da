"""The protobuf wire format for flat messages of numbers and bytes; knows no message's fields."""

from collections.abc import Mapping

_VARINT, _BYTES = 0, 2
_MAX_VARINT = 10  # bytes
_CONTINUED = 0x80  # bit of a byte that another follows


class WireError(Exception):
    """The bytes are no flat protobuf, or lack a field."""


def write_wire(fields: Mapping[int, int | bytes]) -> bytes:
    """Write fields by number, in the order given."""
    out = bytearray()
    for number, value in fields.items():
        if isinstance(value, int):
            out += _varint(number << 3 | _VARINT) + _varint(value)
        else:
            out += _varint(number << 3 | _BYTES) + _varint(len(value)) + value
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= _CONTINUED:
        out.append(value & 0x7F | _CONTINUED)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_wire(data: bytes) -> dict[int, int | bytes]:
    """Read fields by number; of a repeated one the last.

    Raises:
        WireError: the bytes are cut short, or hold another wire type.
    """
    fields: dict[int, int | bytes] = {}
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        value, at = _read_varint(data, at)
        match tag & 7:
            case 0:
                fields[tag >> 3] = value
            case 2:
                fields[tag >> 3] = data[at : at + value]
                at += value
            case other:
                raise WireError(f"wire type {other}")
    if at != len(data):
        raise WireError("a field is cut short")
    return fields


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count, byte in enumerate(data[at : at + _MAX_VARINT]):
        value |= (byte & 0x7F) << 7 * count
        if byte < _CONTINUED:
            return value, at + count + 1
    raise WireError("a number is cut short or too long")


def read_bytes(fields: Mapping[int, int | bytes], number: int) -> bytes:
    """Read a field of bytes.

    Raises:
        WireError: it is missing, or a number.
    """
    value = fields.get(number)
    if not isinstance(value, bytes):
        raise WireError(f"field {number} holds no bytes")
    return value


def read_number(fields: Mapping[int, int | bytes], number: int) -> int:
    """Read a field of a number; 0 where it is missing.

    Raises:
        WireError: it holds bytes.
    """
    value = fields.get(number, 0)
    if isinstance(value, bytes):
        raise WireError(f"field {number} holds no number")
    return value
