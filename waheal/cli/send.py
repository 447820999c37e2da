"""`waheal send`: parses, lets the act send, and shows what it tells."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime

import typer

from waheal.acts.enrolling import FileRefused
from waheal.acts.recalling import Recalling
from waheal.acts.send import SendEvent, Sending
from waheal.acts.send import send as begin
from waheal.acts.wishes import Pacing
from waheal.cli.console import drawn, in_words, show, talk_on
from waheal.cli.ordering import asked_of
from waheal.cli.scene import Scene, scene_of
from waheal.cli.signals import draining
from waheal.cli.typed import typed
from waheal.errand_terms import ErrandQuestion, ErrandsImpossible, RunAskedToEnd
from waheal.errors import WahealError
from waheal.events import (
    BadRowsLeftOut,
    DryRun,
    EndsAt,
    EndUntold,
    FileDoubted,
    HiddenLeftOut,
    HomeMoved,
    KeyLost,
    NothingToDo,
    OnEndBegins,
    OnEndFailed,
    Ordered,
    Preparing,
    Question,
    RowsRead,
    RowsSwallowed,
    RunFinished,
    RunStarted,
    SandboxPairing,
    SentBefore,
    StartsAt,
    TextChanged,
)
from waheal.findings import Caution
from waheal.model import ExitCode, State
from waheal.views.bubbles import preview
from waheal.views.live import PROMISE
from waheal.views.opening import open_view, pad_for
from waheal.views.preparing import DOES, asked, asked_errand, words_of
from waheal.views.progress import Progress
from waheal.views.tables import alike_table, problems_table
from waheal.views.view import View, ViewKind
from waheal.views.words import count

_SANDBOXED = "this was the sandbox: put --sandbox behind each command that is to see it"


def send(context: typer.Context) -> int:
    """Send a campaign, or go on where the last run stopped.

    Safe to interrupt and to run again: nobody already sent to is sent to twice.
    """
    here, asked = scene_of(context), asked_of(context)
    order = asked.order
    sending = begin(here.workspace, order)
    return follow(here, sending, order.pace, ask=not asked.yes, show_numbers=order.show_numbers)


def follow(
    here: Scene,
    sending: Sending | Recalling,
    pace: Pacing,
    *,
    ask: bool,
    show_numbers: bool,
    passing: bool = False,
) -> ExitCode:
    """Show what is told, from the preparations to the run's end; give the exit code.

    `passing`: nothing of it is there afterwards.
    """
    with ExitStack() as stack:
        told = pace_in_words(pace)
        shown = _Shown(here, stack, ask=ask, show_numbers=show_numbers, pace=told, passing=passing)
        try:
            for event in sending:
                if isinstance(event, RunStarted):
                    shown.begin(sending)
                shown.show(event)
        except WahealError as error:
            shown.refused(error)
        shown.end()
        return sending.exit_code


class _Shown:
    """Shows a send: words until its run begins, then the view that suits the scene."""

    def __init__(
        self,
        here: Scene,
        stack: ExitStack,
        *,
        ask: bool,
        show_numbers: bool,
        pace: str,
        passing: bool,
    ) -> None:
        self._here = here
        self._stack = stack
        self._talk = stack.enter_context(closing(talk_on(sys.stderr)))
        self._ask = ask and sys.stdin.isatty()
        self._show_numbers = show_numbers
        self._pace = pace
        self._passing = passing
        self._reading: Progress | None = None
        self._enrolling = False  # what was read; it is shown likewise
        self._rows = 0  # that were read
        self._view: View | None = None
        self._over = False
        self._settled = False  # a line has said that there is nothing to do: cron needs no more

    def begin(self, sending: Sending | Recalling) -> None:
        """Open the view; from now on, requests to end drain the run, and then abandon it."""
        self._end_reading()
        here = self._here
        if here.verbose and not here.json:
            root = here.workspace.root
            self._say(f"home {root}, log {root / 'logs' / 'waheal.log'}")
        if here.view is ViewKind.PLAIN and not self._settled:
            self._say(PROMISE)  # the live view says it itself
        kind = ViewKind.QUIET if self._settled else here.view
        self._view = self._stack.enter_context(
            open_view(
                kind,
                self._talk,
                show_numbers=self._show_numbers,
                pace=self._pace,
                passing=self._passing,
            )
        )
        self._stack.enter_context(draining(sending.drain, sending.abandon))

    def show(self, event: SendEvent) -> None:  # noqa: C901, PLR0912 - a case an event
        """Show one event."""
        match event:
            case RowsRead(rows, merged):
                self._read(rows, merged=merged)
            case Question():
                self._answer(event)
            case ErrandQuestion():
                self._answer_errand(event)
            case DryRun():
                self._rehearsed(event)
            case FileDoubted(warnings):
                self._doubted(warnings)
            case OnEndBegins():
                self.end()
                if self._here.talks:
                    self._say("running the command of --on-end")
                self._talk.flush()  # what the command prints goes to the stream itself
            case OnEndFailed(problem):
                self._say(f"warning: --on-end: {problem}")
            case (
                KeyLost()
                | EndUntold()
                | HomeMoved()
                | StartsAt()
                | EndsAt()
                | TextChanged()
                | SentBefore()
                | NothingToDo()
                | SandboxPairing()
                | BadRowsLeftOut()
                | RowsSwallowed()
                | HiddenLeftOut()
                | RunAskedToEnd()
                | ErrandsImpossible()
                | Ordered()
            ):
                self._end_reading()
                if isinstance(event, NothingToDo) and self._here.view is ViewKind.PLAIN:
                    self._settled = True
                    self._say(f"{datetime.now().astimezone():%Y-%m-%d %H:%M} {words_of(event)}")
                elif self._wanted(event):
                    self._say(words_of(event))
            case _:
                if self._view is not None:
                    self._view.show(event)

    def refused(self, error: WahealError) -> None:
        """Say what ended the run, after its end was told; before it, that is the command's end.

        Where several exit codes hold, the run has picked.
        """
        self._end_reading()
        if isinstance(error, FileRefused) and error.alike:
            masked = not self._show_numbers  # it may be a log that this goes to
            self._talk.say(
                drawn(alike_table(error.alike, masked=masked, reword=typed), self._talk.stream)
            )
        if self._view is None:
            raise error
        self._view.close()
        self._talk.say(in_words(error.message, error.hint))

    def end(self) -> None:
        """Close the view; after a run in the sandbox, say where the next steps are to be taken."""
        if self._view is None or self._over:
            return
        self._over = True
        self._view.close()
        if self._here.workspace.sandbox and self._here.talks and not self._settled:
            self._say(_SANDBOXED)

    def _doubted(self, warnings: Sequence[Caution]) -> None:
        self._end_reading()
        if not self._here.quiet:
            self._talk.say(drawn(problems_table(warnings, reword=typed), self._talk.stream))

    def _wanted(self, event: Preparing) -> bool:
        """Whether it is said here; what JSON does not tell is talk all the same."""
        match event:
            case RowsSwallowed():
                return True
            case (
                KeyLost()
                | EndUntold()
                | HomeMoved()
                | TextChanged()
                | SentBefore()
                | NothingToDo()
                | HiddenLeftOut()
                | ErrandsImpossible()
            ):
                return not self._here.quiet
            case _:
                return self._here.talks

    def _read(self, rows: int, *, merged: bool) -> None:
        """Show how far the file is read, and then enrolled, where that takes a while."""
        if not self._here.talks:
            return
        if self._reading is None or merged is not self._enrolling:
            self._end_reading()
            self._enrolling = merged
            what, total = ("enrolling rows", self._rows) if merged else ("reading rows", None)
            console = pad_for(self._talk.stream)
            self._reading = Progress(what, total, console=console, talk=self._talk, clock=time.time)
        self._rows += rows if not merged else 0
        self._reading.advance(rows)

    def _say(self, text: str) -> None:
        self._talk.say(f"{text}\n")

    def _end_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()

    def _answer(self, question: Question) -> None:
        self._end_reading()
        self._talk.flush()  # it is asked on the stream itself
        if not self._ask:
            return
        for line in asked(question, self._pace):
            self._say(line)
        if question.first is not None:
            self._talk.say(drawn(preview([question.first]), sys.stderr))
        self._talk.flush()
        who = count(question.recipients, "real recipient")
        if not typer.confirm(f"Send to {who}?", err=True):
            question.decline()
            self._say("nothing was sent")

    def _answer_errand(self, question: ErrandQuestion) -> None:
        self._talk.flush()
        if not self._ask:
            return
        for line in asked_errand(question):
            self._say(line)
        self._talk.flush()
        if not typer.confirm(
            f"{DOES[question.kind]} {count(question.messages, 'message')}?", err=True
        ):
            question.decline()
            self._say("nothing was done")

    def _rehearsed(self, dry: DryRun) -> None:
        self._end_reading()
        pending = dry.tally[State.PENDING]
        self._talk.flush()  # the preview is for stdout
        if not self._here.json:
            show(preview(dry.first))
            self._say(f"would send to {count(pending, 'recipient')}; nothing was sent")
            return
        with open_view(ViewKind.JSONL, self._talk) as view:
            view.show(RunStarted(dry.campaign, dry.tally.total, pending, dry.devices))
            view.show(RunFinished(dry.tally, 0.0, ExitCode.OK))


def pace_in_words(pace: Pacing) -> str:
    """Word the limits that are set, such as `20/min a device, 300/min in all`."""
    rates = [*pace.rate, *([f"{pace.daily:,}/day"] if pace.daily else [])]
    told = [f"{', '.join(rates)} a device"] if rates else []
    told += [f"{pace.gap} apart"] if pace.gap else []
    told += [f"{pace.rate_total} in all"] if pace.rate_total else []
    return ", ".join(told)
