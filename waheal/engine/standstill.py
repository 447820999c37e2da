"""Why nothing may be sent now, and what ends it, in the operator's words; decides nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from shlex import quote

from waheal.engine.ports import DeviceBook, Waits
from waheal.engine.roster import Roster
from waheal.engine.scheduler import Member
from waheal.engine.settings import RunSettings
from waheal.model import DeviceId, DeviceState
from waheal.policy.pacing import DAY, HOUR, MINUTE, Pace, Rate
from waheal.records import (
    Device,
)
from waheal.waits import Hindrance, Standstill, Waiting

_NAMED = 3  # devices
_SKEW = 60.0  # seconds that a clock may be set back without a word
_FARTHEST = 4e9  # a moment that a calendar still has
_AGAIN = "run the same command again then"


@dataclass(frozen=True, slots=True)
class _Cause:
    """One reason of several, and its way out; `until`: when it ends by itself."""

    reason: str
    way_out: str
    until: float | None = None


class Diagnosis:
    """Looks for what holds a run up."""

    def __init__(
        self,
        work: Waits,
        devices: DeviceBook,
        campaign: int,
        roster: Roster,
        settings: RunSettings,
    ) -> None:
        self._work = work
        self._devices = devices
        self._campaign = campaign
        self._roster = roster
        self._settings = settings

    def of(self, now: float) -> Standstill:
        """Tell everything that holds somebody up, what holds most of them first."""
        waiting = self._work.waiting(self._campaign, now)
        lanes = self._work.lanes(self._campaign)
        out = {device.label: device for device in self._out(now)}
        causes = [*self._deferred(waiting, now)]
        if not self._roster.scheduler.any_usable():
            causes.insert(0, _no_device(out))
        else:
            kept = [lane for lane in lanes if not self._usable(lane)]
            causes += self._kept({lane: lanes[lane][0] for lane in kept}, out)
            elsewhere = self._work.pending(self._campaign, elsewhere=True)
            causes += _elsewhere(elsewhere)
            # Whoever is neither put off nor kept for a device that is out waits for the pace.
            held = sum(each.count for each in waiting) + sum(lanes[lane][0] for lane in kept)
            held += elsewhere
            if self._work.pending(self._campaign) > held:
                causes += self._paced(now)
        return _together(causes)

    def _out(self, now: float) -> Iterator[Device]:
        chosen = self._settings.devices
        for device in self._devices.all(now):
            if device.state is not DeviceState.READY and (chosen is None or device.label in chosen):
                yield device

    def _usable(self, lane: DeviceId) -> bool:
        member = self._roster.get(lane)
        return member is not None and member.usable

    def _deferred(self, waiting: list[Waiting], now: float) -> Iterator[_Cause]:
        for each in sorted(waiting, key=lambda one: -one.count):
            who, at = _recipients(each.count), _at(each.soonest)
            match each.why:
                case Hindrance.NOT_BEFORE:
                    yield _Cause(
                        f"send_after of {who} is still to come, first at {at}",
                        f"{_AGAIN}, or move their send_after",
                        each.soonest,
                    )
                case Hindrance.OUTSIDE:
                    yield _Cause(
                        f"it is outside of --window {self._settings.window} for {who},"
                        f" until {at} at the earliest",
                        f"{_AGAIN}, or widen --window or --days",
                        each.soonest,
                    )
                case Hindrance.OFTEN:
                    yield self._often(each, now)
                case Hindrance.NEW_CHATS:
                    yield _Cause(
                        f"no chat may begin with {who} before {at}: {each.reason}",
                        f"{_AGAIN}; `waheal devices list` tells which device begins none, and why",
                        each.soonest,
                    )
                case Hindrance.RETRY:
                    yield _Cause(
                        f"{who} could not be reached and are tried again from {at} on"
                        + (f" ({each.reason})" if each.reason else ""),
                        _AGAIN,
                        each.soonest,
                    )

    def _often(self, each: Waiting, now: float) -> _Cause:
        count, span = self._settings.limits.per_recipient or (0, 0.0)
        who, at = _recipients(each.count), _at(each.soonest)
        if each.soonest > now + span + _SKEW:
            return _ahead(f"--per-recipient holds {who} until {at}", each.soonest)
        return _Cause(
            f"--per-recipient {count}/{span / DAY:.0f}d is reached for {who}, until {at} at the"
            " earliest",
            f"{_AGAIN}, or raise --per-recipient",
            each.soonest,
        )

    def _kept(self, lanes: dict[DeviceId, int], out: dict[DeviceId, Device]) -> Iterator[_Cause]:
        most = sorted(lanes.items(), key=lambda lane: (-lane[1], lane[0]))
        for label, count in most[:_NAMED]:
            state, way, until = _state(label, out.get(label))
            who = _recipients(count)
            yield _Cause(f"{who} can only be sent to by {label}, which {state}", way, until)
        if len(most) > _NAMED:
            rest = sum(count for _, count in most[_NAMED:])
            yield _Cause(
                f"{_recipients(rest)} by {len(most) - _NAMED:,} more devices that are out",
                "see them with `waheal devices list`",
            )

    def _paced(self, now: float) -> Iterator[_Cause]:
        total = self._roster.total
        due = total.allowed_at(now)
        if due > now:
            rate = total.held_by(now)
            why = f"{_rate(rate)} is used up" if rate else "is spread"
            yield _limited(total, rate, f"--rate-total {why}", due, now)
            return
        usable = [each for each in self._roster.scheduler.members.values() if each.usable]
        resting = [each for each in usable if each.opens(now) > now]
        if resting:
            first = min(resting, key=lambda member: member.opens(now))
            yield _resting(first, now, all_of_them=1 < len(usable) == len(resting))
        elif usable and all(each.chats.allowed_at(now) > now for each in usable):
            yield self._shut(min(usable, key=lambda member: member.chats.allowed_at(now)), now)

    def _shut(self, first: Member, now: float) -> _Cause:
        """Tell why devices begin no new chat, by the one that may first."""
        due = first.chats.allowed_at(now)
        device = self._devices.find(first.device, now)
        if first.chats.shutter.until >= due and device is not None:
            return _Cause(
                f"no device begins a new chat before {_at(due)}: {device.chats_why}",
                f"{_AGAIN}; `waheal devices list` tells until when each begins none",
                due,
            )
        return _Cause(
            "every device has begun as many new chats as --new-chats or --ramp allows, until"
            f" {_at(due)}",
            f"{_AGAIN}; or add devices, or raise the limit",
            due,
        )


def _elsewhere(count: int) -> list[_Cause]:
    """Tell of those who are other machines' to send to."""
    if not count:
        return []
    who = _recipients(count)
    told = f"{who} can only be sent to by devices of other machines that share the ledger"
    return [_Cause(told, "they are sent to from there: `waheal cluster` tells which machines live")]


