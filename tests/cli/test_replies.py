"""`waheal replies` and what else tells of replies, over a sandbox and over a ledger of its own."""

import csv
import io
import json
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.support import Waheal, running
from tests.kit.ledgers import ONE, claim_all, jid_of, row, send, start
from waheal.correspondents import SentBack
from waheal.model import ExitCode, Phone, ReplyKind
from waheal.store.home import Home
from waheal.store.ledger import Ledger

ANN, BOB, CID = (Phone(f"+1202555010{number}") for number in range(3))
NASTY = "bell\a esc\x1b[31m \u202eright to left\u202c\ttab\nline"
AT = 1_700_000_000.0


def fill(home: Path, *said: SentBack) -> None:
    """Write a ledger in which Ann and Bob were written to, and Ann has sent this back."""
    with Ledger.open(Home.open(home, create=True)) as ledger:
        ledger.devices.add(ONE, jid_of(ONE), None, AT)
        campaign = start(ledger, row(2, ANN), row(3, BOB), name="news")
        for claim in claim_all(ledger, campaign)[0]:
            send(ledger, claim, f"M{claim.delivery}")
        (to,) = ledger.replies.written(ANN, None)
        for each in said:
            ledger.replies.add(to, each)


def text(words: str | None, number: int = 1) -> SentBack:
    return SentBack(ONE, ReplyKind.TEXT, AT + number, f"R{number}", text=words)


class TestOfALedger:
    def test_they_are_listed_for_programs_and_as_json(self, waheal: Waheal, home: Path) -> None:
        fill(home, text("yes, please"), SentBack(ONE, ReplyKind.IMAGE, AT + 2, "R2"))
        listed = waheal("replies", "news")
        assert listed.out.splitlines() == [
            "at\tphone\tdevice\tcampaign\tkind\ttext",
            f"2023-11-14T22:13:21.000Z\t{ANN}\tone\tnews\ttext\tyes, please",
            f"2023-11-14T22:13:22.000Z\t{ANN}\tone\tnews\timage\t",
        ]
        assert listed.err == "2 replies\n"
        first, second = _listed(waheal("replies", "--json").out)
        assert (first["text"], second["kind"], second["text"]) == ("yes, please", "image", None)

    def test_who_replied_is_counted_everywhere(self, waheal: Waheal, home: Path) -> None:
        fill(home, text("yes"), text("no", 2))
        document = waheal("status", "news", "--json").document
        assert (document["replied"], document["replied_share"]) == (1, 0.5)
        assert "1 replied, 50 % of those it went out to" in waheal("status", "news").out
        assert "1 replied" in waheal("status").out
        assert re.search(r"^replied +1 +50 % +100 %", waheal("report", "news").out, re.MULTILINE)
        report = json.loads(waheal("report", "news", "--json").out)
        step = {"step": "replied", "count": 1, "of_all": 0.5, "of_previous": 1.0}
        assert report["funnel"][3] == step
        (line,) = report["devices"]
        assert (line["device"], line["sent"], line["replied"]) == ("one", 2, 1)
        waheal("report", "news", "--html", "page.html")
        assert "1 replied." in Path("page.html").read_text()
        ann, bob = csv.DictReader(io.StringIO(waheal("export", "news").out))
        assert (ann["replied_at"], ann["reply_device"]) == ("2023-11-14T22:13:21.000Z", "one")
        assert (bob["replied_at"], bob["reply_device"]) == ("", "")

    def test_new_are_those_since_the_last_look(self, waheal: Waheal, home: Path) -> None:
        fill(home, text("yes"))
        assert "yes" in waheal("replies", "--new").out
        assert "yes" not in waheal("replies", "--new").out
        assert "yes" in waheal("replies").out
        fill(home, text("and another", 2))
        assert [each["text"] for each in _listed(waheal("replies", "--new", "--json").out)] == [
            "and another"
        ]
        assert _listed(waheal("replies", "news", "--new", "--json").out) == []

    def test_nothing_in_a_text_moves_a_terminal(self, waheal: Waheal, home: Path) -> None:
        fill(home, text(NASTY))
        plain = waheal("replies").out
        assert len(plain.splitlines()) == 2
        assert not set("\a\x1b\u202e\u202c") & set(plain)
        assert r"esc\x1b[31m" in plain
        document = waheal("replies", "--json").out
        assert document.isascii()
        assert _listed(document)[0]["text"] == NASTY

    def test_a_spreadsheet_that_is_given_them_runs_none(self, waheal: Waheal, home: Path) -> None:
        fill(home, text('=HYPERLINK("http://x";"y")'))
        assert "\t'=HYPERLINK" in waheal("replies").out

    def test_the_texts_are_erased_and_the_fact_is_kept(self, waheal: Waheal, home: Path) -> None:
        fill(home, text("a most private word"))
        assert "1 text erased" in waheal("replies", "news", "--forget").err
        assert _listed(waheal("replies", "--json").out)[0]["text"] is None
        assert "--keep-replies" in waheal("replies").err
        assert waheal("status", "news", "--json").document["replied"] == 1
        kept = b"".join(each.read_bytes() for each in home.rglob("*") if each.is_file())
        assert b"most private" not in kept

    def test_whoever_is_forgotten_has_not_replied(self, waheal: Waheal, home: Path) -> None:
        fill(home, text("a most private word"))
        waheal("suppress", "forget", ANN)
        assert _listed(waheal("replies", "--json").out) == []
        assert waheal("status", "news", "--json").document["replied"] == 0

    def test_forgetting_shows_nothing(self, waheal: Waheal) -> None:
        assert waheal("replies", "--forget", "--new").code == ExitCode.USAGE
        assert waheal("replies", "nosuch").code == ExitCode.USAGE
        assert waheal("replies").code == ExitCode.OK

    def test_who_follows_sees_what_comes_and_ends_it_as_usual(
        self, home: Path, tmp_path: Path
    ) -> None:
        fill(home, text("first"))
        with running(home, tmp_path, "replies", "--follow", "--json") as following:
            assert following.until("reply")["text"] == "first"
            with Ledger.open(Home.open(home, create=False)) as ledger:
                ledger.replies.add(ledger.replies.written(BOB, None)[0], text("second", 2))
            assert following.until("reply")["text"] == "second"
            assert following.end(signal.SIGINT).code == ExitCode.OK


