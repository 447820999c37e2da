"""What every view can do, and which one suits; knows no view's drawing."""

from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from waheal.events import Event

Clock = Callable[[], float]
"""Tells the moment, in Unix seconds."""


class ViewKind(StrEnum):
    """How a run is shown."""

    LIVE = "live"
    PLAIN = "plain"
    JSONL = "jsonl"
    QUIET = "quiet"


class View(Protocol):
    """Shows a run's events as they come; no trouble with its stream ever stops the run."""

    def show(self, event: Event) -> None:
        """Take one event; cheap enough to be called thousands of times a second."""

    def close(self) -> None:
        """Say the last words and leave the stream tidy; a second call does nothing."""

    def __enter__(self) -> Self:
        """Give the view itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""


class Closing:
    """A view as a context manager: leaving the block closes it."""

    def __enter__(self) -> Self:
        """Give the view itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, whatever happened."""
        self.close()

    def close(self) -> None:
        """Say the last words."""


def choose(*, json: bool, quiet: bool, stderr_isatty: bool, term: str = "") -> ViewKind:
    """Pick the view: what was asked for, else the live one where a terminal can draw it.

    `term` is the environment's TERM: a dumb terminal gets plain lines.
    """
    if json:
        return ViewKind.JSONL
    if quiet:
        return ViewKind.QUIET
    return ViewKind.LIVE if stderr_isatty and term != "dumb" else ViewKind.PLAIN
