"""The operators' pages: which there are, and what they say; draws none of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files

from waheal.errors import UsageError

TOPICS = (
    "promises",
    "commands",
    "settings",
    "files",
    "templates",
    "pace",
    "devices",
    "states",
    "replies",
    "results",
    "recall",
    "exit-codes",
    "cron",
    "backups",
    "cluster",
    "security",
    "moving",
    "library",
    "faults",
    "measured",
)
"""The pages by the names of their files, in the order of a book."""

_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its topic, its title, and its text in Markdown, which begins with the title."""

    topic: str
    title: str
    text: str


def page(topic: str) -> Page:
    """Give the page of a topic.

    Raises:
        UsageError: there is none; the hint names the nearest one, or all of them.
    """
    if topic not in TOPICS:
        near = get_close_matches(topic.lower(), TOPICS, n=1)
        hint = f"meant {near[0]!r}?" if near else f"there are {', '.join(TOPICS)}"
        raise UsageError(f"there is no page about {topic!r}", hint=hint)
    text = files("waheal.docs").joinpath(f"{topic}.md").read_text(encoding="utf-8")
    bare = _COMMENT.sub("", text)
    return Page(topic, bare.partition("\n")[0].removeprefix("# "), bare)


def pages() -> Iterator[Page]:
    """Give all of them, in their order."""
    return map(page, TOPICS)
