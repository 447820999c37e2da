"""Writes the rows that were left out, in the campaign file's own dialect; it judges nothing."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from waheal.campaign.campaign_file import CampaignFile
from waheal.campaign.dialect import Dialect
from waheal.campaign.encoding import Encoding
from waheal.campaign.reading import Broken
from waheal.findings import Problem
from waheal.spreadsheet import harmless
from waheal.writing import whole_text

# A workbook has neither; Excel takes these for its own.
_ENCODING = Encoding("utf-8-sig", "surrogateescape")
_DIALECT = Dialect(",", "\r\n")


class RejectedRows:
    """Takes a file's problems in its order, and writes each row that has some beside them.

    The file is read along: of many bad rows only one is held. `rows` counts them.
    """

    def __init__(self, campaign: CampaignFile, file: TextIO) -> None:
        dialect = campaign.dialect or _DIALECT
        file.write(dialect.declared)
        self._writer = csv.writer(
            file, delimiter=dialect.separator, lineterminator=dialect.line_end
        )
        self._writer.writerow([*campaign.header, "problem"])
        self._header_row = campaign.header_row
        self._width = len(campaign.header)
        self._records = campaign.raw_records(listed=True)
        self._row = 0
        self._reasons: list[str] = []
        self.rows = 0

    def note(self, problem: Problem) -> None:
        """Take the next problem; one of the header or of the whole file belongs to no row.

        Raises: OSError.
        """
        if problem.row is None or problem.row <= self._header_row:
            return
        if problem.row != self._row:
            self.finish()
            self._row = problem.row
        column = f"{problem.column}: " if problem.column else ""
        self._reasons.append(column + problem.problem)

    def finish(self) -> None:
        """Write the last row that was noted.

        Raises: OSError.
        """
        if not self._reasons:
            return
        record = next((each for each in self._records if each.row == self._row), None)
        if record is not None:
            cells = [record.raw] if isinstance(record, Broken) else record.cells
            padded = [*cells, *[""] * (self._width - len(cells))]
            self._writer.writerow([*padded, harmless("; ".join(self._reasons))])
            self.rows += 1
        self._reasons.clear()


@contextmanager
def rejecting(campaign: CampaignFile, target: Path) -> Iterator[RejectedRows]:
    """Write the bad rows of a file that is being judged.

    The target is there whole or not at all, and only its owner can read it. Its rows can be
    mended and sent as a campaign of their own: hence their cells are as they came, formulas too,
    and only what is said of them is made harmless.
    Raises: OSError.
    """
    encoding = campaign.encoding or _ENCODING
    with whole_text(target, encoding.codec, encoding.errors) as file:
        rejected = RejectedRows(campaign, file)
        yield rejected
        rejected.finish()
