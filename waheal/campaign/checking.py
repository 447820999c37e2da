"""Judges a whole campaign file at once; it sends nothing and knows no ledger."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.campaign.grouping import Grouping
from waheal.campaign.rejected import rejecting
from waheal.findings import Alike, Caution, Preview, Problem
from waheal.model import Planned

KEPT = 10_000
"""Problems, and likewise warnings, that are told; the rest are counted."""

_Found = TypeVar("_Found", Problem, Caution)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of a file.

    `rows` counts the records that aren't blank, bad ones included; `planned` the good ones;
    `declined` those of the good ones that have no consent. `problems` are the first `KEPT` of
    `problem_count`, and a warning says how many more there are; `skippable`: all of them are. A
    fault of the text counts once, and says of how many rows. `alike` has all of them, by kind;
    `bad_rows` counts the rows with problems.
    """

    ok: bool
    rows: int
    problems: tuple[Problem, ...]
    warnings: tuple[Caution, ...]
    preview: tuple[Preview, ...]
    planned: int = 0
    declined: int = 0
    problem_count: int = 0
    skippable: bool = True
    alike: tuple[Alike, ...] = ()
    bad_rows: int = 0


@dataclass(slots=True)
class _Kept(Generic[_Found]):
    """The first of what was found, and how much that was."""

    first: list[_Found] = field(default_factory=list)
    count: int = 0

    def add(self, found: _Found, *, always: bool = False) -> None:
        self.count += 1
        if always or len(self.first) < KEPT:
            self.first.append(found)

    @property
    def more(self) -> int:
        return self.count - len(self.first)


def _unwatched(_: object) -> None:
    """Let it pass."""


def check(
    path: Path,
    choices: Choices,
    *,
    previews: int = 3,
    watch: Callable[[Planned], None] = _unwatched,
    rejected: Path | None = None,
) -> Checked:
    """Tell what is wrong with a file, in bounded memory, whatever its bytes are.

    `watch` is shown every good row. Every bad one is written to `rejected`.
    Raises: OSError where that can't be written.
    """
    file = open_campaign_file(path, choices)
    problems, warnings = _Kept[Problem](), _Kept[Caution]()
    preview: list[Preview] = []
    planned = declined = 0
    again = Counter[tuple[str | None, str]]()
    skippable, groups = True, Grouping()
    with ExitStack() as stack:
        reject = stack.enter_context(rejecting(file, rejected)).note if rejected else _unwatched
        for found in file.rows():
            if not isinstance(found, Planned):
                groups.note(found)
            match found:
                case Planned(consent=agreed):
                    planned += 1
                    watch(found)
                    declined += not agreed
                    if agreed and len(preview) < previews:
                        preview.append(Preview(found.row, found.phone, found.content))
                case Problem(again=True):
                    again[found.column, found.problem] += 1
                    skippable = skippable and found.skippable
                    reject(found)
                case Problem():
                    problems.add(found, always=not found.skippable)
                    skippable = skippable and found.skippable
                    reject(found)
                case Caution():
                    warnings.add(found)
    return Checked(
        not problems.count,
        file.records,
        tuple(_counted(each, again) for each in problems.first),
        (*warnings.first, *_untold(problems.more, warnings.more)),
        tuple(preview),
        planned,
        declined,
        problems.count,
        skippable,
        groups.told(),
        groups.rows,
    )


def _counted(problem: Problem, again: Counter[tuple[str | None, str]]) -> Problem:
    """Say of how many rows more it holds; of the first that is told."""
    more = again.pop((problem.column, problem.problem), 0)
    if not more:
        return problem
    rows = f"{more:,} more row" + "s" * (more != 1)
    return replace(problem, problem=f"{problem.problem}; so it is in {rows}")


def _untold(problems: int, warnings: int) -> list[Caution]:
    """Say that there is more."""
    told = list[Caution]()
    if problems:
        hint = "mend those that are; --rejected writes every row that has one"
        told.append(Caution(None, None, f"{problems:,} more problems are not told", hint))
    if warnings:
        hint = "see to those that are"
        told.append(Caution(None, None, f"{warnings:,} more warnings are not told", hint))
    return told
