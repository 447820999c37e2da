"""A campaign file on its way into the ledger: read once, checked and enrolled in one stream."""

import hashlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from waheal.campaign.campaign_file import CampaignFile
from waheal.cli.console import say, show_on_stderr
from waheal.errors import UsageError
from waheal.findings import Caution, Problem
from waheal.model import Phone, Planned
from waheal.records import Campaign
from waheal.store.ledger import Ledger
from waheal.views import words
from waheal.views.opening import console_for
from waheal.views.progress import Progress
from waheal.views.tables import problems_table

_STEP = 1000
_TOLD = 20  # problems that `send` shows; `check` has them all


@dataclass(slots=True)
class Rows:
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

    def __iter__(self) -> Iterator[Planned]:
        """Give the good rows; read to the end even when one is bad, so that all are told.

        Raises:
            UsageError: at the end, when a problem stops the campaign.
        """
        hopeless = False
        last: int | None = None
        for row in self.file.rows():
            match row:
                case Planned():
                    yield self._timed(row)
                case Problem():
                    self.bad += 1
                    self.bad_rows += row.row != last
                    last = row.row
                    self.cut = self.cut or row.cuts
                    if row.phone is not None:
                        self.left_out.append(row.phone)
                    hopeless = hopeless or not row.skippable
                    if len(self.shown) < _TOLD:
                        self.shown.append(row)
                case Caution():
                    continue
        if hopeless or (self.bad and not self.skip_bad):
            raise self._refusal(hopeless)

    def first(self) -> Iterator[Planned]:
        """Give the good rows, whatever is wrong with the others."""
        return (self._timed(row) for row in self.file.rows() if isinstance(row, Planned))

    def _timed(self, row: Planned) -> Planned:
        if self.expires is None:
            return row
        own = row.expires
        return replace(row, expires=self.expires if own is None else min(own, self.expires))

    def _refusal(self, hopeless: bool) -> UsageError:
        what = words.count(self.bad, "problem")
        return UsageError(
            f"the campaign does not check: {what}",
            hint="mend the file"
            if hopeless
            else "see them all with `waheal check`; --skip-bad-rows leaves those rows out",
        )


def enroll(ledger: Ledger, campaign: Campaign, rows: Rows, *, quiet: bool) -> None:
    """Bring the ledger up to the file; nothing is read where it has not changed.

    Raises:
        UsageError: the campaign does not check; nothing was enrolled.
    """
    digest = _digest(rows)
    if digest is not None and campaign.digest == digest:
        _say_left_out(ledger.marks.get(_mark(campaign)), quiet=quiet)
        return
    try:
        planned = iter(rows) if quiet else _told(rows)
        ledger.enrolment.enroll(
            campaign.id,
            planned,
            now=time.time(),
            digest=digest,
            whole=lambda: not rows.cut,
            bad=lambda: rows.left_out,
        )
        ledger.marks.set(_mark(campaign), rows.bad_rows)
    except UsageError:
        if rows.shown:
            show_on_stderr(problems_table(rows.shown, total=rows.bad))
        raise
    _say_left_out(rows.bad_rows, quiet=quiet)
    if rows.cut:
        say("a quote swallows rows: what stands in them is not enrolled, and nobody expires for it")


def _mark(campaign: Campaign) -> str:
    return f"bad rows {campaign.id}"


def _say_left_out(bad: int, *, quiet: bool) -> None:
    if bad and not quiet:
        say(f"{words.count(bad, 'bad row')} left out, as --skip-bad-rows says")


def _told(rows: Rows) -> Iterator[Planned]:
    """Show how far the file is read, where that takes a while."""
    with Progress("reading rows", None, console=console_for(sys.stderr), clock=time.time) as bar:
        for number, row in enumerate(rows, 1):
            if number % _STEP == 0:
                bar.advance(_STEP)
            yield row


def _digest(rows: Rows) -> str | None:
    if rows.file.digest is None:
        return None
    more = f"{rows.file.digest} {rows.expires} {rows.skip_bad}"
    return hashlib.sha256(more.encode()).hexdigest()
