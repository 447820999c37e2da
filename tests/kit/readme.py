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
    """Give the rows of the first table under a heading, each by the names of its columns."""
    lines = [line for line in section(page, title).splitlines() if line.startswith("|")]
    assert len(lines) > 2, f"{page} has no table under {title!r}"
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [dict(zip(head, row, strict=True)) for row in rows]


def code_words(cell: str) -> list[str]:
    """Give what stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
