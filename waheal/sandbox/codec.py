"""WhatsApp's binary XML, token dictionary 3: nodes to bytes and back; knows no stanza's meaning.

Layout, tags and the order in which an encoder tries them are those of whatsmeow's ``binary/``
(``encoder.go``, ``decoder.go``, ``unpack.go``).
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from waheal.sandbox.stubs import import_behind_stub

MAX_SIZE = 32 * 1024 * 1024  # bytes of one stanza, after decompression
MAX_DEPTH = 64  # nodes within nodes

_LIST_EMPTY = 0
_DICTIONARIES = range(236, 240)
_INTEROP_JID, _FB_JID, _AD_JID = 245, 246, 247
_LIST_8, _LIST_16, _JID_PAIR = 248, 249, 250
_HEX_8, _BINARY_8, _BINARY_20, _BINARY_32, _NIBBLE_8 = 251, 252, 253, 254, 255
_PACKED_MAX = 127  # characters
_COMPRESSED = 2  # bit of the flag byte

# Packed texts are hex digits under another alphabet, so that hex does the work.
_FROM_NIBBLES, _TO_NIBBLES = str.maketrans("-.", "ab"), str.maketrans("ab", "-.")
_NIBBLES, _HEX = re.compile(r"[0-9.-]*"), re.compile(r"[0-9A-F]*")
_DOMAINS = MappingProxyType({"s.whatsapp.net": 0, "lid": 1, "hosted": 128, "hosted.lid": 129})
_SERVERS = MappingProxyType({domain: server for server, domain in _DOMAINS.items()})
_ALWAYS_WITH_DEVICE = frozenset({"hosted", "hosted.lid"})


class CodecError(Exception):
    """The bytes are no stanza, or the stanza can't be put into bytes."""


@dataclass(frozen=True, slots=True)
class Jid:
    """An address: a user on a server, and which of the user's devices (0 is the phone)."""

    user: str
    server: str
    device: int = 0

    def __str__(self) -> str:
        if not self.user:
            return self.server
        device = f":{self.device}" if self.device else ""
        return f"{self.user}{device}@{self.server}"

    @classmethod
    def parse(cls, text: str) -> "Jid":
        """Read ``user@server``, ``user:device@server``, ``user.agent:device@server`` or a server.

        Raises:
            CodecError: text is no address.
        """
        left, at, server = text.rpartition("@")
        user, colon, device = left.partition(":")
        user = user.partition(".")[0]
        if not server or (at and not user) or (colon and not device.isdecimal()):
            raise CodecError(f"no JID: {text!r}")
        return cls(user, server, int(device) if colon else 0)

    @property
    def bare(self) -> "Jid":
        """The same user without a device."""
        return Jid(self.user, self.server)


@dataclass(frozen=True, slots=True)
class Node:
    """One element. Attributes that are empty strings do not travel."""

    tag: str
    attrs: Mapping[str, str | Jid] = field(default_factory=dict)
    content: "bytes | tuple[Node, ...] | None" = None

    def children(self, tag: str | None = None) -> "tuple[Node, ...]":
        """List the child elements, all of them or those with the tag."""
        if not isinstance(self.content, tuple):
            return ()
        return tuple(node for node in self.content if tag is None or node.tag == tag)

    def child(self, tag: str) -> "Node | None":
        """Find the first child with the tag."""
        return next(iter(self.children(tag)), None)

    def attr(self, name: str) -> str:
        """Read an attribute as text; empty where it is missing."""
        return str(self.attrs.get(name, ""))

    def jid(self, name: str) -> Jid | None:
        """Read an attribute as an address; None where it is missing or plain text."""
        value = self.attrs.get(name)
        return value if isinstance(value, Jid) else None

    def data(self) -> bytes:
        """Read the content as bytes; empty where there is none or where it is elements."""
        return self.content if isinstance(self.content, bytes) else b""

    def data_of(self, tag: str) -> bytes:
        """Read the content of the first child with the tag; empty where it is missing."""
        found = self.child(tag)
        return b"" if found is None else found.data()


@dataclass(frozen=True, slots=True)
class _Dictionary:
    single: tuple[str, ...]
    double: tuple[tuple[str, ...], ...]
    codes: Mapping[str, bytes]  # a text's token, one or two bytes


