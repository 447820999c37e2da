"""Enrolling a campaign file's rows: all of a file or nothing, and how far a large one is."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice

from waheal.model import Phone, Planned
from waheal.records import Enrolled
from waheal.store.merging import Merge, loading_keys
from waheal.store.part import Part

PORTION = 20_000
"""Rows that are read at once: some MB, whatever the file's size."""


@dataclass(frozen=True, slots=True)
class Loading:
    """How far a campaign's file is merged that is not through: `rows` of `total`.

    `under_way`: somebody is at it; else it was cut off, and the next enrolment does all of it.
    """

    rows: int
    total: int
    under_way: bool


class Enrolment(Part):
    """How a file's rows become deliveries."""

    def enroll(
        self,
        campaign_id: int,
        planned: Iterable[Planned],
        *,
        now: float,
        digest: str | None,
        whole: Callable[[], bool] = lambda: True,
        bad: Callable[[], Iterable[Phone]] = tuple,
    ) -> Enrolled:
        """Bring the campaign in line with its file, in bounded memory.

        Text, media, device and times change only where the delivery is still pending; pending
        ones that the file doesn't name any more expire. An exception out of `planned` leaves
        everything as it was. `digest` is remembered as the campaign's. `whole` is asked at the end:
        where some of the file could not be read, nobody expires for not being in it. `bad`
        likewise: the numbers of rows that are left out. What is pending for those stays so, and
        nobody claims it before a row that can be sent names it again.
        """
        with self.merging(lambda: campaign_id, now) as merge:
            rows = iter(planned)
            while portion := list(islice(rows, PORTION)):
                merge.add(portion)
            return merge.finish(digest, bad(), whole=whole())

    @contextmanager
    def merging(self, begun: Callable[[], int], now: float) -> Iterator[Merge]:
        """Do the same in steps, for whoever tells meanwhile how far it is.

        `begun` gives the campaign, once it is to be written to. Whoever enrols what others may
        enrol as well holds `Ledger.enrolling`. Leaving the block by an exception before `finish`
        rolls everything back; in portions, too, as long as none was merged.
        """
        portions = self._db.engine.in_portions and not self._db.depth
        whole = nullcontext() if portions else self._db.transaction()
        with whole, self._db.engine.merging():
            merge = Merge(self._db, begun, now, portions=portions)
            try:
                yield merge
            finally:
                merge.clear()

    def loading(self, campaign_id: int, name: str) -> Loading | None:
        """Tell how far a file is merged whose enrolment is not through, or was cut off."""
        keys = loading_keys(campaign_id)
        rows = self._db.all("SELECT key, value FROM marks WHERE key IN (?, ?)", keys)
        if not rows:
            return None
        found = {str(key): int(value or 0) for key, value in rows}
        total, merged = (found.get(key, 0) for key in keys)
        return Loading(merged, total, self._db.holds.is_queue_held(queue_of(name)))


def queue_of(name: str) -> str:
    """Name what those wait in who enrol a campaign of this name."""
    return f"the enrolment of {name}"
