"""Reads the tables and lists of the rooms' pages, so that tests can hold them against the code."""

import re
from pathlib import Path


def section(page: Path, title: str) -> str:
    """Give the text under a heading, up to the next one of its level or above."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert found is not None, f"{page} has no heading {title!r}"
    rest = text[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def table(page: Path, title: str) -> list[dict[str, str]]:
    """Give the rows of the first table under a heading, each by the names of its columns.

    A row whose first cell is empty goes on with the one before.
    """
    found = re.search(r"^\|.*(?:\n\|.*)*", section(page, title), re.MULTILINE)
    assert found is not None, f"{page} has no table under {title!r}"
    head, _, *lines = (_cells(line) for line in found[0].splitlines())
    rows: list[list[str]] = []
    for cells in lines:
        if cells[0]:
            rows.append(cells)
        else:
            rows[-1] = [" ".join(both).strip() for both in zip(rows[-1], cells, strict=True)]
    return [dict(zip(head, row, strict=True)) for row in rows]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def code_words(cell: str) -> list[str]:
    """Give what stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
