"""From options to a run, and from its events to the view and the log; decides nothing."""

import os
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from waheal.cli import words
from waheal.cli.console import say_error
from waheal.cli.logs import LogView
from waheal.cli.scene import Scene
from waheal.cli.signals import draining
from waheal.engine.run import Run
from waheal.engine.settings import HostSettings, RunSettings
from waheal.errors import WahealError
from waheal.events import RunFinished
from waheal.model import DeviceId, ExitCode, Trust
from waheal.policy.pacing import Limits
from waheal.policy.windows import Window
from waheal.store.home import Home
from waheal.views.opening import open_view
from waheal.views.view import View, ViewKind, choose


@dataclass(frozen=True, slots=True)
class Machinery:
    """How many threads and processes a run may use."""

    senders: int
    hosts: int
    max_open: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a run ends by itself, as the operator wrote it."""

    limit: int | None
    max_runtime: str | None
    until: str | None
    pause_after_errors: str | None
    max_tries: int
    max_wait: str


@dataclass(frozen=True, slots=True)
class Route:
    """Through which devices, at what pace and when."""

    devices: frozenset[DeviceId] | None
    sticky: bool
    sticky_failover: bool
    limits: Limits
    window: Window | None


def run_settings(campaign: str, machinery: Machinery, route: Route, bounds: Bounds) -> RunSettings:
    """Tell what the engine is to do, but for whom it is attached to.

    Raises:
        UsageError: an option can't be read.
    """
    share, longest = bounds.pause_after_errors, bounds.max_runtime
    now = datetime.now().astimezone()
    return RunSettings(
        campaign=campaign,
        host=host_settings(machinery, None),
        devices=route.devices,
        limits=route.limits,
        window=route.window,
        sticky=route.sticky,
        sticky_failover=route.sticky_failover,
        limit=bounds.limit,
        max_runtime=words.duration(longest, "--max-runtime") if longest else None,
        until=words.moment(bounds.until, "--until", now) if bounds.until else None,
        pause_after_errors=words.share(share, "--pause-after-errors") if share else None,
        max_tries=bounds.max_tries,
        max_wait=words.duration(bounds.max_wait, "--max-wait"),
    )


def host_settings(machinery: Machinery, trust: Trust | None) -> HostSettings:
    """Tell what every host process is started with."""
    return HostSettings(
        trust=trust,
        hosts=machinery.hosts,
        senders=machinery.senders,
        max_open=machinery.max_open,
    )


def view_for(here: Scene, *, show_numbers: bool) -> View:
    """Give the view that suits the options and the terminal."""
    return open_view(view_kind(here), show_numbers=show_numbers)


def view_kind(here: Scene) -> ViewKind:
    """Tell how this scene is shown."""
    return choose(
        json=here.json,
        quiet=here.quiet,
        stderr_isatty=sys.stderr.isatty(),
        term=os.environ.get("TERM", ""),
    )


def show_run(here: Scene, place: Home, run: Run, *, show_numbers: bool) -> ExitCode:
    """Run to the end and show it; requests to end drain it, and then abandon it."""
    code = ExitCode.OWN_FAULT
    with ExitStack() as stack:
        log = stack.enter_context(LogView(place.logs, clock=time.time, show_numbers=show_numbers))
        view = stack.enter_context(view_for(here, show_numbers=show_numbers))
        stack.enter_context(draining(run.drain, run.abandon))
        try:
            for event in run.events():
                view.show(event)
                log.show(event)
                if isinstance(event, RunFinished):
                    code = event.exit_code
        except WahealError as error:
            # The run was told to its end: where several codes hold, it has picked.
            view.close()
            say_error(error.message, error.hint)
    return code
