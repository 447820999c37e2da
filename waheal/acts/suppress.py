"""Keeps who must not be written to, over all campaigns and devices; reaches a run under way."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from waheal.acts.numbers import read_person
from waheal.acts.workspace import Workspace
from waheal.campaign.plain_file import read_small
from waheal.errors import HomeUnusableError, UsageError
from waheal.identity import Lid, is_lid
from waheal.model import Phone
from waheal.records import Suppression
from waheal.store.sessions import Sessions

_MOST = 1 << 26  # bytes: some millions of numbers
_TOLD = 1_000  # lines that can't be read


class ListRefused(UsageError):  # noqa: N818 - a refusal, in the operator's words
    """Lines of a file of numbers can't be read: `bad` has the first ones with what is wrong."""

    def __init__(self, file: Path, bad: Sequence[tuple[int, str]], total: int) -> None:
        lines = f"{total:,} line" + "s" * (total != 1)
        super().__init__(
            f"{lines} of {file} can't be read, nothing was changed",
            hint="mend them, or give --region for numbers without a country code",
        )
        self.bad = tuple(bad)


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
        UsageError: a message to one of them is under way or in doubt.
    """
    home = workspace.home()
    with workspace.ledger(home) as ledger, closing(Sessions(home.sessions_path)) as sessions:
        for phone in phones:
            ledger.people.forget(phone, time.time(), lid=_lid(sessions, phone))


def _lid(sessions: Sessions, who: Phone | Lid) -> str | None:
    """Tell the LID behind a number; no opt-out is refused for want of it."""
    if is_lid(who):
        return None
    try:
        return sessions.lid_of(Phone(who))
    except HomeUnusableError:
        return None


def read_numbers(file: Path, region: str | None) -> list[Phone | Lid]:
    """Give every number of a file, and the LID of a row that has no more than that.

    Raises:
        UsageError: it can't be read.
        ListRefused: one of its numbers can't.
    """
    numbers, bad, total = list[Phone | Lid](), list[tuple[int, str]](), 0
    try:
        for line, cell in _cells(read_small(file, _MOST).decode("utf-8-sig")):
            try:
                numbers.append(read_person(cell, region))
            except UsageError as error:
                total += 1
                if total <= _TOLD:
                    bad.append((line, error.message))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = f": {error.strerror}" if isinstance(error, OSError) else ""
        raise UsageError(
            f"{file} can't be read{why}", hint="it is to be UTF-8 text with a number a line"
        ) from error
    if bad:
        raise ListRefused(file, bad, total)
    return numbers


def _cells(text: str) -> Iterator[tuple[int, str]]:
    columns = [0]
    for line, row in enumerate(csv.reader(io.StringIO(text)), 1):
        names = [cell.strip().lower() for cell in row]
        if line == 1 and "phone" in names:
            columns = [names.index(name) for name in ("phone", "lid") if name in names]
            continue
        cells = (row[column].strip() for column in columns if column < len(row))
        if cell := next(filter(None, cells), None):
            yield line, cell
