"""Tells a run in a plain line now and then, for cron and pipes; knows no terminal."""

from datetime import tzinfo

from waheal.events import (
    DeviceQuarantined,
    Draining,
    Event,
    HostRestarted,
    NewChatsHeld,
    Note,
    OptedOut,
    Paused,
    Resumed,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import Phone, State, mask
from waheal.views import words
from waheal.views.board import Board
from waheal.views.errand_words import messages, title
from waheal.views.layout import speed
from waheal.views.summary import summary
from waheal.views.talk import Talk
from waheal.views.view import Clock, Closing
from waheal.waits import GOES_ON

_LONGEST = 500  # characters of a reason
EVERY = 10.0  # seconds between two lines of progress
SOONEST = 2.0  # seconds, where each tenth comes fast


class PlainView(Closing):
    """Progress every ten seconds or each tenth, and each new trouble, on stderr."""

    def __init__(
        self,
        talk: Talk,
        *,
        clock: Clock,
        zone: tzinfo | None = None,
        passing: bool = False,
        show_numbers: bool = False,
    ) -> None:
        self._talk = talk
        self._clock = clock
        self._zone = zone
        self._show_numbers = show_numbers
        self._board = Board()
        self._board.passing = passing
        self._told_at = 0.0
        self._told_tenth = 0

    def show(self, event: Event) -> None:
        """Take one event, and say what is due."""
        now = self._clock()
        known = len(self._board.troubles)
        self._board.take(event, now)
        text = self._word(event, now, new=len(self._board.troubles) > known)
        if text is not None:
            self._line(text, now)
        elif self._due(now):
            self._progress(now)
        if isinstance(event, RunFinished):
            self._talk.say(
                "".join(f"{line}\n" for line in summary(self._board, event, now, self._zone))
            )

    def close(self) -> None:
        """Do nothing: every line has been said."""

    def _paused(self, event: Paused, now: float) -> str:
        """Say that it waits, or that it will not: an end has a way out of its own."""
        why = words.one_line(event.reason, _LONGEST)
        if event.way_out != GOES_ON:
            return f"stopping: {why}"
        when = "" if event.until is None else " " + words.until(event.until, now, self._zone)
        return f"waiting{when}: {why}"

    def _word(self, event: Event, now: float, *, new: bool) -> str | None:
        match event:
            case RunStarted(campaign, total, pending, devices):
                self._told_at = now
                whole, rest = messages(event.errand, total), words.count(pending)
                what = title(event.errand, campaign)
                text = f"{what}: {whole}, {rest} to go, {words.count(devices, 'device')}"
            case DeviceQuarantined(device, reason, until, after):
                when = words.way_out(device, reason)
                if until is not None:
                    when = words.until(until, now, self._zone)
                lock = "" if after is None else f", after a lock: {after.value}"
                text = f"{device} is not used ({reason.value}{lock}): {when}"
            case NewChatsHeld(device, reason, until):
                when = words.until(until, now, self._zone)
                text = f"{device} begins no new chat {when}: {reason.value}"
            case HostRestarted() | Note() | OptedOut() if new:
                text = next(reversed(self._board.troubles))
            case Settled(phone, _, State.FAILED | State.UNCERTAIN) if new:
                text = f"{next(reversed(self._board.troubles))} ({self._number(phone)})"
            case Paused():
                text = self._paused(event, now)
            case Resumed(reason):
                text = f"going on: {words.one_line(reason)}"
            case Draining(in_flight, reason):
                rest = words.count(in_flight, "message")
                text = f"ending ({words.one_line(reason)}): {rest} still in flight"
            case _:
                return None
        return text

    def _due(self, now: float) -> bool:
        if self._board.started is None or self._board.finished is not None:
            return False
        since = abs(now - self._told_at)  # a clock that was set back must not silence it
        tenth = 10 * self._board.settled // max(1, self._board.total)
        return since >= EVERY or (tenth > self._told_tenth and since >= SOONEST)

    def _progress(self, now: float) -> None:
        board = self._board
        self._told_at = now
        self._told_tenth = 10 * board.settled // max(1, board.total)
        far = f"{words.count(board.settled)} of {words.count(board.total)}"
        parts = [
            f"{far} ({words.share(board.settled, board.total)})",
            speed(board, now),
        ]
        remaining = board.remaining(now)
        if remaining is not None and board.left:
            parts.append(f"{words.roughly(remaining)} left")
        parts += [
            f"{words.count(board.counts[state])} {state.value}"
            for state in (State.FAILED, State.UNCERTAIN)
            if board.counts[state]
        ]
        for what, number in (
            ("healing", board.lost),
            ("quarantined", board.quarantined),
            ("without new chats", board.held),
        ):
            if number:
                parts.append(f"{words.count(len(number), 'device')} {what}")
        self._line(", ".join(parts), now)

    def _number(self, phone: Phone) -> str:
        return phone if self._show_numbers else mask(phone)

    def _line(self, text: str, now: float) -> None:
        self._talk.say(f"{words.clock_time(now, self._zone)} {text}\n")
