"""Words what a send tells before its run begins; knows no stream."""

import shlex
from datetime import datetime
from typing import assert_never

from waheal.errand_terms import LIMIT_WORDS, ErrandQuestion, ErrandsImpossible, RunAskedToEnd
from waheal.events import (
    BadRowsLeftOut,
    EndsAt,
    EndUntold,
    HiddenLeftOut,
    HomeMoved,
    KeyLost,
    NothingToDo,
    Ordered,
    Question,
    RowsSwallowed,
    SandboxPairing,
    SentBefore,
    StartsAt,
    TextChanged,
)
from waheal.model import ErrandKind
from waheal.records import Reason
from waheal.views.words import count, day, roughly

_NAMED = 5  # devices
_TOO_OLD = "too old"
DOES = {ErrandKind.RECALL: "Take back", ErrandKind.AMEND: "Amend"}
"""What is asked for, in the words of the question."""
KEY_LOST = (
    "warning: home.key is missing and is made anew; what earlier runs left in doubt can't"
    " be told any more. To keep it, end this run and copy home.key from the backup"
)
_COPIED = (
    "what was sent there since is not known here, and would be sent again: see `waheal help"
    " backups`"
)

Telling = (
    KeyLost
    | EndUntold
    | HomeMoved
    | StartsAt
    | EndsAt
    | TextChanged
    | SentBefore
    | NothingToDo
    | SandboxPairing
    | BadRowsLeftOut
    | RowsSwallowed
    | HiddenLeftOut
    | RunAskedToEnd
    | ErrandsImpossible
    | Ordered
)


def asked(question: Question, pace: str) -> list[str]:
    """Word what the operator should know before they say yes; `pace`: the limits that are set."""
    able = question.devices - len(question.out)
    lines = [f"{count(able)} of {count(question.devices, 'device')} can send"]
    if question.out:
        named = ", ".join(
            f"{each.label} ({each.reason or each.state.value})" for each in question.out[:_NAMED]
        )
        rest = len(question.out) - _NAMED
        lines[0] += f"; out: {named}" + (f" and {count(rest)} more" if rest > 0 else "")
    took = "" if question.seconds is None else f"; at best it takes {roughly(question.seconds)}"
    lines.append(f"pace: {pace or 'no limit is set'}{took}")
    return lines


def asked_errand(question: ErrandQuestion) -> list[str]:
    """Word what the operator should know before they say yes to a recall or an amend."""
    told = {
        ErrandKind.RECALL: f"{question.campaign} is taken back for everyone",
        ErrandKind.AMEND: f"the texts of {question.campaign} are amended",
    }
    lines = [f"{told[question.kind]}; {LIMIT_WORDS[question.kind]}"]
    if question.running is not None:
        lines.append(f"its run (pid {question.running}) is asked to end first")
    return lines


def words_of(event: Telling) -> str:  # noqa: C901, PLR0911, PLR0912 - a case an event
    """Word one of them, in a line or two."""
    match event:
        case KeyLost():
            return KEY_LOST
        case EndUntold(campaign):
            return (
                f"warning: the last run, of {campaign}, was killed: its --on-end did not run"
                f"\nhint: see where it stands with `waheal status {shlex.quote(campaign)}`"
            )
        case HomeMoved():
            return f"warning: {_moved(event)}; {_COPIED}"
        case StartsAt():
            return _starts(event)
        case EndsAt(at):
            then = datetime.fromtimestamp(at).astimezone()
            return f"by --until it ends on {then:%A}, {then:%Y-%m-%d}, at {then:%H:%M}"
        case TextChanged(campaign, recipients):
            return (
                f"warning: {count(recipients, 'recipient')} of {campaign} had another text already,"
                " and this one reaches none of them\nhint: --name NAME sends it as a campaign of"
                " its own"
            )
        case SentBefore(campaign, recipients):
            return (
                f"warning: {count(recipients, 'recipient')} just had the same text, by campaign"
                f" {campaign}\nhint: to go on with that one, end this run and give --name"
                f" {shlex.quote(campaign)} --same"
            )
        case NothingToDo():
            return _nothing(event)
        case SandboxPairing(devices):
            return f"pairing {count(devices, 'device')} with the sandbox"
        case BadRowsLeftOut(rows):
            return f"{count(rows, 'bad row')} left out, as --skip-bad-rows says"
        case RowsSwallowed():
            return (
                "a quote swallows rows: what stands in them is not enrolled,"
                " and whoever may stand there waits"
            )
        case HiddenLeftOut():
            return _hidden(event)
        case RunAskedToEnd(campaign, pid):
            return f"asked the run of {campaign} (pid {pid}) to end; waiting for it"
        case ErrandsImpossible():
            return _impossible(event)
        case Ordered(campaign, machines):
            return f"{campaign} is ordered of {', '.join(machines)}"
        case other:
            assert_never(other)


def _starts(event: StartsAt) -> str:
    then = datetime.fromtimestamp(event.at).astimezone()
    if event.gone:
        return f"--start {then:%Y-%m-%d %H:%M} has gone by: it begins at once"
    return f"by --start it begins on {then:%A}, {then:%Y-%m-%d}, at {then:%H:%M}"


def _impossible(event: ErrandsImpossible) -> str:
    done = {ErrandKind.RECALL: "taken back", ErrandKind.AMEND: "amended"}[event.kind]
    rest = ", ".join(
        f"{count(many)}: {_TOO_OLD if why == Reason.TOO_LATE else why}"
        for why, many in sorted(event.counts, key=lambda each: -each[1])
    )
    late = any(why == Reason.TOO_LATE for why, _ in event.counts)
    limit = f" ({LIMIT_WORDS[event.kind]})" if late else ""
    return f"can't be {done}: {rest}{limit}"


def _nothing(event: NothingToDo) -> str:
    told = f"nothing to do since {day(event.since, None)}: nobody is left to send to"
    if not event.uncertain:
        return told
    waits = count(event.uncertain, "recipient")
    settle = f"`waheal resolve {shlex.quote(event.campaign)} --accept` or --resend"
    return f"{waits} uncertain: {settle}\n{told}"


def _hidden(event: HiddenLeftOut) -> str:
    kinds = (
        (event.rows, "hidden row", "--hidden-rows"),
        (event.sheets, "hidden sheet", "--sheet"),
    )
    there = [(count(number, noun), option) for number, noun, option in kinds if number]
    what, ways = (" and ".join(words) for words in zip(*there, strict=True))
    return f"{what} of the workbook left out; see {ways}"


def _moved(event: HomeMoved) -> str:
    where = " on another machine" if event.machine else ""
    if event.folder is not None:
        still = ", where a home is still" if event.there else ""
        where = f"{where} in {event.folder}{still}"
    return f"this home was used last{where}: it was copied or moved"
