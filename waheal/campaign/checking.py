"""Judges a whole campaign file at once; it sends nothing and knows no ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.findings import Caution, Preview, Problem
from waheal.model import Planned


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of a file.

    `rows` counts the records that aren't blank, bad ones included; `planned` the good ones;
    `declined` those of the good ones that have no consent.
    """

    ok: bool
    rows: int
    problems: tuple[Problem, ...]
    warnings: tuple[Caution, ...]
    preview: tuple[Preview, ...]
    planned: int = 0
    declined: int = 0


def _unwatched(_: Planned) -> None:
    """Let a good row pass."""


def check(
    path: Path,
    choices: Choices,
    *,
    previews: int = 3,
    watch: Callable[[Planned], None] = _unwatched,
) -> Checked:
    """Tell everything that is wrong with a file. Never raises, whatever its bytes are.

    `watch` is shown every good row.
    """
    file = open_campaign_file(path, choices)
    problems: list[Problem] = []
    warnings: list[Caution] = []
    preview: list[Preview] = []
    planned = declined = 0
    for found in file.rows():
        match found:
            case Planned(consent=agreed):
                planned += 1
                watch(found)
                declined += not agreed
                if agreed and len(preview) < previews:
                    preview.append(Preview(found.row, found.phone, found.content))
            case Problem():
                problems.append(found)
            case Caution():
                warnings.append(found)
    return Checked(
        not problems,
        file.records,
        tuple(problems),
        tuple(warnings),
        tuple(preview),
        planned,
        declined,
    )
