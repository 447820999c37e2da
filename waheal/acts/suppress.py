"""Keeps who must not be written to, over all campaigns and devices; reaches a run under way."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from contextlib import suppress as unless
from dataclasses import dataclass, replace
from pathlib import Path

from waheal.acts.orders import Reading
from waheal.acts.workspace import Workspace
from waheal.campaign.number_list import Listed, read_list
from waheal.campaign.phones import is_region
from waheal.engine.past import forget_unheard, settle_killed_runs, unheard
from waheal.errors import HomeBusyError, HomeUnusableError, UsageError
from waheal.findings import Problem
from waheal.identity import Lid, is_lid
from waheal.model import Phone
from waheal.records import Suppression
from waheal.store.lock import HomeLock
from waheal.store.sessions import Sessions

_TOLD = 1_000  # rows that can't be read


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list: who is new, of so many, and the first of the rows not read."""

    changed: tuple[Phone | Lid, ...]
    people: int
    problems: tuple[Problem, ...]
    problem_count: int


def suppress(
    workspace: Workspace, people: Sequence[Phone | Lid], *, source: str = "operator"
) -> list[Phone | Lid]:
    """Write to these people no more; returns those that were not on the list yet.

    A number stands for all its spellings, and for the LID behind it where that is known.

    >>> waheal.suppress(home, [waheal.Phone("+12025550100")])
    ['+12025550100']
    """
    now, home = time.time(), workspace.home()
    with (
        workspace.ledger(home) as ledger,
        closing(Sessions(home.sessions_path)) as sessions,
        ledger.transaction(),
    ):
        return [
            who
            for who in people
            if ledger.people.suppress(who, now, source=source, lid=_lid(sessions, who))
        ]


def unsuppress(workspace: Workspace, people: Sequence[Phone | Lid]) -> list[Phone | Lid]:
    """Allow these people again, because they said so; returns those that were listed.

    A campaign whose file still has them writes to them at its next send.
    """
    with workspace.ledger() as ledger, ledger.transaction():
        return [who for who in people if ledger.people.unsuppress(who)]


def suppressed(workspace: Workspace) -> Iterator[Suppression]:
    """List who must not be written to, by number.

    >>> [(each.phone, each.source) for each in waheal.suppressed(home)]
    [('+12025550100', 'operator')]
    """
    with workspace.ledger(readonly=True) as ledger:
        yield from ledger.people.suppressed()


def forget(workspace: Workspace, phones: Sequence[Phone]) -> None:
    """Erase what the ledger keeps about these people, save that they opted out.

    The session database, logs and backups are out of its reach.

    Raises:
        UsageError: a message to one of them, or its recall or amend, is under way or in doubt.
    """
    home = workspace.home()
    with (
        ExitStack() as stack,
        workspace.ledger(home) as ledger,
        closing(Sessions(home.sessions_path)) as sessions,
    ):
        alone = False
        # A run that lives takes in within a moment what it has heard, and is not kept from it.
        if unheard(home):
            with unless(HomeBusyError):
                stack.enter_context(HomeLock.acquire(home, what="waheal suppress forget"))
                alone = True
                settle_killed_runs(home, ledger, ledger.now())
        for phone in phones:
            lid = _lid(sessions, phone)
            ledger.people.forget(phone, time.time(), lid=lid)
            if alone:
                forget_unheard(home, phone, lid)


def _lid(sessions: Sessions, who: Phone | Lid) -> str | None:
    """Tell the LID behind a number; no opt-out is refused for want of it."""
    if is_lid(who):
        return None
    try:
        return sessions.lid_of(Phone(who))
    except HomeUnusableError:
        return None


def import_list(workspace: Workspace, file: Path, reading: Reading | None = None) -> Imported:
    """Suppress everybody on a list; what of it can't be read is told, and the rest counts.

    The file may be whatever a campaign file may be, or have a number a line.

    Raises:
        UsageError: an option can't be read.
    """
    # An opt-out too few is worse than one too many: what a workbook hides counts, too.
    choices = replace((reading or Reading()).options(None, workspace.private), hidden_rows=True)
    if choices.region is not None and not is_region(choices.region):
        raise UsageError(
            f"there is no region {choices.region!r}", hint="--region takes two letters, such as US"
        )
    people, problems, total = list[Phone | Lid](), list[Problem](), 0
    for found in read_list(file, choices):
        match found:
            case Listed(who=who):
                people.append(who)
            case Problem():
                total += 1
                problems += [found] if total <= _TOLD else []
    changed = suppress(workspace, people, source=f"import {file.name}") if people else []
    return Imported(tuple(changed), len(people), tuple(problems), total)
