"""Clients leak, hosts do not: they are exchanged in time, and the campaign goes on."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.fleet import Figures, fleet, follow
from waheal.engine.run import Run
from waheal.events import Event, HostRestarted
from waheal.model import State
from waheal.wire import HostSettings

pytestmark = pytest.mark.real

_LEAK = 3.5  # descriptors a refresh: about three were measured, see host/README.md
_BASE = 120  # of a fresh host
_MOST = 2000  # recipients; a hundred are sent to where nothing else runs


def _refresh(root: Path, times: int, refreshes: int) -> Figures:
    """Send so many messages, nearly each through a client of its own."""
    with fleet(root, devices=8) as made:
        made.enroll(times)
        # One client may stay open, so that each lease but of the same device builds a new one.
        settings = made.settings(host=HostSettings(max_open=1, senders=4))
        figures = follow(made.send_events(replace(settings, refreshes=refreshes)))
        connects = sum(device.connects for device in made.control.devices.linked())
        sys.stdout.write(f"{connects} connects: {figures.line()}\n")
        assert connects >= times * 0.5
        assert set(figures.settled) == {State.SENT}
        assert all(len(texts) == 1 for texts in made.texts().values())
        assert len(made.texts()) == times
        assert len(figures.restarts) >= connects // (refreshes * 1.4) - 1
        assert {restart.cause for restart in figures.restarts} == {"recycled"}
        assert not [restart for restart in figures.restarts if restart.in_doubt]
        assert max(figures.descriptors) < _BASE + _LEAK * refreshes * 1.4
        return figures


def test_the_run_goes_on_while_hosts_are_exchanged(tmp_path: Path) -> None:
    # How many messages an exchange takes is the machine's affair: a new host has to start for it.
    with fleet(tmp_path, devices=8) as made:
        made.enroll(_MOST)
        settings = made.settings(host=HostSettings(max_open=1, senders=4))
        figures = follow(_until_exchanged(made.run(replace(settings, refreshes=30)), times=2))
        assert len(figures.restarts) >= 2
        assert {restart.cause for restart in figures.restarts} == {"recycled"}
        assert not [restart for restart in figures.restarts if restart.in_doubt]
        assert figures.settled[State.SENT] > 30
        assert set(figures.settled) <= {State.SENT, State.PENDING}  # asked to end with some claimed
        assert {len(texts) for texts in made.texts().values()} == {1}
        assert len(made.texts()) == figures.settled[State.SENT]


def _until_exchanged(run: Run, times: int) -> Iterator[Event]:
    """Follow a run, and ask it to end once its hosts were exchanged so often."""
    for event in run.events():
        yield event
        if isinstance(event, HostRestarted):
            times -= 1
            if times == 0:
                run.drain()


@pytest.mark.soak
def test_2000_forced_refreshes(tmp_path: Path) -> None:
    figures = _refresh(tmp_path, times=3000, refreshes=400)
    third = len(figures.resident) // 3
    assert max(figures.resident[-third:]) < 1.5 * max(figures.resident[:third])
