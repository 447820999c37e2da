"""Reads a trust file: how to attach to a WhatsApp on this machine; connects to nothing."""

import json
from dataclasses import replace
from pathlib import Path
from shlex import quote

from waheal.campaign.plain_file import open_plain, read_small
from waheal.errors import UsageError
from waheal.loopback import loopback_url
from waheal.model import Trust

_DIGITS = 64
_MOST = 1 << 16  # bytes


def read_trust(path: Path) -> Trust:
    """Give the server that a trust file names.

    Raises:
        UsageError: it is no trust file, or its proxy is not on this machine.
    """
    try:
        told: object = json.loads(read_small(path, _MOST).decode())
    except OSError as error:
        raise UsageError(
            f"{path} can't be read: {error.strerror}",
            hint=f"`waheal sandbox serve --trust-file {quote(str(path))}` writes one",
        ) from error
    except (ValueError, RecursionError) as error:
        raise _no_trust(path, "it is no JSON") from error
    if not isinstance(told, dict):
        raise _no_trust(path, "it is no JSON object")
    match [told.get(name) for name in ("proxy", "ca", "noise_root")], told.get("token", ""):
        case [str(proxy), str(ca), str(root)], str(token):
            place = str((path.parent / ca).absolute())
            return _checked(path, Trust(proxy, place, root.lower(), token))
        case _:
            raise _no_trust(path, "proxy, ca or noise_root is missing")


def _checked(path: Path, trust: Trust) -> Trust:
    proxy = loopback_url(trust.proxy)
    if proxy is None:
        raise UsageError(
            f"{path}: the proxy {trust.proxy} is not on this machine",
            hint="only a loopback address is taken, such as http://127.0.0.1:7001",
        )
    if not _is_key(trust.noise_root):
        raise _no_trust(path, "noise_root is not 64 hex digits")
    if trust.token and not _is_key(trust.token):  # only the phones need one
        raise _no_trust(path, "token is not 64 hex digits")
    try:
        open_plain(Path(trust.ca)).close()
    except OSError as error:
        raise _no_trust(path, f"its ca {trust.ca} can't be read: {error.strerror}") from error
    return replace(trust, proxy=proxy)


def _is_key(text: str) -> bool:
    return len(text) == _DIGITS and not set(text) - set("0123456789abcdef")


def _no_trust(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path} is no trust file: {why}",
        hint='{"proxy": "http://127.0.0.1:7001", "ca": "/path/ca.pem", "noise_root": "64 digits"}',
    )