def _resting(first: Member, now: float, *, all_of_them: bool) -> _Cause:
    """Tell why devices rest, by the one that may go on first."""
    due = first.opens(now)
    if first.rest_until >= due:
        return _Cause(
            f"the server asked for a rest; {first.device} goes on at {_at(due)}", _AGAIN, due
        )
    rate = first.pace.held_by(now)
    each = "every device has" if all_of_them else f"{first.device} has"
    if rate is None:
        told = f"{each} to wait between two messages (--gap, or a rate that is spread)"
    elif rate[1] == DAY:
        told = f"{each} sent its {rate[0]} in 24 hours (--daily, or a --rate of that)"
    else:
        told = f"{each} sent as many as --rate {_rate(rate)} allows"
    return _limited(first.pace, rate, told, due, now)


def _limited(pace: Pace, rate: Rate | None, told: str, due: float, now: float) -> _Cause:
    latest = pace.latest
    if latest is not None and latest > now + _SKEW:
        return _ahead(f"{told}, until {_at(due)}", due)
    more = "add devices, or " if rate else ""
    return _Cause(f"{told}, until {_at(due)}", f"{_AGAIN}; or {more}raise the limit", due)


def _ahead(told: str, due: float) -> _Cause:
    return _Cause(
        f"{told}: the clock was once ahead, and what was sent then counts as sent just now",
        "see that the clock is right; it ends by itself at that time, or leave that limit out",
        due,
    )


def _no_device(out: dict[DeviceId, Device]) -> _Cause:
    if not out:
        return _Cause("no device can send: none is paired", "`waheal devices pair LABEL`")
    told = [
        f"{device.label} {_state(device.label, device)[0]}"
        for device in list(out.values())[:_NAMED]
    ]
    more = f", and {len(out) - _NAMED:,} more" if len(out) > _NAMED else ""
    ways = dict.fromkeys(_state(label, device)[1] for label, device in list(out.items())[:_NAMED])
    until = min((each.until for each in out.values() if each.until is not None), default=None)
    return _Cause(f"no device can send: {', '.join(told)}{more}", "; ".join(ways), until)


def _state(label: DeviceId, device: Device | None) -> tuple[str, str, float | None]:
    """Word why a device is out, the way back, and when it is back by itself."""
    if device is None:
        return (
            "takes no part in this run",
            f"name {label} in --devices, or pair it: `waheal devices pair {quote(label)}`",
            None,
        )
    if device.unlinked:
        return f"is out: {device.reason}", f"`waheal devices pair {quote(label)}`", None
    if device.until is not None:
        return f"is out until {_at(device.until)}: {device.reason}", _AGAIN, device.until
    if device.paused:
        return "is paused", f"`waheal devices resume {quote(label)}`", None
    return f"is out: {device.reason}", "see `waheal devices list`, `waheal doctor --connect`", None


def _together(causes: list[_Cause]) -> Standstill:
    if not causes:
        return Standstill("nothing is left that can be sent now", "run the same command again")
    moments = [cause.until for cause in causes if cause.until is not None]
    return Standstill(
        "; ".join(cause.reason for cause in causes),
        "; ".join(dict.fromkeys(cause.way_out for cause in causes)),
        min(moments, default=None),
    )


def _rate(rate: Rate | None) -> str:
    count, seconds = rate or (0, MINUTE)
    units = {MINUTE: "min", HOUR: "h", DAY: "day"}
    return f"{count}/{units.get(seconds, f'{seconds:.0f}s')}"


def _recipients(number: int) -> str:
    return f"{number:,} recipient" + "s" * (number != 1)


def _at(moment: float) -> str:
    return f"{datetime.fromtimestamp(min(moment, _FARTHEST)).astimezone():%Y-%m-%d %H:%M}"
