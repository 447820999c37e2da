"""A campaign file on its way into the ledger: read once, checked and enrolled in one stream."""

import hashlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from shlex import quote

from waheal.campaign.campaign_file import CampaignFile
from waheal.campaign.grouping import Grouping
from waheal.errors import UsageError
from waheal.events import (
    BadRowsLeftOut,
    FileDoubted,
    HiddenLeftOut,
    Preparing,
    RowsRead,
    RowsSwallowed,
    SentBefore,
    TextChanged,
)
from waheal.findings import Caution, Problem
from waheal.model import Phone, Planned
from waheal.records import Campaign
from waheal.store.enrolment import PORTION
from waheal.store.ledger import Ledger

_JUST = 30 * 86_400.0  # seconds
_TOLD = 20  # problems that are told with a refusal; `check` has them all


class FileRefused(UsageError):  # noqa: N818 - a refusal, in the operator's words
    """The campaign does not check: `shown` are the first of `total` problems.

    `alike` has all of them, by kind, unless the message says it. `others`: there are rows that
    could be sent without those.
    """

    def __init__(
        self, path: Path, shown: tuple[Problem, ...], total: int, groups: Grouping, *, others: bool
    ) -> None:
        found = [each for each in groups.told() if isinstance(each.first, Problem)]
        if len(found) == 1 and found[0].first.row is None:  # of the file, and all there is to say
            super().__init__(found.pop().first.problem, hint=shown[0].hint)
        else:
            what = f"{len(found):,} problem" + "s" * (len(found) != 1)
            rows = f", in {groups.rows:,} row" + "s" * (groups.rows != 1) if groups.rows else ""
            hint = f"see more of them with `waheal check {quote(str(path))}`"
            skip = "; --skip-bad-rows leaves those rows out" * others
            super().__init__(f"the campaign does not check: {what}{rows}", hint=hint + skip)
        self.shown = shown
        self.total = total
        self.alike = tuple(found)


@dataclass(slots=True)
class FileRows:
    """The rows of a campaign file that can be sent; what is wrong with the others is counted.

    `expires` (Unix seconds) holds for every row, unless its own is sooner.
    """

    file: CampaignFile
    skip_bad: bool
    expires: float | None = None
    bad: int = 0  # problems
    bad_rows: int = 0
    cut: bool = False  # rows could not be read: that they aren't there proves nothing
    left_out: list[Phone] = field(default_factory=list)
    shown: list[Problem] = field(default_factory=list)
    groups: Grouping = field(default_factory=Grouping)
    doubts: list[Caution] = field(default_factory=list)  # what concerns every recipient

    def __iter__(self) -> Iterator[Planned]:
        """Give the good rows; read to the end even when one is bad, so that all are told.

        Raises:
            FileRefused: at the end, when a problem stops the campaign.
        """
        hopeless, good = False, 0
        last: int | None = None
        for row in self.file.rows():
            match row:
                case Planned():
                    good += 1
                    yield self._timed(row)
                case Problem():
                    self._note(row, again=row.row == last)
                    last = row.row
                    hopeless = hopeless or not row.skippable
                case Caution(whole=True) if len(self.doubts) < _TOLD:
                    self.doubts.append(row)
                case Caution():
                    continue
        if hopeless or (self.bad and not self.skip_bad):
            others = good > 0 and not hopeless
            raise FileRefused(
                self.file.path, tuple(self.shown), self.bad, self.groups, others=others
            )

    def first(self) -> Iterator[Planned]:
        """Give the good rows, whatever is wrong with the others."""
        return (self._timed(row) for row in self.file.rows() if isinstance(row, Planned))

    def digest(self) -> str | None:
        """Name what the ledger would become by these rows; None where they must be read to know."""
        if self.file.digest is None:
            return None
        more = f"{self.file.digest} {self.expires} {self.skip_bad}"
        return hashlib.sha256(more.encode()).hexdigest()

    def _note(self, problem: Problem, *, again: bool) -> None:
        self.groups.note(problem)
        self.bad += not problem.again
        self.bad_rows += not again
        self.cut = self.cut or problem.cuts
        if problem.phone is not None and problem.phone not in self.left_out[-1:]:
            self.left_out.append(problem.phone)
        if len(self.shown) < _TOLD and not problem.again:
            self.shown.append(problem)

    def _timed(self, row: Planned) -> Planned:
        if self.expires is None:
            return row
        own = row.expires
        return replace(row, expires=self.expires if own is None else min(own, self.expires))


