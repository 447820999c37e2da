"""Writes the rows that were left out, in the campaign file's own dialect; it judges nothing."""

import csv
from collections import defaultdict
from collections.abc import Iterable
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


def write_rejected(campaign: CampaignFile, problems: Iterable[Problem], target: Path) -> int:
    """Write the header and the rows that have problems, with one more column that names them.

    The file is there whole or not at all, and only its owner can read it. Its rows can be mended
    and sent as a campaign of their own: hence their cells are as they came, formulas too, and only
    what is said of them is made harmless. Gives the number of rows.
    Raises: OSError.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        if problem.row is not None and problem.row > campaign.header_row:
            column = f"{problem.column}: " if problem.column else ""
            reasons[problem.row].append(column + problem.problem)
    encoding = campaign.encoding or _ENCODING
    with whole_text(target, encoding.codec, encoding.errors) as file:
        _write(campaign, reasons, file)
    return len(reasons)


def _write(campaign: CampaignFile, reasons: dict[int, list[str]], file: TextIO) -> None:
    dialect = campaign.dialect or _DIALECT
    file.write(dialect.declared)
    writer = csv.writer(file, delimiter=dialect.separator, lineterminator=dialect.line_end)
    width = len(campaign.header)
    writer.writerow([*campaign.header, "problem"])
    for record in campaign.raw_records():
        if record.row not in reasons:
            continue
        cells = [record.raw] if isinstance(record, Broken) else record.cells
        padded = [*cells, *[""] * (width - len(cells))]
        writer.writerow([*padded, harmless("; ".join(reasons[record.row]))])