def _load_dictionary() -> _Dictionary:
    tables = import_behind_stub("pyaileys.wabinary.constants")
    single: tuple[str, ...] = tuple(tables.SINGLE_BYTE_TOKENS)
    double: tuple[tuple[str, ...], ...] = tuple(map(tuple, tables.DOUBLE_BYTE_TOKENS))
    codes = {
        text: bytes((_DICTIONARIES[page], index))
        for page, texts in enumerate(double)
        for index, text in enumerate(texts)
    }
    codes |= {text: bytes((index,)) for index, text in enumerate(single) if text}
    return _Dictionary(single, double, MappingProxyType(codes))


_TOKENS = _load_dictionary()


def encode(node: Node) -> bytes:
    """Write the node as one payload: a flag byte 0, then binary XML.

    Raises:
        CodecError: a list, text or device number is too large to be written.
    """
    encoder = _Encoder()
    encoder.node(node)
    return bytes(encoder.out)


def decode(payload: bytes) -> Node:
    """Read the one node in a payload: a flag byte (bit 1 set means zlib), then binary XML.

    Raises:
        CodecError: the payload is cut short, malformed, too large or too deep.
    """
    if not payload:
        raise CodecError("an empty payload")
    body = _inflate(payload[1:]) if payload[0] & _COMPRESSED else payload[1:]
    cursor = _Cursor(body)
    node = _NodeDecoder(cursor).node(MAX_DEPTH)
    if cursor.at != len(body):
        raise CodecError(f"{len(body) - cursor.at} bytes after the node")
    return node


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(data, MAX_SIZE)
    except zlib.error as error:
        raise CodecError("the compressed payload is damaged") from error
    if not inflater.eof:
        raise CodecError("the compressed payload is cut short or too large")
    return body


class _Encoder:
    def __init__(self) -> None:
        self.out = bytearray(b"\0")

    def node(self, node: Node) -> None:
        attrs = {name: value for name, value in node.attrs.items() if value != ""}
        self.list_start(1 + 2 * len(attrs) + (node.content is not None))
        self.text(node.tag)
        for name, value in attrs.items():
            self.text(name)
            self.value(value)
        match node.content:
            case bytes() as data:
                self.raw(data)
            case tuple() as children:
                self.list_start(len(children))
                for child in children:
                    self.node(child)
            case None:
                pass

    def list_start(self, size: int) -> None:
        if size == 0:
            self.out.append(_LIST_EMPTY)
        elif size < 1 << 8:
            self.out += bytes((_LIST_8, size))
        elif size < 1 << 16:
            self.out += bytes((_LIST_16,)) + size.to_bytes(2, "big")
        else:
            raise CodecError(f"a list of {size} is too long")

    def value(self, value: str | Jid) -> None:
        if isinstance(value, Jid):
            self.jid(value)
        else:
            self.text(value)

    def text(self, text: str) -> None:
        if token := _TOKENS.codes.get(text):
            self.out += token
        elif len(text) <= _PACKED_MAX and _NIBBLES.fullmatch(text):
            self.packed(text.translate(_FROM_NIBBLES), _NIBBLE_8)
        elif len(text) <= _PACKED_MAX and _HEX.fullmatch(text):
            self.packed(text, _HEX_8)
        else:
            self.raw(_utf8(text))

    def packed(self, digits: str, tag: int) -> None:
        odd = len(digits) % 2
        pairs = bytes.fromhex(digits + "f" * odd)
        self.out += bytes((tag, len(pairs) | odd << 7))
        self.out += pairs

    def raw(self, data: bytes) -> None:
        size = len(data)
        if size < 1 << 8:
            self.out += bytes((_BINARY_8, size))
        elif size < 1 << 20:
            self.out += bytes((_BINARY_20,)) + size.to_bytes(3, "big")
        elif size <= MAX_SIZE:
            self.out += bytes((_BINARY_32,)) + size.to_bytes(4, "big")
        else:
            raise CodecError(f"{size} bytes are too many for one stanza")
        self.out += data

    def jid(self, jid: Jid) -> None:
        domain = _DOMAINS.get(jid.server)
        if domain is not None and (jid.device or jid.server in _ALWAYS_WITH_DEVICE):
            if not 0 <= jid.device < 1 << 8:
                raise CodecError(f"device {jid.device} does not fit into a byte")
            self.out += bytes((_AD_JID, domain, jid.device))
            self.text(jid.user)
            return
        self.out.append(_JID_PAIR)
        if jid.user:
            self.text(jid.user)
        else:
            self.out.append(_LIST_EMPTY)
        self.text(jid.server)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise CodecError("text with half a surrogate pair in it") from error