def enroll(
    ledger: Ledger, name: str, rows: FileRows, *, same: bool = False
) -> Generator[Preparing, None, Campaign]:
    """Bring the ledger up to the file, and tell how far it is; an unchanged file is not read.

    Whoever holds `Ledger.enrolling` of this name gets the campaign, opened. Until all of the file
    is read, an exception, or the end of whoever listens, leaves everything as it was. What is cut
    off after that is in the ledger by half where that lies on a server; the next one does all.

    Raises:
        FileRefused: the campaign does not check; nothing was enrolled.
        UsageError: it is another file's, where not `same`.
    """

    def opened() -> Campaign:
        return ledger.campaigns.open(name, str(rows.file.path), ledger.now(), same=same)

    digest, campaign = rows.digest(), ledger.campaigns.find(name)
    if campaign is not None:
        ledger.campaigns.see_it_is_its_file(campaign, str(rows.file.path), same=same)
        if digest is not None and campaign.digest == digest:
            campaign = opened()
    if campaign is None or campaign.digest is None or campaign.digest != digest:
        yield from _merged(ledger, opened, rows)
        campaign = ledger.campaigns.find(name)
    if campaign is None:
        raise LookupError(name)  # it was opened just now
    yield from _told(ledger, campaign, rows)
    return campaign


def _merged(ledger: Ledger, opened: Callable[[], Campaign], rows: FileRows) -> Iterator[Preparing]:
    """Read the file, and merge it."""
    with ledger.enrolment.merging(lambda: opened().id, ledger.now()) as merge:
        good = iter(rows)
        while portion := list(islice(good, PORTION)):
            merge.add(portion)
            yield RowsRead(len(portion))
        if rows.doubts:
            yield FileDoubted(tuple(rows.doubts))
        for some in merge.merged():
            yield RowsRead(some, merged=True)
        enrolled = merge.finish(rows.digest(), rows.left_out, whole=not rows.cut)
        with ledger.turn():
            ledger.marks.set(_mark("bad", merge.campaign), rows.bad_rows)
            ledger.marks.set(_mark("hidden", merge.campaign), rows.file.hidden_rows)
            ledger.marks.set(_outdated(merge.campaign), enrolled.outdated)


def _told(ledger: Ledger, campaign: Campaign, rows: FileRows) -> Iterator[Preparing]:
    """Tell what an operator may not have meant."""
    if bad := ledger.marks.get(_mark("bad", campaign.id)):
        yield BadRowsLeftOut(bad)
    hidden, sheets = ledger.marks.get(_mark("hidden", campaign.id)), rows.file.hidden_sheets
    if hidden or sheets:
        yield HiddenLeftOut(hidden, sheets)
    if rows.cut:
        yield RowsSwallowed()
    if outdated := ledger.marks.get(_outdated(campaign.id)):
        yield TextChanged(campaign.name, outdated)
    elif campaign.created == campaign.last_run:
        yield from _sent_before(ledger, campaign)


def _sent_before(ledger: Ledger, campaign: Campaign) -> Iterator[SentBefore]:
    """Tell whom another campaign has just sent the same: its file may only have been renamed."""
    others = ledger.campaigns.sent_before(campaign.id, ledger.now() - _JUST)
    if others:
        yield SentBefore(max(others, key=lambda name: others[name]), sum(others.values()))


def _outdated(campaign: int) -> str:
    return f"outdated {campaign}"


def _mark(which: str, campaign: int) -> str:
    return f"{which} rows {campaign}"
