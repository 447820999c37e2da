"""Plain HTTP/1.1 requests and responses, sans I/O; knows no paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

_MAX_HEAD = 32 * 1024
MAX_BODY = 128 * 1024 * 1024
_END = b"\r\n\r\n"
_REQUEST_PARTS = 3
_LENGTH_DIGITS = 12


class WebError(Exception):
    """What arrived is no HTTP request, or too long a one."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def wants_websocket(self) -> bool:
        """Whether the client asks for a WebSocket."""
        return "websocket" in self.headers.get("upgrade", "").lower()


def _read_head(head: bytes) -> Request:
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != _REQUEST_PARTS or not parts[2].startswith("HTTP/1."):
        raise WebError("not an HTTP request")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise WebError("a header without a colon")
        headers[name.strip().lower()] = value.strip()
    return Request(parts[0], parts[1], headers)


def _body_length(request: Request, largest: int) -> int:
    length = request.headers.get("content-length", "0")
    is_number = length.isascii() and length.isdigit() and len(length) <= _LENGTH_DIGITS
    if not is_number or int(length) > largest:
        raise WebError("a body of this length is not taken")
    if "chunked" in request.headers.get("transfer-encoding", "").lower():
        raise WebError("chunked bodies are not taken")
    return int(length)


class RequestReader:
    """The requests of one connection, one after another, with bodies of up to `largest` bytes."""

    def __init__(self, largest: int = MAX_BODY) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._head: Request | None = None
        self._wanted = 0

    def receive(self, data: bytes) -> Request | None:
        """Tell the next request once it is whole.

        Raises:
            WebError: it is none.
        """
        self._buffer += data
        if self._head is None and not self._take_head():
            return None
        head = self._head
        if head is None or len(self._buffer) < self._wanted:
            return None
        body = bytes(self._buffer[: self._wanted])
        del self._buffer[: self._wanted]
        self._head = None
        return Request(head.method, head.target, head.headers, body)

    def rest(self) -> bytes:
        """Tell what arrived after the last request."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def _take_head(self) -> bool:
        end = self._buffer.find(_END)
        if end < 0:
            if len(self._buffer) > _MAX_HEAD:
                raise WebError("a head without an end")
            return False
        self._head = _read_head(bytes(self._buffer[:end]))
        self._wanted = _body_length(self._head, self._largest)
        del self._buffer[: end + len(_END)]
        return True


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = "application/json"

    def encode(self) -> bytes:
        """Tell the bytes of an answer whose length is told."""
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
            f"Content-Type: {self.kind}\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body
