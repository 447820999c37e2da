"""`waheal recall` and `waheal amend`, over a sandbox and over a ledger of its own."""

import json
import signal
from pathlib import Path

import pytest

from tests.cli.support import Waheal, running
from tests.kit.ledgers import ONE, claim_all, jid_of, row, send, start
from waheal.model import ExitCode, Phone
from waheal.store.home import Home
from waheal.store.ledger import Ledger

ANN, BOB = Phone("+12025550100"), Phone("+12025550101")
LONG_AGO = 1_700_000_000.0


def fill(home: Path) -> None:
    """Write a ledger in which Ann and Bob were written to, long ago."""
    with Ledger.open(Home.open(home, create=True)) as ledger:
        ledger.devices.add(ONE, jid_of(ONE), None, LONG_AGO)
        campaign = start(ledger, row(2, ANN), row(3, BOB), name="news")
        for claim in claim_all(ledger, campaign)[0]:
            send(ledger, claim, f"M{claim.delivery}")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = [f"+1202555{100 + n:04d},Name{n}" for n in range(12)]
    path.write_text("\n".join(["phone,name", *rows]), encoding="utf-8")
    return path


class TestOfALedger:
    def test_what_is_too_old_is_told_with_whatsapps_limit_and_fails(
        self, waheal: Waheal, home: Path
    ) -> None:
        fill(home)
        done = waheal("recall", "news")
        assert done.code == ExitCode.SOME_FAILED
        assert "can't be taken back: 2: too old (WhatsApp lets a message be taken back for 60" in (
            done.err
        )
        assert "2 too old: WhatsApp lets a message be taken back for 60 hours" in done.err
        told = waheal("export", "news", "--json")
        assert [each["recall"] for each in json.loads(told.out)] == ["too_old", "too_old"]
        assert waheal("status", "news", "--json").document["recall"] == {
            "pending": 0, "recalled": 0, "uncertain": 0, "too_old": 2, "failed": 0,
        }  # fmt: skip
        assert waheal("report", "news", "--json").document["amend"] is None
        assert "recall: 2 too old" in waheal("report", "news").out
        assert "recall: 2 too old" in waheal("status", "news").out
        assert "recall" not in waheal("status").out

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("recall", "nobody"), "no campaign is called 'nobody'"),
            (("recall", "news", "--phone", "+12025550199"), "nothing that news sent is meant"),
            (("recall", "news", "--device", "two"), "no device called 'two' has sent"),
            (("recall", "news", "--state", "failed"), "'failed' is no state in which"),
            (("amend", "news"), "there is no text to amend the messages to"),
            (("amend", "news", "--message", " "), "there is no text to amend the messages to"),
            (("amend", "news", "--message", "a", "--template", "b"), "are two texts"),
            (("amend", "news", "--message", "bell \a"), "the text holds"),
            (("amend", "news", "--message", "{{ name }}"), "the file of news is gone"),
        ],
        ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
    )
    def test_what_is_meant_must_be_there(
        self, waheal: Waheal, home: Path, words: tuple[str, ...], told: str
    ) -> None:
        fill(home)
        done = waheal(*words)
        assert (done.code, done.out) == (ExitCode.USAGE, "")
        assert told in done.err

    def test_a_recall_is_not_recalled_nor_sent_to(
        self, waheal: Waheal, home: Path, people: Path
    ) -> None:
        fill(home)
        waheal("recall", "news")
        assert "has sent no messages of its own" in waheal("recall", "news (recall)").err
        done = waheal("send", people, "--message", "hi", "--name", "news (recall)", "--same")
        assert done.code == ExitCode.USAGE
        assert "news (recall) is a recall, no campaign of that name" in done.err


@pytest.mark.real
class TestRehearsed:
    def test_texts_are_amended_by_the_files_words_and_then_taken_back(
        self, waheal_apart: Waheal, people: Path
    ) -> None:
        waheal_apart("send", people, "--message", "Hi", "--sandbox", "--sandbox-devices", 2)
        new = ("amend", "people", "--message", "Hello {{ name }}", "--sandbox")
        first = waheal_apart(*new, "--json")
        assert first.code == ExitCode.OK, first.err
        began, *_, ended = first.events
        assert (began["campaign"], began["errand"], began["total"]) == ("people", "amend", 12)
        assert (ended["amended"], ended["exit_code"]) == (12, 0)
        assert {e["state"] for e in first.events if e["event"] == "settled"} == {"amended"}
        assert texts(waheal_apart) == {f"Hello Name{n}" for n in range(12)}

        again = waheal_apart(*new, "--json")
        assert [e["event"] for e in again.events] == ["run_started", "run_finished"]

        one = waheal_apart("recall", "people", "--phone", ANN, "--sandbox", "--json")
        assert one.events[-1]["recalled"] == 1
        rest = waheal_apart("recall", "people", "--sandbox")
        assert rest.code == ExitCode.OK
        assert "Done: recall of people" in rest.err
        assert texts(waheal_apart) == {None}
        received = waheal_apart("sandbox", "phones", "--sandbox", "--json").document["received"]
        assert isinstance(received, list)
        assert {(e["revoked"], e["edited"]) for e in received} == {(1, 1)}
        assert "(taken back)" in waheal_apart("sandbox", "phones", "--sandbox").out

    def test_a_run_of_the_campaign_is_drained_first(
        self, waheal_apart: Waheal, home: Path, tmp_path: Path, people: Path
    ) -> None:
        slow = ("send", people, "--message", "Hi", "--rate", "20/min", "--gap", "3s")
        options = ("--sandbox", "--sandbox-devices", 1, "--json")
        with running(home, tmp_path, *slow, *options) as sending:
            sending.until("settled")
            done = waheal_apart("recall", "people", "--sandbox")
            assert done.code == ExitCode.OK, done.err
            assert "asked the run of people" in done.err
            ended = sending.end()
        assert ended.code == ExitCode.INTERRUPTED
        count = waheal_apart("status", "people", "--sandbox", "--json").document
        assert isinstance(recall := count["recall"], dict)
        assert 0 < recall["recalled"] < 12
        assert recall["recalled"] == 12 - int(str(count["pending"]))

    def test_a_recall_that_is_interrupted_goes_on(
        self, waheal_apart: Waheal, home: Path, tmp_path: Path, people: Path
    ) -> None:
        waheal_apart("send", people, "--message", "Hi", "--sandbox", "--sandbox-devices", 1)
        slow = ("recall", "people", "--sandbox", "--gap", "3s", "--json")
        with running(home, tmp_path, *slow) as recalling:
            recalling.until("settled")
            ended = recalling.end(signal.SIGINT)
        assert ended.code == ExitCode.INTERRUPTED
        last = json.loads(ended.out.splitlines()[-1])
        assert 0 < last["pending"] < 12
        assert waheal_apart("recall", "people", "--sandbox").code == ExitCode.OK
        received = waheal_apart("sandbox", "phones", "--sandbox", "--json").document["received"]
        assert isinstance(received, list)
        assert [e["revoked"] for e in received] == [1] * 12


def texts(waheal: Waheal) -> set[str | None]:
    received = waheal("sandbox", "phones", "--sandbox", "--json").document["received"]
    assert isinstance(received, list)
    return {each["text"] for each in received}
