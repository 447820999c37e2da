"""Words a run's end: the counts, why some failed, and what to do next; knows no stream."""

import shlex
from datetime import tzinfo

from waheal.events import RunFinished
from waheal.model import ErrandKind, ExitCode, State
from waheal.records import Tally
from waheal.views import words
from waheal.views.board import WINDOW, Board, Weight
from waheal.views.errand_words import errand_steps, meanings, title
from waheal.waits import Standstill

_LONGEST = 500  # characters of a reason
_MEANING: dict[State, str] = {
    State.READ: "read",
    State.DELIVERED: "delivered, not read yet",
    State.SENT: "sent, not delivered yet",
    State.PENDING: "still to go",
    State.FAILED: "failed for good",
    State.UNCERTAIN: "uncertain: they may have left",
    State.SUPPRESSED: "suppressed: opted out, or no consent",
    State.EXPIRED: "expired",
}


def by_state(tally: Tally, errand: ErrandKind | None = None) -> list[tuple[State, int, str]]:
    """List the states that somebody is in, each with its count and its meaning."""
    meaning = _MEANING if errand is None else meanings(errand)
    numbers = {**{state: tally[state] for state in meaning}, State.PENDING: tally.to_send}
    return [(state, number, meaning[state]) for state, number in numbers.items() if number]


def replied(tally: Tally) -> str | None:
    """Tell who replied, and their share of those that it went out to; None where nobody did."""
    if not tally.replied:
        return None
    share = words.share(tally.replied, max(tally.replied, tally.went_out))
    return f"{words.count(tally.replied)} replied, {share} of those it went out to"


def next_steps(
    campaign: str,
    tally: Tally,
    code: ExitCode = ExitCode.OK,
    *,
    stop: Standstill | None = None,
    running: bool = False,
    reported: bool = False,
) -> list[str]:
    """Tell what the operator can do about what is left, the most pressing first.

    `stop` is why nothing more was sent; while a run is under way, none is to be begun. `reported`:
    who failed and why stands beside it.
    """
    name = shlex.quote(campaign)
    steps = []
    if code is ExitCode.NO_DEVICE:
        steps.append("see why no device can send: `waheal devices list`, `waheal doctor --connect`")
    if tally[State.PENDING] and not running:
        way_out = stop.way_out if stop else None
        steps.append(way_out or "go on with those still to go: run the same command again")
    if tally[State.UNCERTAIN]:
        steps.append(
            f"settle the uncertain: `waheal sync`, then `waheal resolve {name}` "
            "with --resend or --accept"
        )
    if tally.unreadable:
        many = words.count(tally.unreadable, "message")
        steps.append(
            f"{many} could not be opened by the recipient's phone: "
            f"`waheal resolve {name} --unreadable --resend`"
        )
    if tally[State.FAILED]:
        again = f"try them again: `waheal resolve {name} --failed --resend`"
        see = f"see who failed: `waheal export {name} --state failed`"
        why = see if reported else f"see who failed and why: `waheal report {name}`"
        steps.append(f"{why}; {again}")
    if tally[State.SENT]:
        steps.append(f"see receipts that come later: `waheal sync`, then `waheal status {name}`")
    return steps


def summary(
    board: Board, finished: RunFinished, now: float, zone: tzinfo | None = None
) -> list[str]:
    """Word the end of a run, a line each, without colour."""
    what = title(board.errand, board.campaign)
    lines = [f"{words.ending(finished.exit_code)}: {what}, {_speed(board, finished)}"]
    rows = by_state(finished.tally, board.errand)
    wide = max((len(words.count(number)) for _, number, _ in rows), default=0)
    lines += [
        f"  {words.count(number):>{wide}} {meaning} ({words.share(number, finished.tally.total)})"
        for _, number, meaning in rows
    ]
    if not rows:
        lines.append("  nobody to write to")
    if (told := replied(finished.tally)) is not None:
        lines.append(f"  {told}: `waheal replies {shlex.quote(board.campaign)}`")
    if board.heals.times:
        times = words.count(board.heals.times, "time")
        lines.append(f"  devices were healed {times}, in {board.heals.mean:.1f} s on average")
    if board.stop is not None and finished.tally[State.PENDING]:
        lines.append(f"  stopped: {words.one_line(board.stop.reason, _LONGEST)}")
    lines += _held(board, now, zone)
    lines += _trouble(board)
    if board.passing:
        return lines
    steps = _steps(board, finished)
    name = shlex.quote(board.campaign)
    if not finished.tally[State.FAILED] and board.speed.sent:  # else a step names it
        steps.append(f"see all of it: `waheal report {name}`")
    return lines + [f"next: {step}" for step in steps]


def _steps(board: Board, finished: RunFinished) -> list[str]:
    code, stop = finished.exit_code, board.stop
    if board.errand is None:
        return next_steps(board.campaign, finished.tally, code, stop=stop)
    return errand_steps(board.errand, board.under, finished.tally, code, stop)


def _speed(board: Board, finished: RunFinished) -> str:
    took = words.duration(finished.seconds)
    if finished.seconds < WINDOW or not board.speed.sent:
        return f"in {took}"
    a_minute = words.rate(60.0 * board.speed.sent / finished.seconds)
    return f"{words.count(board.speed.sent, 'message')} in {took}, {a_minute}"


def _held(board: Board, now: float, zone: tzinfo | None) -> list[str]:
    """Name the devices that wait for the operator, and those that rest until a time."""
    waiting = [event for event in board.quarantined.values() if event.until is None]
    resting = [event for event in board.quarantined.values() if event.until is not None]
    lines = [
        f"  {event.device}: {event.reason.value}: {words.way_out(event.device, event.reason)}"
        for event in waiting[:5]
    ]
    if len(waiting) > len(lines):
        more = words.count(len(waiting) - len(lines), "more device")
        lines.append(f"  and {more} that wait for you: `waheal devices list`")
    for event in resting[:3]:
        until = words.until(event.until or 0.0, now, zone)
        lines.append(f"  {event.device}: {event.reason.value}, {until}")
    if len(resting) > 3:  # noqa: PLR2004 - as many as are named
        lines.append(f"  and {words.count(len(resting) - 3, 'more device')} resting for a while")
    if board.held:
        shut = words.count(len(board.held), "device")
        lines.append(f"  {shut} beginning no new chats for a while: `waheal devices list`")
    return lines


def _trouble(board: Board) -> list[str]:
    bad = [trouble for trouble in board.troubles.values() if trouble.weight is not Weight.INFO]
    bad.sort(key=lambda trouble: -trouble.times)
    return [
        f"  {trouble.what}" + (f", {trouble.times:,} times" if trouble.times > 1 else "")
        for trouble in bad[:5]
    ]