def _listed(out: str) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(out)["replies"]
    return listed


@pytest.mark.real
class TestOfARehearsal:
    def test_send_and_sync_keep_them_and_texts_where_it_is_asked_for(
        self, waheal_apart: Waheal, news: Path, home: Path
    ) -> None:
        (sandbox, box) = ("--sandbox", ("--sandbox", "--sandbox-devices", 1))
        assert waheal_apart("send", news, *box).code == ExitCode.OK
        waheal_apart("sandbox", "reply", ANN, "sandbox-1", "by number", sandbox)
        waheal_apart("sandbox", "reply", BOB, "sandbox-1", "by LID", "--by-lid", sandbox)
        told = waheal_apart("sync", "--for", "1s", sandbox, "--json").document
        assert (told["replies"], told["opt_outs"]) == (2, 0)
        first = _listed(waheal_apart("replies", "news", "--json", sandbox).out)
        assert sorted((each["phone"], each["text"]) for each in first) == [(ANN, None), (BOB, None)]

        (home / "waheal.toml").write_text("keep-replies = true\n")
        waheal_apart("sandbox", "reply", CID, "sandbox-1", "kept by the home's setting", sandbox)
        waheal_apart("sync", "--for", "1s", sandbox)
        listed = waheal_apart("replies", "--new", sandbox)
        assert f"{CID}\tsandbox-1\tnews\ttext\tkept by the home's setting" in listed.out
        _is_private(home / "sandbox", "kept by the home's setting")

    def test_sync_names_the_devices_that_it_cannot_ask(
        self, waheal_apart: Waheal, news: Path
    ) -> None:
        waheal_apart("send", news, "--sandbox", "--sandbox-devices", 2)
        waheal_apart("devices", "pause", "sandbox-2", "--sandbox")
        waheal_apart("sandbox", "reply", ANN, "sandbox-2", "STOP", "--sandbox")
        told = waheal_apart("sync", "--for", "1s", "--sandbox")
        assert "not asked: sandbox-2 (paused)" in told.err
        assert "1 device asked: 0 receipts, 0 replies" in told.err
        waheal_apart("devices", "resume", "sandbox-2", "--sandbox")
        told = waheal_apart("sync", "--for", "1s", "--sandbox", "--json")
        assert (told.document["not_asked"], told.document["opt_outs"]) == ([], 1)

    def test_an_unknown_lid_waits_for_its_number_through_a_kill(
        self, waheal_apart: Waheal, home: Path, tmp_path: Path, many: Path
    ) -> None:
        box = ("--sandbox", "--sandbox-devices", 1)
        one = tmp_path / "one.csv"
        one.write_text(f"phone,message\n{ANN},hi\n")
        waheal_apart("send", one, *box)
        late = Phone("+12025550145")  # the last but some of the many
        waheal_apart("sandbox", "reply", late, "sandbox-1", "who is it?", "--by-lid", "--sandbox")
        waheal_apart("sync", "--for", "1s", "--sandbox", "--keep-replies")
        before = waheal_apart("replies", "--json", "--sandbox").document
        assert (before["replies"], before["waiting"]) == ([], 1)
        with running(home, tmp_path, "send", many, *box, "--gap", "60s", "--json") as run:
            run.until("settled")
            run.end(signal.SIGKILL)
        assert waheal_apart("replies", "--json", "--sandbox").document["waiting"] == 1
        done = waheal_apart("send", many, *box, "--json")
        told = [each for each in done.events if each["event"] == "replied"]
        assert [(each["phone"], each["kind"]) for each in told] == [(late, "text")]
        after = waheal_apart("replies", "--json", "--sandbox").document
        assert after["waiting"] == 0
        (reply,) = _listed(json.dumps(after))
        assert (reply["phone"], reply["campaign"], reply["text"]) == (late, "many", "who is it?")
        assert waheal_apart("status", "many", "--json", "--sandbox").document["replied"] == 1


def _is_private(home: Path, words: str) -> None:
    """See that a kept text is in the ledger and nowhere else, for nobody else's eyes."""
    for path in home.rglob("*"):
        if path.is_file() and words.encode() in path.read_bytes():
            assert path.name.startswith("waheal.db"), path
            assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(home / "waheal.db")) as conn:
        assert conn.execute("SELECT 1 FROM replies WHERE text = ?", (words,)).fetchone()
