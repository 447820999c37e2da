"""What `send` tells before it begins: texts that reach nobody, homes that were copied, its end."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.support import Waheal
from waheal.acts import whereabouts
from waheal.acts.standstills import note_stop
from waheal.events import Paused, RunFinished
from waheal.model import ExitCode
from waheal.records import (
    Tally,
)
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.waits import GOES_ON

TEXT = "reaches none of them"
SAME = "just had the same text"
COPIED = "it was copied or moved"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "news.csv"
    path.write_text("phone\n+12025550100\n+12025550101\n+12025550102\n")
    return path


def delivered(home: Path, most: int = 99) -> None:
    """Let the first of them have got it."""
    with closing(sqlite3.connect(home / "waheal.db")) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET state = 'delivered' WHERE id <= ?", (most,))


def test_a_changed_text_under_a_used_name_says_whom_it_does_not_reach(
    waheal: Waheal, home: Path, people: Path
) -> None:
    assert TEXT not in waheal("send", people, "--message", "Hi").err
    delivered(home, 2)
    assert TEXT not in waheal("send", people, "--message", "Hi").err
    for _ in range(2):
        done = waheal("send", people, "--message", "Ho")
        assert f"warning: 2 recipients of news had another text already, and this one {TEXT}" in (
            done.err
        )
        assert "hint: --name NAME" in done.err
    assert TEXT in waheal("send", people, "--message", "Ho", "--json").err
    assert TEXT not in waheal("send", people, "--message", "Hi").err


def test_a_renamed_file_says_how_many_just_had_the_same_text(
    waheal: Waheal, home: Path, people: Path, tmp_path: Path
) -> None:
    waheal("send", people, "--message", "Hi")
    delivered(home, 2)
    people.rename(tmp_path / "news 2.csv")
    done = waheal("send", "news 2.csv", "--message", "Hi")
    assert f"warning: 2 recipients {SAME}, by campaign news" in done.err
    assert "--name news --same" in done.err
    other = waheal("send", "news 2.csv", "--message", "Ho", "--name", "other")
    assert SAME not in other.err


def test_a_copied_home_is_told_once_before_it_sends(
    waheal: Waheal, home: Path, people: Path, tmp_path: Path
) -> None:
    assert COPIED not in waheal("send", people, "--message", "Hi").err
    assert COPIED not in waheal("send", people, "--message", "Hi").err
    shutil.copytree(home, tmp_path / "copy")
    dry = waheal("send", people, "--message", "Hi", "--home", tmp_path / "copy", "--dry-run")
    first = waheal("send", people, "--message", "Hi", "--home", tmp_path / "copy")
    for done in (dry, first):
        assert f"last in {home}, where a home is still: {COPIED}" in done.err
    assert COPIED not in waheal("send", people, "--message", "Hi", "--home", tmp_path / "copy").err


def test_a_home_on_another_machine_is_told(
    waheal: Waheal, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "machine-id"
    monkeypatch.setattr(whereabouts, "_MACHINE_IDS", (tmp_path / "none", machine))
    machine.write_text("one\n")
    waheal("send", people, "--message", "Hi")
    machine.write_text("two\n")
    assert f"last on another machine: {COPIED}" in waheal("send", people, "--message", "Hi").err
    machine.unlink()
    assert COPIED not in waheal("send", people, "--message", "Hi").err


def test_until_says_which_day_it_means(waheal: Waheal, people: Path) -> None:
    done = waheal("send", people, "--message", "Hi", "--until", "2099-12-24")
    assert "it ends on Thursday, 2099-12-24, at 00:00" in done.err
    assert "it ends on " in waheal("send", people, "--message", "Hi", "--until", "09:00").err


def test_status_keeps_why_a_run_stopped(waheal: Waheal, people: Path) -> None:
    assert waheal("send", people, "--message", "Hi").code == ExitCode.NO_DEVICE
    told = json.loads(waheal("status", "news", "--json").out)
    assert (told["stopped"], told["until"]) == ("no device can send: none is paired", None)
    assert told["way_out"] == "`waheal devices pair LABEL`"
    shown = waheal("status", "news").out
    assert "stopped: no device can send" in shown
    assert "next: `waheal devices pair LABEL`" in shown


@pytest.mark.parametrize("killed", [True, False])
def test_status_says_nothing_of_a_wait_that_its_run_did_not_outlive(
    waheal: Waheal, people: Path, home: Path, killed: bool
) -> None:
    waheal("send", people, "--message", "Hi")
    with Ledger.open(Home.open(home, create=False)) as ledger:
        campaign = ledger.campaigns.find("news")
        assert campaign is not None
        note_stop(ledger, campaign, Paused("--daily is used up", 4e9, GOES_ON))
        if not killed:
            note_stop(ledger, campaign, RunFinished(Tally(), 1.0, ExitCode.INTERRUPTED))
    assert json.loads(waheal("status", "news", "--json").out)["stopped"] is None
    shown = waheal("status", "news").out
    assert "used up" not in shown
    assert "next: go on with those still to go: run the same command again" in shown


@pytest.mark.parametrize(("campaign", "waits"), [("news", True), ("other", False), (None, False)])
def test_a_wait_is_told_of_the_campaign_whose_run_waits(
    waheal: Waheal, home: Path, people: Path, campaign: str | None, waits: bool
) -> None:
    waheal("send", people, "--message", "Hi")
    opened = Home.open(home, create=False)
    with Ledger.open(opened) as ledger:
        found = ledger.campaigns.find("news")
        assert found is not None
        note_stop(ledger, found, Paused("--daily is used up", 4e9, GOES_ON))
    with HomeLock.acquire(opened, what="waheal send x", campaign=campaign):
        shown = waheal("status", "news").out
    assert ("waiting: --daily is used up" in shown) is waits
