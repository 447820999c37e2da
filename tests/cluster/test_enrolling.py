"""A large file on its way into a shared ledger, by the commands: refused whole, or done again."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.kit.machines import Machines
from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.model import ExitCode, Planned, State

pytestmark = pytest.mark.cluster

MANY = 21_000


@pytest.fixture
def made(alone: Machines) -> Machines:
    for words in (("init",), ("join", "--name", "paris")):
        done = alone.run("paris", "cluster", *words)
        assert done.code == 0, done.err
    return alone


def file(folder: Path, *last: str) -> Path:
    """Write a campaign of more rows than are read at once."""
    path = folder / "news.csv"
    lines = [f"+49151{number:08},hi" for number in range(MANY)]
    path.write_text("\n".join(["phone,message", *lines, *last]), encoding="utf-8")
    return path


class CutOffError(Exception):
    """Nobody goes on with it."""


def cut_off(machines: Machines, path: Path) -> int:
    """Merge the first portion of the file, and no more; tell how many rows that is."""
    with (
        suppress(CutOffError),
        machines.workspace("paris").ledger() as ledger,
        ledger.enrolling("news"),
        ledger.enrolment.merging(
            lambda: ledger.campaigns.open("news", str(path), 0.0).id, 0.0
        ) as merge,
    ):
        rows = open_campaign_file(path, Choices(now=0.0)).rows()
        merge.add([each for each in rows if isinstance(each, Planned)])
        first = next(merge.merged())
        raise CutOffError
    return first


def test_a_bad_row_late_in_a_file_leaves_no_campaign_behind(made: Machines) -> None:
    path = file(made.folder, "+4915,hi")
    refused = made.run("paris", "send", path, "--detach")
    assert (refused.code, "does not check" in refused.err) == (ExitCode.USAGE, True), refused.err
    assert made.run("paris", "status", "--json").document["campaigns"] == []


@pytest.mark.soak
def test_a_bad_row_late_in_a_changed_file_changes_nobody(made: Machines) -> None:
    path = file(made.folder)
    made.run("paris", "send", path, "--detach")
    path.write_text(path.read_text().replace(",hi", ",new") + "\n+4915,new\n", encoding="utf-8")
    assert made.run("paris", "send", path, "--detach").code == ExitCode.USAGE
    with made.workspace("paris").ledger() as ledger:
        campaign = ledger.campaigns.find("news")
        assert campaign is not None
        texts = {each.content.text for each in ledger.work.due(campaign.id, None, 0.0, MANY)}
    assert texts == {"hi"}


def test_what_was_cut_off_is_told_and_the_next_send_does_all_of_it(made: Machines) -> None:
    path = file(made.folder)
    first = cut_off(made, path)
    told = made.run("paris", "status", "news")
    assert f"stopped: enrolling its file was cut off after {first:,} of {MANY:,} rows" in told.out
    assert f"waheal send {path}" in told.out
    sent = made.run("paris", "send", path, "--detach")
    assert sent.code == ExitCode.OK, sent.err
    status = made.run("paris", "status", "news", "--json").document
    assert (status[State.PENDING.value], status["stopped"]) == (MANY, None)


def test_a_rehearsal_leaves_nothing_behind(made: Machines) -> None:
    done = made.run("paris", "send", file(made.folder), "--dry-run")
    assert f"would send to {MANY:,} recipients" in done.err, done.err
    assert made.run("paris", "status", "--json").document["campaigns"] == []
