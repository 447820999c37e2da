"""`--metrics`: OpenMetrics text that a collector's own parser reads, written whole."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.kit.ledgers import ANNA, BERT, CARL, NOW, ONE, claim_all, jid_of, open_home, row, send
from tests.kit.ledgers import start as begin
from tests.kit.readme import code_words, table
from waheal.acts.metrics import EVERY, Measured, Metrics, openmetrics
from waheal.correspondents import SentBack
from waheal.errors import UsageError
from waheal.events import Event, Note, Receipt, RunFinished, RunStarted
from waheal.model import ExitCode, ReplyKind, State
from waheal.records import Tally
from waheal.store.ledger import Ledger

STARTED = RunStarted("c", 3, 3, 1)
NEWS = Receipt(ANNA, "M", State.READ)
Read = dict[tuple[str, ...], float]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(open_home(tmp_path)) as ledger:
        ledger.devices.add(ONE, jid_of(ONE), None, NOW)
        yield ledger


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def read(text: str) -> Read:
    """Read it as a collector does; by name and the labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


def test_every_figure_is_the_ledgers(ledger: Ledger, tmp_path: Path) -> None:
    campaign = begin(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    claims, _ = claim_all(ledger, campaign)
    for claim in claims[:2]:
        send(ledger, claim, f"M{claim.delivery}")
    (to,) = ledger.replies.written(ANNA, None)
    ledger.replies.add(to, SentBack(ONE, ReplyKind.TEXT, NOW, "R"))
    path = tmp_path / "waheal.prom"
    Metrics(path, ledger, campaign.id, "c", Clock()).note(STARTED)
    told = read(path.read_text())
    tally = ledger.campaigns.tally(campaign.id)
    assert {state: told["waheal_recipients", "c", state] for state in State} == {
        state: tally[state] for state in State
    }
    assert told["waheal_recipients_replied", "c"] == 1
    assert told["waheal_devices", "ready"] == 1
    assert told["waheal_run_active", "c"] == 1
    assert told["waheal_run_start_time_seconds", "c"] == NOW
    assert ("waheal_run_exit_code", "c") not in told
    assert ANNA.removeprefix("+") not in path.read_text()


def test_it_is_written_at_the_start_now_and_then_and_at_the_end(
    ledger: Ledger, tmp_path: Path
) -> None:
    campaign, clock = begin(ledger, row(2, ANNA)), Clock()
    path = tmp_path / "waheal.prom"
    metrics = Metrics(path, ledger, campaign.id, "c", clock)

    def writes(event: Event) -> bool:
        path.unlink(missing_ok=True)
        assert metrics.note(event) is None
        return path.exists()

    assert not writes(NEWS)
    assert writes(STARTED)
    assert not writes(NEWS)
    clock.now += EVERY
    assert writes(NEWS)
    assert not writes(NEWS)
    clock.now -= 3600.0  # a clock that is set back does not silence it
    assert writes(NEWS)
    assert writes(RunFinished(Tally(), 1.0, ExitCode.SOME_FAILED))
    told = read(path.read_text())
    assert (told["waheal_run_active", "c"], told["waheal_run_exit_code", "c"]) == (0, 1)


def test_a_collector_of_another_user_may_read_it(ledger: Ledger, tmp_path: Path) -> None:
    campaign, path = begin(ledger, row(2, ANNA)), tmp_path / "waheal.prom"
    Metrics(path, ledger, campaign.id, "c", Clock()).note(STARTED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_file_that_can_not_be_written_ends_a_run_before_it_begins_and_not_later(
    ledger: Ledger, tmp_path: Path
) -> None:
    campaign, clock = begin(ledger, row(2, ANNA)), Clock()
    with pytest.raises(UsageError, match="--metrics"):
        Metrics(tmp_path / "no" / "x", ledger, campaign.id, "c", clock).note(STARTED)
    folder = tmp_path / "there"
    folder.mkdir()
    metrics = Metrics(folder / "x", ledger, campaign.id, "c", clock)
    metrics.note(STARTED)
    (folder / "x").unlink()
    folder.rmdir()
    clock.now += EVERY
    assert isinstance(metrics.note(NEWS), Note)
    clock.now += EVERY
    assert metrics.note(NEWS) is None  # told once


@pytest.mark.parametrize("name", ['quo"ted', "back\\slash", "müller & söhne", "a{b}=c,d"])
def test_a_campaign_may_be_called_anything(name: str) -> None:
    told = read(openmetrics(Measured(name, Tally(), (), NOW, NOW)))
    assert told["waheal_recipients_replied", name] == 0


def test_each_name_is_documented() -> None:
    told = read(openmetrics(Measured("c", Tally(), (), NOW, NOW, ExitCode.OK)))
    page = Path(__file__).parents[2] / "waheal" / "docs" / "cron.md"
    rows = table(page, "Measured by Prometheus")
    assert {name for name, *_ in told} == {
        word for row_of in rows for word in code_words(row_of["metric"])
    }
