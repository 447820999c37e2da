"""Fetches one page for a link preview, once, and only where the operator asks for it.

It follows nowhere that the operator's own network begins: each name is looked up once, every
address of it must be a public one, and what was looked up is what is connected to, so that a name
can't answer differently the second time. The same holds for each redirect and for the picture.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from waheal.campaign.links import TEXT_LIMIT, TITLE_LIMIT, place_of
from waheal.errors import UsageError
from waheal.writing import write_whole

_PATIENCE = 10.0  # seconds for each step
_MOST = 4 << 20  # bytes of a page or a picture
_REDIRECTS = 5
_OK = 200
_MOVED = frozenset({301, 302, 303, 307, 308})
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_KINDS = {"image/jpeg": "jpg", "image/png": "png"}

Allowed = Callable[[str], bool]
"""Whether an address (digits) may be connected to."""


class _NotFetchedError(Exception):
    """Why."""


def is_public(address: str) -> bool:
    """Tell whether it is an address of the public internet: neither loopback, private nor local."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is not None:
            found = inner
        elif found in _TRANSLATED:  # it leads to any IPv4 address
            return False
    return found.is_global and not found.is_multicast


def fetch_preview(address: str, home: Path, allowed: Allowed = is_public) -> Path:
    """Fetch what a page says of itself, and keep it as a preview's file, unless it is there.

    Raises:
        UsageError: the page can't be had, or says nothing of itself.
    """
    path = place_of(address, home)
    if path.exists():
        return path
    try:
        page, final = _got(address, allowed, "text/html")
        told = _Told()
        told.feed(page.decode("utf-8", "replace"))
        if not told.title:
            raise _NotFetchedError("it has no title")  # noqa: TRY301 - one way out for all of them
        path.parent.mkdir(mode=0o700, exist_ok=True)
        picture = _picture(urljoin(final, told.picture), path, allowed) if told.picture else ""
    except (_NotFetchedError, OSError, http.client.HTTPException, ValueError) as error:
        raise UsageError(
            f"no preview of {address} can be made: {error}",
            hint="write a file with title, text and picture, and name that with --preview",
        ) from error
    said = {"url": address, "title": told.title, "text": told.text, "picture": picture}
    # A JSON string is a TOML string.
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items() if value]
    write_whole(path, "\n".join([*lines, ""]).encode())
    return path


def _picture(address: str, path: Path, allowed: Allowed) -> str:
    """Keep a page's picture beside its preview; its name, or nothing where it can't be had."""
    try:
        data, _ = _got(address, allowed, *_KINDS)
    except (_NotFetchedError, OSError, http.client.HTTPException, ValueError):
        return ""  # a preview without a picture is one all the same
    kind = "png" if data.startswith(b"\x89PNG") else "jpg"
    picture = path.with_suffix(f".{kind}")
    write_whole(picture, data)
    return picture.name


def _got(address: str, allowed: Allowed, *kinds: str) -> tuple[bytes, str]:
    """Get what an address leads to, and where that was."""
    for _ in range(_REDIRECTS):
        parts = urlsplit(address)
        connection = _connection(parts.scheme, parts.hostname or "", parts.port, allowed)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("GET", target, headers={"Accept": ", ".join(kinds)})
            answer = connection.getresponse()
            if answer.status in _MOVED:
                address = urljoin(address, answer.getheader("Location", ""))
                continue
            return _read(answer, kinds), address
        finally:
            connection.close()
    raise _NotFetchedError("it leads from one place to the next")


def _read(answer: http.client.HTTPResponse, kinds: tuple[str, ...]) -> bytes:
    kind = answer.headers.get_content_type()
    if answer.status != _OK:
        raise _NotFetchedError(f"its server says {answer.status}")
    if kind not in kinds:
        raise _NotFetchedError(f"it is {kind}")
    data = answer.read(_MOST + 1)
    if len(data) > _MOST:
        raise _NotFetchedError(f"it has more than {_MOST:,} bytes")
    return data


def _connection(
    scheme: str, host: str, port: int | None, allowed: Allowed
) -> http.client.HTTPConnection:
    if scheme not in ("http", "https") or not host:
        raise _NotFetchedError("it is no http address")
    port = port or (443 if scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [str(each[4][0]).partition("%")[0] for each in found]
    if not numbers or not all(map(allowed, numbers)):
        raise _NotFetchedError(f"{host} is not a public address")
    plain = _reached(numbers, port)
    if scheme == "http":
        connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
        connection.sock = plain
        return connection
    try:
        connection = http.client.HTTPSConnection(host, port, timeout=_PATIENCE)
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
    return connection


def _reached(numbers: Sequence[str], port: int) -> socket.socket:
    """Connect to the first of a name's addresses that answers: this machine may have no IPv6."""
    for number in numbers[:-1]:
        with suppress(OSError):
            return socket.create_connection((number, port), _PATIENCE)
    return socket.create_connection((numbers[-1], port), _PATIENCE)


class _Told(HTMLParser):
    """What a page says of itself: by Open Graph (https://ogp.me), else its title."""

    def __init__(self) -> None:
        super().__init__()
        self._og: dict[str, str] = {}
        self._titled = ""
        self._in_title = False

    @property
    def title(self) -> str:
        return _line(self._og.get("og:title") or self._titled)[:TITLE_LIMIT]

    @property
    def text(self) -> str:
        found = self._og.get("og:description") or self._og.get("description") or ""
        return _line(found)[:TEXT_LIMIT]

    @property
    def picture(self) -> str:
        return self._og.get("og:image", "").strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take up a meta element, the first of each name."""
        self._in_title = tag == "title"
        if tag == "meta":
            said = dict(attrs)
            name = said.get("property") or said.get("name") or ""
            self._og.setdefault(name.lower(), said.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        """End the title."""
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        """Take up the title."""
        if self._in_title:
            self._titled += data


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
