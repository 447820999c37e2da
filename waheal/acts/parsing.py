"""Reads what operators write: durations, moments, shares, labels; knows no act."""

import os
import re
import stat
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from waheal.campaign.zones import zone_of
from waheal.errors import UsageError
from waheal.model import DeviceId, Labels, MessageKind

AUTO = "auto"
"""What stands for a number that follows from devices, cores and limits."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)?", re.IGNORECASE)
_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FULL = 100.0
_REGIONS = {
    "UK": "GB", "ENGLAND": "GB", "GBR": "GB", "USA": "US", "UAE": "AE", "KSA": "SA", "EL": "GR",
    "RSA": "ZA", "PRC": "CN", "ROC": "TW", "ROK": "KR", "DRC": "CD",
}  # fmt: skip


def duration(text: str, option: str) -> float:
    """Seconds: `90`, `90s`, `2h`, `1h30m`, `1.5d`.

    Raises:
        UsageError: it is no time, or none at all.
    """
    spans = list(_DURATION.finditer(text.strip()))
    seconds = sum(float(span[1]) * _UNITS[(span[2] or "s").lower()] for span in spans)
    if "".join(span[0] for span in spans) != text.strip() or seconds <= 0:
        raise UsageError(f"{option} {text!r} is no time", hint="such as 90s, 15m, 2h or 1h30m")
    return seconds


def kind(text: str) -> MessageKind:
    """Read a kind of message, such as `location`.

    Raises:
        UsageError: there is none of that name.
    """
    from waheal.campaign.kinds import read_kind  # noqa: PLC0415 - with files only, as encodings

    found = read_kind(text)
    if found is None:
        raise UsageError(
            f"--kind {text!r} is no kind of message", hint=f"one of {', '.join(MessageKind)}"
        )
    return found


def amount(text: int | str, option: str) -> int | None:
    """Give how many: a number from 1 on; None for `auto`.

    Raises:
        UsageError: it is neither.
    """
    if str(text).strip().casefold() == AUTO:
        return None
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise UsageError(f"{option} {text!r} is no number", hint=f"1 or more, or {AUTO}")
    return value


def share(text: str, option: str) -> float:
    """Give a share between 0 and 1: `20%` or `0.2`.

    Raises:
        UsageError: it is none.
    """
    stripped = text.strip()
    try:
        value = float(stripped.removesuffix("%"))
    except ValueError:
        value = -1.0
    value = value / _FULL if stripped.endswith("%") else value
    if not 0 < value <= 1:
        raise UsageError(f"{option} {text!r} is no share", hint="such as 20% or 0.2")
    return value


def moment(text: str, option: str, now: datetime) -> float:
    """Unix seconds of a date, a date and time, or a time of day (the next one); machine's zone.

    Raises:
        UsageError: it is none of them.
    """
    stripped = text.strip()
    if clock := _CLOCK.fullmatch(stripped):
        at = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (at if at > now else at + timedelta(days=1)).timestamp()
    try:
        at = datetime.fromisoformat(stripped)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is no time", hint="such as 17:30, 2026-12-24 or 2026-12-24T18:00"
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=now.tzinfo)).timestamp()


def encoding(text: str) -> str:
    """Give the codec of an encoding, such as `windows-1251`, `GBK` or `mac-roman`.

    Raises:
        UsageError: it is none.
    """
    from waheal.campaign.encoding import codec_of  # noqa: PLC0415 - it is large

    found = codec_of(text)
    if found is None:
        raise UsageError(
            f"--encoding {text!r} is no encoding of texts",
            hint="such as utf-8, windows-1252, windows-1251, gb18030, shift-jis or macintosh",
        )
    return found


def zone(text: str) -> str:
    """Give an IANA time zone as it is spelt there, such as `Asia/Omsk`.

    Raises:
        UsageError: there is none of that name.
    """
    found = zone_of(text)
    if found is None:
        raise UsageError(f"--zone {text!r} is no time zone", hint="such as Europe/Moscow")
    return found


def region(text: str) -> str:
    """Give the two letters of a region, also by what people call it, such as UK, or `+44`."""
    from phonenumbers.phonenumberutil import (  # noqa: PLC0415 - likewise
        COUNTRY_CODE_TO_REGION_CODE,
    )

    stripped = text.strip().upper()
    code = stripped.removeprefix("+")
    if code.isdecimal() and int(code) in COUNTRY_CODE_TO_REGION_CODE:
        return COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
    return _REGIONS.get(stripped.replace(".", ""), stripped)


def label(text: str) -> DeviceId:
    """Give a device's label: any word without comma or blank, never a number.

    Raises:
        UsageError: it is none.
    """
    if not text or "," in text or any(mark.isspace() or not mark.isprintable() for mark in text):
        raise UsageError(f"{text!r} can't be a label", hint="a word without comma or blank")
    if text.startswith("-"):
        raise UsageError(f"{text!r} can't be a label", hint="it would be taken for an option")
    return DeviceId(text)


def labels(text: str | None) -> Labels | None:
    """Give the devices of a list such as `a,b` or `shop-*`; None for all devices.

    Raises:
        UsageError: one can't be a label, or there is none.
    """
    if text is None:
        return None
    found = frozenset(label(part.strip()) for part in text.split(",") if part.strip())
    if not found:
        raise UsageError("--devices names no device", hint="leave it out to use them all")
    return Labels(found)


def spelled(path: Path, what: str) -> Path:
    """Give the whole path, as it can be kept and told.

    Raises:
        UsageError: it, or a folder on its way, is not UTF-8, or there is no current folder.
    """
    try:
        whole = path.absolute()
    except OSError as error:
        raise UsageError(
            f"{what} {str(path)!r} counts from a folder that is gone", hint="write its whole path"
        ) from error
    try:
        str(whole).encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{what} {str(whole)!r} is not UTF-8", hint="rename it, or its folder"
        ) from error
    return whole


def output(path: Path, what: str) -> Path:
    """Give the whole path of a file that is yet to be written.

    Raises:
        UsageError: it can't be, as things stand, or its path can't be told.
    """
    whole = spelled(path, what)
    if whole.exists() and not whole.is_dir() and not whole.is_file():
        return whole  # a pipe or a device is written into
    if whole.is_dir():
        why = "it is a folder"
    elif not whole.parent.is_dir():
        why = "there is no such folder"
    elif not os.access(whole.parent, os.W_OK | os.X_OK):
        why = "its folder is closed to you"
    else:
        return whole
    raise UsageError(
        f"{what}: {whole} can't be written: {why}", hint="name a file in a folder that is yours"
    )


def folder(path: Path, what: str) -> Path:
    """Give the whole path of a folder, without links.

    Raises:
        UsageError: it is none, or its path can't be told.
    """
    try:
        whole = spelled(path, what).resolve(strict=True)
        found = stat.S_ISDIR(whole.stat().st_mode)
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL, links in a ring
        found = False
    if not found:
        raise UsageError(f"{what} {str(path)!r} is no folder", hint="name one that is there")
    return whole


def machine_zone() -> ZoneInfo:
    """Give the zone that this machine's clock shows, by TZ, then by /etc; UTC where nobody says."""
    named = os.environ.get("TZ", "").removeprefix(":")
    link = Path("/etc/localtime")
    for name in (named, str(link.resolve()).partition("/zoneinfo/")[2]):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")
