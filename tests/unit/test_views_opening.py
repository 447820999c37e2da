"""Which view is shown, and progress of work that is no run."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from waheal.events import Resumed
from waheal.views.jsonl import JsonlView
from waheal.views.live import LiveView
from waheal.views.opening import open_view
from waheal.views.plain import PlainView
from waheal.views.progress import Progress
from waheal.views.quiet import QuietView
from waheal.views.talk import Talk
from waheal.views.view import ViewKind, choose


@pytest.mark.parametrize(
    ("json", "quiet", "tty", "term", "kind"),
    [
        (True, True, True, "xterm", ViewKind.JSONL),
        (False, True, True, "xterm", ViewKind.QUIET),
        (False, False, True, "xterm", ViewKind.LIVE),
        (False, False, True, "dumb", ViewKind.PLAIN),
        (False, False, False, "xterm", ViewKind.PLAIN),
    ],
)
def test_the_view_is_what_was_asked_for_and_what_the_terminal_can(
    json: bool, quiet: bool, tty: bool, term: str, kind: ViewKind
) -> None:
    assert choose(json=json, quiet=quiet, stderr_isatty=tty, term=term) is kind


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        (ViewKind.LIVE, LiveView),
        (ViewKind.PLAIN, PlainView),
        (ViewKind.JSONL, JsonlView),
        (ViewKind.QUIET, QuietView),
    ],
)
def test_only_json_writes_to_stdout(kind: ViewKind, made: type[object]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with open_view(kind, Talk(err), clock=lambda: 0.0, stdout=out) as view:
        view.show(Resumed("again"))
        assert isinstance(view, made)
    assert bool(out.getvalue()) == (kind is ViewKind.JSONL)


class Now:
    """A clock that the test moves."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize(("terminal", "seconds"), [(True, 0.3), (False, 11.0)])
def test_long_work_tells_how_far_it_is(terminal: bool, seconds: float) -> None:
    out, now = io.StringIO(), Now()
    console = Console(file=out, width=100, force_terminal=terminal)
    with Progress("rows", 1000, console=console, talk=Talk(out), clock=now) as progress:
        progress.advance(10)
        assert not out.getvalue()
        now.at += seconds
        progress.advance(490)
        told = Text.from_ansi(out.getvalue()).plain
    assert "rows 500 of 1,000 (50 %)" in told


def test_short_work_is_not_spoken_of() -> None:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=True)
    with Progress("rows", None, console=console, talk=Talk(out), clock=Now()) as progress:
        progress.advance(10)
    assert not out.getvalue()
