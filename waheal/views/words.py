"""Puts durations, moments, counts and reasons into words; knows no view and no stream."""

import unicodedata
from datetime import datetime, tzinfo
from shlex import quote

from waheal.model import DeviceId, DeviceState, ExitCode, Quarantine
from waheal.records import ELSEWHERE, Device

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def duration(seconds: float) -> str:
    """Say how long, in at most two units: `48 s`, `3 min 12 s`, `2 h 05 min`, `3 d 4 h`."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        rest = f" {whole % MINUTE:02} s" if whole % MINUTE else ""
        return f"{whole // MINUTE} min{rest}"
    if whole < DAY:
        minutes = whole % HOUR // MINUTE
        return f"{whole // HOUR} h" + (f" {minutes:02} min" if minutes else "")
    hours = whole % DAY // HOUR
    return f"{whole // DAY} d" + (f" {hours} h" if hours else "")


def roughly(seconds: float) -> str:
    """Say how long as one would guess it: under ten minutes to 10 s, then to the minute."""
    step = 10 if seconds < 10 * MINUTE else MINUTE
    rounded = max(step, round(seconds / step) * step)
    if rounded < MINUTE:
        return f"about {rounded} s"
    if rounded < HOUR:
        minutes, rest = divmod(rounded, MINUTE)
        return f"about {minutes} min" + (f" {rest} s" if rest and minutes < 2 else "")  # noqa: PLR2004 - a short wait is told finer
    return f"about {duration(rounded)}"


def count(number: int, noun: str = "", several: str = "") -> str:
    """Write a count with its noun: `1 device`, `3,000 devices`; `several` is an odd plural."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def share(part: int, whole: int) -> str:
    """Write a share in per cent; 100 % only when it is all of it, 0 % only when it is nothing."""
    if whole <= 0:
        return "100 %"
    percent = 100 * part / whole
    if round(percent) in (0, 100) and 0 < part < whole:
        return f"{min(99.9, max(0.1, percent)):.1f} %"
    return f"{percent:.0f} %"


def rate(per_minute: float) -> str:
    """Write a rate: `0.4/min`, `212/min`."""
    return f"{per_minute:.1f}/min" if 0 < per_minute < 10 else f"{per_minute:,.0f}/min"  # noqa: PLR2004 - one digit gets a decimal


def until(moment: float, now: float, zone: tzinfo | None) -> str:
    """Name a moment as near as needed: `until 14:32`, `until Tue 14:32`, `until 3 Dec 14:32`."""
    then = datetime.fromtimestamp(moment, zone)
    today = datetime.fromtimestamp(now, zone)
    if then.date() == today.date():
        return f"until {then:%H:%M}"
    if abs((then.date() - today.date()).days) < 7:  # noqa: PLR2004 - within a week, its day names it
        return f"until {then:%a %H:%M}"
    return f"until {then.day} {then:%b %H:%M}" + (
        f" {then.year}" if then.year != today.year else ""
    )


def day(moment: float, zone: tzinfo | None) -> str:
    """Name a day and its time: `2026-11-22 14:32`."""
    return f"{datetime.fromtimestamp(moment, zone):%Y-%m-%d %H:%M}"


def tick(moment: float, span: float, zone: tzinfo | None) -> str:
    """Name a time on an axis as long as `span` (seconds): `14:32`, `27 Nov 14:32`, `27 Nov`."""
    then = datetime.fromtimestamp(moment, zone)
    if span <= 3 * MINUTE:
        return f"{then:%H:%M:%S}"
    if span <= DAY:
        return f"{then:%H:%M}"
    day = f"{then.day} {then:%b}"
    return day if span > 8 * DAY or (then.hour, then.minute) == (0, 0) else f"{day} {then:%H:%M}"


def clock_time(moment: float, zone: tzinfo | None) -> str:
    """Name the time of day, to the second."""
    return f"{datetime.fromtimestamp(moment, zone):%H:%M:%S}"


def ago(moment: float | None, now: float) -> str:
    """Say how long ago, in one unit: `never`, `just now`, `5 min ago`, `12 d ago`."""
    if moment is None:
        return "never"
    seconds = now - moment
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min ago"
    if seconds < 2 * DAY:
        return f"{seconds // HOUR:.0f} h ago"
    return f"{seconds // DAY:.0f} d ago"


def budget(begun: tuple[int, int]) -> str:
    """Say how far a device is with the new chats that `--new-chats` and `--ramp` allow."""
    used, most = begun
    return f"{used:,} of {most:,} begun in 24 hours (--new-chats, --ramp)"


def way_out(device: DeviceId, reason: Quarantine) -> str:  # noqa: PLR0911 - a case a reason
    """Tell what the operator can do about a quarantined device."""
    match reason:
        case Quarantine.PASSKEY:
            return ELSEWHERE
        case Quarantine.MOVING:
            return "take it in on its machine: waheal devices import"
        case Quarantine.NO_SESSION | Quarantine.LOGGED_OUT | Quarantine.CRASHES:
            return f"`waheal devices pair {quote(device)}`"
        case Quarantine.BANNED:
            return "open WhatsApp on its phone and ask for a review"
        case Quarantine.OUTDATED:
            return "`pip install --upgrade waheal`, then run it again"
        case Quarantine.REPLACED:
            return "end the other client that uses this session"
        case Quarantine.REFUSED | Quarantine.UNREACHABLE:
            return "`waheal doctor --connect`"
        case Quarantine.RATE_LIMITED:
            return "let it rest; lower `--rate`"


def held(device: Device | None, now: float, zone: tzinfo | None) -> str:
    """Tell how a device stands, and what holds it."""
    if device is None:
        return "removed"
    if device.state is DeviceState.QUARANTINED:
        reason = device.reason or device.state.value
        return reason if device.until is None else f"{reason} {until(device.until, now, zone)}"
    if device.state is DeviceState.PAUSED:
        return "paused"
    if device.chats_from is not None:
        why = f": {device.chats_why}" if device.chats_why else ""
        return f"no new chats {until(device.chats_from, now, zone)}{why}"
    return device.state.value


def ending(code: ExitCode) -> str:  # noqa: PLR0911 - a case an exit code
    """Tell how a run ended, from its exit code."""
    match code:
        case ExitCode.OK:
            return "Done"
        case ExitCode.SOME_FAILED:
            return "Done, but some failed"
        case ExitCode.LEFT_OVER:
            return "Stopped with something left"
        case ExitCode.NO_DEVICE:
            return "Stopped: no device can send"
        case ExitCode.INTERRUPTED:
            return "Interrupted"
        case ExitCode.HOME_BUSY | ExitCode.HOME_UNUSABLE:
            return "Stopped: the home or the machine can't be used"
        case ExitCode.USAGE:
            return "Stopped: the campaign can't be sent as it is"
        case ExitCode.OWN_FAULT:
            return "Stopped by a fault of waheal's own"


def visible(text: str, keep: str = "\n") -> str:
    """Spell out what a terminal would obey: control characters, directions, lone surrogates.

    Joiners stay, which letters and pictures are made with, and so does what is in `keep`.
    """
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in _OBEYED and char not in f"{_JOINERS}{keep}"
        else char
        for char in text
    )


def one_line(text: str, limit: int = 200) -> str:
    """Make text fit to be shown in one line: no control characters, blanks run together.

    A reason may quote what a server said; it must not move the cursor.
    """
    clean = "".join(char if char.isprintable() else " " for char in text[: 2 * limit])
    line = " ".join(clean.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
