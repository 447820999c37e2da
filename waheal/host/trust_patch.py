"""Makes the loaded library believe a sandbox's noise root, or refuses; knows no client.

WhatsApp's root key is compiled into the library: 32 bytes in writable data, once. Anything but
one hit means another library than the pinned one, and is not touched. What a sandbox is trusted by
is checked before the library is loaded, and its proxy is written anew from a loopback address and
a port, so that a patched process can never talk to the outside.
"""

import ctypes
import re
from dataclasses import dataclass
from pathlib import Path

from waheal.errors import UsageError
from waheal.loopback import loopback_url
from waheal.model import Trust

WHATSAPP_ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")


class TrustRefusedError(UsageError):
    """The sandbox can't be trusted without risk."""


@dataclass(frozen=True, slots=True)
class CheckedTrust:
    """What a sandbox may be trusted by: a proxy on loopback, and its noise root."""

    proxy: str
    root: bytes


def check(trust: Trust) -> CheckedTrust:
    """Check what the coordinator names, before the library is loaded.

    Raises:
        TrustRefusedError: the proxy is not on loopback, the root is malformed, or the CA is no
            file.
    """
    proxy = loopback_url(trust.proxy)
    if proxy is None:
        raise TrustRefusedError(
            f"the sandbox's proxy {trust.proxy!r} is not on a loopback address",
            hint="a sandbox runs on this machine: http://127.0.0.1:PORT",
        )
    if re.fullmatch("[0-9a-fA-F]{64}", trust.noise_root) is None:
        raise TrustRefusedError(
            "the sandbox's noise root is not 64 hex digits", hint="write the trust file anew"
        )
    ca = Path(trust.ca)
    if not (ca.is_absolute() and ca.is_file()):  # nor is one with a NUL in its name
        raise TrustRefusedError(
            f"the sandbox's CA {trust.ca!r} is no file", hint="write the trust file anew"
        )
    return CheckedTrust(proxy, bytes.fromhex(trust.noise_root))


def apply(checked: CheckedTrust, library: Path) -> None:
    """Overwrite WhatsApp's root in the loaded library by the sandbox's.

    Raises:
        TrustRefusedError: the library does not hold WhatsApp's root exactly once.
    """
    hits = _find(WHATSAPP_ROOT, library)
    if len(hits) != 1:
        raise TrustRefusedError(
            f"WhatsApp's root key stands {len(hits)} times in {library.name}, not once",
            hint="this is not the neonize that the sandbox was made for; install the pinned one",
        )
    ctypes.memmove(hits[0], checked.root, len(checked.root))


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