class _Cursor:
    """Where the reading is, and the plain steps from there."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self._data):
            raise CodecError(f"cut short: {size} bytes wanted at {self.at}")
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def byte(self) -> int:
        at = self.at
        if at >= len(self._data):
            raise CodecError(f"cut short at {at}")
        self.at = at + 1
        return self._data[at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def list_size(self, tag: int) -> int:
        match tag:
            case 0:
                return 0
            case 248:
                return self.byte()
            case 249:
                return self.number(2)
            case _:
                raise CodecError(f"no list at {self.at}: tag {tag}")

    def binary_size(self, tag: int) -> int | None:
        match tag:
            case 252:
                return self.byte()
            case 253:
                return self.number(3) & 0xFFFFF
            case 254:
                return self.number(4)
            case _:
                return None


class _TextDecoder:
    """Texts in each of their five shapes: nothing, a token, packed in two ways, or UTF-8."""

    def __init__(self, cursor: _Cursor) -> None:
        self._cursor = cursor

    def text(self) -> str:
        return self.tagged(self._cursor.byte())

    def tagged(self, tag: int) -> str:
        """Read a text whose tag was read."""
        if tag == _LIST_EMPTY:
            return ""
        if tag < len(_TOKENS.single):
            return _TOKENS.single[tag]
        if tag in _DICTIONARIES:
            return self._token(_TOKENS.double[tag - _DICTIONARIES.start])
        if tag == _NIBBLE_8:
            return self._nibbles()
        if tag == _HEX_8:
            return self._packed().upper()
        return self._utf8(tag)

    def _token(self, page: tuple[str, ...]) -> str:
        index = self._cursor.byte()
        if index >= len(page):
            raise CodecError(f"no token {index} in a page of {len(page)}")
        return page[index]

    def _packed(self) -> str:
        start = self._cursor.byte()
        digits = self._cursor.take(start & 127).hex()
        return digits[:-1] if start >> 7 else digits

    def _nibbles(self) -> str:
        text = self._packed().translate(_TO_NIBBLES)
        if _NIBBLES.fullmatch(text) is None:
            raise CodecError(f"a packed text at {self._cursor.at} holds an unused code")
        return text

    def _utf8(self, tag: int) -> str:
        if (size := self._cursor.binary_size(tag)) is None:
            raise CodecError(f"no text at {self._cursor.at}: tag {tag}")
        try:
            return self._cursor.take(size).decode()
        except UnicodeDecodeError as error:
            raise CodecError(f"text at {self._cursor.at} is not UTF-8") from error


class _NodeDecoder:
    """Nodes and the addresses in them."""

    def __init__(self, cursor: _Cursor) -> None:
        self._cursor = cursor
        self._texts = _TextDecoder(cursor)

    def node(self, depth: int) -> Node:
        if depth == 0:
            raise CodecError(f"nodes nested deeper than {MAX_DEPTH}")
        size = self._cursor.list_size(self._cursor.byte())
        tag = self._texts.text() if size else ""
        if not tag:
            raise CodecError(f"a node without a tag at {self._cursor.at}")
        attrs: dict[str, str | Jid] = {}
        for _ in range((size - 1) // 2):
            name = self._texts.text()
            attrs[name] = self._value()
        return Node(tag, attrs, None if size % 2 else self._content(depth))

    def _content(self, depth: int) -> bytes | tuple[Node, ...] | None:
        tag = self._cursor.byte()
        if tag == _LIST_EMPTY:
            return None
        if tag in (_LIST_8, _LIST_16):
            return tuple(self.node(depth - 1) for _ in range(self._cursor.list_size(tag)))
        if (size := self._cursor.binary_size(tag)) is not None:
            return self._cursor.take(size)
        return self._texts.tagged(tag).encode()

    def _value(self) -> str | Jid:
        tag = self._cursor.byte()
        if tag in (_JID_PAIR, _AD_JID, _FB_JID, _INTEROP_JID):
            return self._jid(tag)
        return self._texts.tagged(tag)

    def _jid(self, tag: int) -> Jid:
        if tag == _AD_JID:
            domain, device = self._cursor.take(2)
            return Jid(self._texts.text(), _SERVERS.get(domain, "s.whatsapp.net"), device)
        user = self._texts.text()
        device = self._cursor.number(2) if tag in (_FB_JID, _INTEROP_JID) else 0
        if tag == _INTEROP_JID:
            self._cursor.take(2)  # the integrator, which the sandbox has none of
        server = self._texts.text()
        if not server:
            raise CodecError(f"a JID without a server at {self._cursor.at}")
        return Jid(user, server, device)
