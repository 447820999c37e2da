"""`waheal report` and `export`: their options, over a ledger that no run has to fill."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.support import Waheal
from tests.kit.ledgers import ONE, claim_all, jid_of, row, send, start
from waheal.acts.manner import manner_of, note_manner
from waheal.acts.wishes import Pacing
from waheal.model import ExitCode, Phone, State
from waheal.store.home import Home
from waheal.store.ledger import Ledger

PEOPLE = [Phone(f"+120255501{number:02}") for number in range(80)]


@pytest.fixture
def news(home: Path, tmp_path: Path) -> Path:
    """Write a campaign of which all were sent but two that failed; B was read by all, A by none."""
    file = tmp_path / "news.csv"
    with file.open("w", newline="") as out:
        rows = [(who, "AB"[place % 2]) for place, who in enumerate(PEOPLE)]
        csv.writer(out).writerows([("phone", "text"), *rows])
    with Ledger.open(Home.open(home, create=True)) as ledger:
        ledger.devices.add(ONE, jid_of(ONE), None, 1.0)
        campaign = start(ledger, *(row(at, who) for at, who in enumerate(PEOPLE, 2)), name="news")
        campaign = ledger.campaigns.open("news", str(file), 1_700_000_000.0, same=True)
        note_manner(ledger, campaign, Pacing(rate=["20/min", "200/h"], window="09:00-18:00"))
        for place, claim in enumerate(claim_all(ledger, campaign)[0]):
            if place > 1:
                send(ledger, claim, f"M{place}")
            else:
                ledger.outcomes.settle(
                    claim.delivery, 1, State.FAILED, now=1_700_000_001.0, reason="refused"
                )
            if place % 2 and place > 1:
                ledger._db.run(
                    "UPDATE deliveries SET state = 'read' WHERE id = ?", (claim.delivery,)
                )
    return file


@pytest.mark.usefixtures("news")
class TestReport:
    def test_variants_are_compared_by_a_column_of_the_file(self, waheal: Waheal) -> None:
        told = waheal("report", "news", "--by", "text")
        assert "Read: B (100 %) is ahead of A (0 %), and that means something" in told.out
        document = json.loads(waheal("report", "news", "--by", "text", "--json").out)
        (first, second) = document["comparison"]["variants"]
        assert (first["value"], first["sent"], first["read"]["count"]) == ("A", 39, 0)
        assert (second["value"], second["read"]["share"]) == ("B", 1.0)
        assert document["comparison"]["judgements"][1]["surely_behind"] == ["A"]

    def test_without_the_file_there_is_a_report_but_no_comparison(
        self, waheal: Waheal, news: Path
    ) -> None:
        news.unlink()
        assert waheal("report", "news").code == ExitCode.OK
        told = waheal("report", "news", "--by", "text")
        assert told.code == ExitCode.USAGE
        assert str(news) in told.err

    def test_a_page_for_a_client_is_asked_for_as_such(self, waheal: Waheal) -> None:
        assert waheal("report", "news", "--for-client").code == ExitCode.USAGE
        both = waheal("report", "news", "--html", "p.html", "--for-client", "--show-numbers")
        assert both.code == ExitCode.USAGE
        waheal("report", "news", "--html", "p.html", "--for-client", "--by", "text")
        page = Path("p.html").read_text()
        assert "is ahead of" in page
        assert "waheal" not in page.partition("<body>")[2]
        assert "20/min, 200/h" in page

    def test_an_owner_sees_whole_numbers(self, waheal: Waheal) -> None:
        waheal("report", "news", "--html", "p.html", "--show-numbers")
        assert PEOPLE[0] in Path("p.html").read_text()

    def test_the_settings_are_those_of_the_last_run(self, waheal: Waheal, home: Path) -> None:
        told = {"rate": "20/min, 200/h", "window": "09:00-18:00"}
        assert waheal("report", "news", "--json").document["settings"] == told
        with Ledger.open(Home.open(home, create=False)) as ledger:
            campaign = ledger.campaigns.find("news")
            assert campaign is not None
            note_manner(ledger, campaign, Pacing(daily=2000, burst=True))
            assert manner_of(ledger, campaign) == {"daily": "2,000", "burst": "yes"}


@pytest.mark.usefixtures("news")
class TestExportOfSomeStates:
    def test_only_those_are_exported(self, waheal: Waheal) -> None:
        told = waheal("export", "news", "--state", "failed, Uncertain")
        rows = list(csv.DictReader(io.StringIO(told.out)))
        assert [each["phone"] for each in rows] == PEOPLE[:2]
        assert len(json.loads(waheal("export", "news", "--state", "read", "--json").out)) == 39

    def test_of_none_there_is_a_header_or_an_empty_list(self, waheal: Waheal) -> None:
        assert waheal("export", "news", "--state", "expired").out.count("\n") == 1
        assert json.loads(waheal("export", "news", "--state", "expired", "--json").out) == []

    @pytest.mark.parametrize("state", ["", "lost", "failed,"])
    def test_a_state_that_is_none_is_wrong_usage(self, waheal: Waheal, state: str) -> None:
        told = waheal("export", "news", "--state", state)
        assert told.code == ExitCode.USAGE
        assert "hint: one or more of pending, sending, sent" in told.err
