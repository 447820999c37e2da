"""Makes the loaded library believe a sandbox's noise root, or refuses; knows no client.

WhatsApp's root key is compiled into the library: 32 bytes in writable data, once. Anything but
one hit means another library than the pinned one, and is not touched. A proxy that isn't on
loopback is refused, so that a patched process can never talk to the outside.
"""

import ctypes
import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from waheal.errors import UsageError
from waheal.model import Trust

WHATSAPP_ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")


class TrustRefusedError(UsageError):
    """The sandbox can't be trusted without risk."""


def apply(trust: Trust, library: Path) -> None:
    """Overwrite WhatsApp's root in the loaded library by the sandbox's.

    Raises:
        TrustRefusedError: the proxy is not on loopback, the root is malformed, or the library
            does not hold WhatsApp's root exactly once.
    """
    _require_loopback(trust.proxy)
    root = _parse_root(trust.noise_root)
    hits = _find(WHATSAPP_ROOT, library)
    if len(hits) != 1:
        raise TrustRefusedError(
            f"WhatsApp's root key stands {len(hits)} times in {library.name}, not once",
            hint="this is not the neonize that the sandbox was made for; install the pinned one",
        )
    ctypes.memmove(hits[0], root, len(root))


def _require_loopback(proxy: str) -> None:
    parts = urlsplit(proxy)
    try:
        local = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name may resolve to anywhere
        local = parts.hostname == "localhost"
    if parts.scheme != "http" or not local:
        raise TrustRefusedError(
            f"the sandbox's proxy {proxy} is not on a loopback address",
            hint="a sandbox runs on this machine: http://127.0.0.1:PORT",
        )


def _parse_root(digits: str) -> bytes:
    try:
        root = bytes.fromhex(digits)
    except ValueError:
        root = b""
    if len(root) != len(WHATSAPP_ROOT):
        raise TrustRefusedError(
            "the sandbox's noise root is not 64 hex digits", hint="write the trust file anew"
        )
    return root


def _find(wanted: bytes, library: Path) -> list[int]:
    """Every address in the library's writable memory where `wanted` stands."""
    hits: list[int] = []
    for start, end in _writable(library):
        memory = ctypes.string_at(start, end - start)
        at = memory.find(wanted)
        while at >= 0:
            hits.append(start + at)
            at = memory.find(wanted, at + 1)
    return hits


def _writable(library: Path) -> list[tuple[int, int]]:
    """List the rw mappings of the library's file in this process (see proc(5), maps)."""
    path = str(library.resolve())
    spans: list[tuple[int, int]] = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, mode, _offset, _device, _inode, *name = line.split(maxsplit=5)
        if name == [path] and mode.startswith("rw"):
            start, end = (int(each, 16) for each in span.split("-"))
            spans.append((start, end))
    return spans
