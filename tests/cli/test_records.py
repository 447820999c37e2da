"""Suppressions, exports, reports and doctor, over a ledger that no run has to fill."""

import csv
import io
import json
import time
from pathlib import Path

import pytest

from tests.cli.support import Done, Waheal
from tests.kit.ledgers import CARL, ONE, TWO, row
from tests.kit.stage import stage
from waheal.chat_records import ChatLimits
from waheal.model import ChatHold, Content, DeviceId, ExitCode, Phone, Planned, Quarantine, State
from waheal.records import Origin, Want
from waheal.seal import seal
from waheal.store.home import Home
from waheal.store.ledger import Ledger

ANN, BOB = Phone("+12025550100"), Phone("+12025550101")
CROWD = [Phone(f"+1202555012{number}") for number in range(4)]


class TestSuppress:
    def test_added_numbers_are_listed_exported_and_removed(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        assert waheal("suppress", "add", "(202) 555-0100", "--region", "us").code == ExitCode.OK
        assert waheal("suppress", "add", BOB, "--json").document == {"changed": 1, "phones": [BOB]}
        assert waheal("suppress", "add", BOB, "--json").document == {"changed": 0, "phones": []}
        listed = waheal("suppress", "list", "--json").document["suppressed"]
        assert isinstance(listed, list)
        assert [(each["phone"], each["source"]) for each in listed] == [
            (ANN, "operator"),
            (BOB, "operator"),
        ]
        assert waheal("suppress", "export", "--output", "out.csv").code == ExitCode.OK
        rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
        assert [row["phone"] for row in rows] == [ANN, BOB]
        assert waheal("suppress", "remove", ANN, BOB, "--json").document["changed"] == 2
        assert "1 not on the list" in waheal("suppress", "remove", ANN).err
        assert waheal("suppress", "list", "--json").document == {"suppressed": []}
        assert waheal("suppress", "import", "out.csv").code == ExitCode.OK
        assert waheal("suppress", "export").out.count("+1202") == 2

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("+551187654321", "+5511987654321"),
            ("+541123456789", "+5491123456789"),
            ("+5215512345678", "+525512345678"),
            ("+22997123456", "+2290197123456"),
            ("+22507123456", "+2250707123456"),
        ],
    )
    def test_every_spelling_of_a_number_is_one_entry(
        self, waheal: Waheal, one: str, other: str
    ) -> None:
        assert waheal("suppress", "add", one, "--json").document["changed"] == 1
        assert waheal("suppress", "add", other, "--json").document["changed"] == 0
        assert waheal("suppress", "export").out.count("+") == 1
        assert waheal("suppress", "remove", other, "--json").document["changed"] == 1
        assert waheal("suppress", "list", "--json").document == {"suppressed": []}

    def test_whoever_is_known_by_lid_alone_is_listed_and_goes_both_ways(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        assert waheal("suppress", "add", "4711@lid", ANN).code == ExitCode.OK
        assert "4711@lid" in waheal("suppress", "list").out
        waheal("suppress", "export", "--output", "out.csv")
        rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
        assert [(row["phone"], row["lid"]) for row in rows] == [(ANN, ""), ("", "4711@lid")]
        assert waheal("suppress", "remove", "4711@lid", ANN, "--json").document["changed"] == 2
        assert waheal("suppress", "import", "out.csv").code == ExitCode.OK
        assert "4711@lid" in waheal("suppress", "list").out

    def test_it_holds_for_the_lid_that_the_library_knows_them_by(
        self, waheal: Waheal, home: Path, tmp_path: Path
    ) -> None:
        with stage(tmp_path) as made:
            for lid, phone in (("4711", ANN), ("4712", BOB), ("4713", CROWD[0])):
                made.sessions.map(lid, phone.removeprefix("+"))
        (tmp_path / "list.txt").write_text(f"{CROWD[0]}\n")
        waheal("suppress", "add", ANN)
        waheal("suppress", "forget", BOB)
        waheal("suppress", "import", "list.txt")
        with Ledger.open(Home.open(home, create=False)) as ledger:
            for lid in ("4711@lid", "4712@lid", "4713@lid"):
                assert ledger.people.is_suppressed(CARL, lid)  # their number by then
            assert not ledger.people.is_suppressed(CARL, "4714@lid")
        (home / "sessions.db").write_bytes(b"damaged" * 999)
        assert waheal("suppress", "add", CARL).code == ExitCode.OK

    def test_who_opted_out_is_not_enrolled_to_be_sent_to(self, waheal: Waheal, news: Path) -> None:
        waheal("suppress", "add", ANN)
        waheal("send", news)
        told = waheal("status", "news", "--json").document
        assert (told["suppressed"], told["pending"], told["total"]) == (1, 2, 3)

    def test_who_is_allowed_again_is_sent_to_by_the_next_run(
        self, waheal: Waheal, news: Path
    ) -> None:
        waheal("suppress", "add", ANN)
        waheal("send", news)
        assert "their next `waheal send`" in waheal("suppress", "remove", ANN).err
        waheal("send", news)
        assert waheal("status", "news", "--json").document["pending"] == 3

    def test_the_exported_list_runs_nothing_and_can_be_imported(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        (tmp_path / "x;=1+1.csv").write_text(f"{ANN}\n")
        waheal("suppress", "import", "x;=1+1.csv")
        assert waheal("suppress", "export", "--output", "list.csv").code == ExitCode.OK
        assert f"{ANN}," in (tmp_path / "list.csv").read_text()
        assert "import x;'=1+1.csv" in (tmp_path / "list.csv").read_text()
        waheal("suppress", "remove", ANN)
        assert waheal("suppress", "import", "list.csv", "--json").document["changed"] == 1

    def test_forgetting_keeps_the_opt_out(self, waheal: Waheal, news: Path) -> None:
        waheal("send", news)
        waheal("suppress", "add", ANN)
        forgotten = waheal("suppress", "forget", ANN)
        assert forgotten.code == ExitCode.OK
        for place in ("sessions.db", "LID", "message secrets", "logs", "backups"):
            assert place in forgotten.err
        assert waheal("suppress", "forget", ANN, "--quiet").err == ""
        assert ANN in waheal("suppress", "export").out
        assert ANN not in waheal("export", "news").out


class TestResend:
    def test_the_file_decides_what_a_resend_sends(
        self, waheal: Waheal, home: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "mended.csv"
        file.write_text("phone,message,consent\n" + "".join(f"{each},old,\n" for each in CROWD))
        waheal("send", file)
        with Ledger.open(Home.open(home, create=True)) as ledger:
            ledger._db.run("UPDATE deliveries SET state = 'failed'")
        file.write_text(
            "phone,message,consent\n"
            f"{CROWD[0]},new,\n{CROWD[1]},old,no\n{CROWD[2]},old,\n"  # and the fourth is gone
        )
        waheal("send", file)
        resolved = waheal("resolve", "mended", "--failed", "--resend", "--json").document
        assert resolved["resolved"] == 4
        waheal("send", file)
        told = csv.DictReader(io.StringIO(waheal("export", "mended").out))
        assert {row["phone"]: (row["state"], row["text"]) for row in told} == {
            CROWD[0]: ("pending", "new"),
            CROWD[1]: ("suppressed", "old"),
            CROWD[2]: ("pending", "old"),
            CROWD[3]: ("expired", "old"),
        }

    def test_a_resend_whose_file_is_gone_sends_nothing(self, waheal: Waheal, news: Path) -> None:
        waheal("send", news)
        news.unlink()
        assert waheal("send", news).code == ExitCode.USAGE


@pytest.fixture
def formulas(home: Path) -> None:
    """Enroll recipients whose texts a spreadsheet would run."""
    texts = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\tx", "plain", 'quoted "text"']
    texts += ["Hi;=1+1", "Hi\n =1+1"]
    place = Home.open(home, create=True)
    with Ledger.open(place) as ledger:
        campaign = ledger.campaigns.open("news", "/news.csv", time.time())
        rows = [
            Planned(number, Phone(f"+1202555010{number}"), Content(text))
            for number, text in enumerate(texts, 2)
        ]
        ledger.enrolment.enroll(campaign.id, rows, now=time.time(), digest=None)


@pytest.mark.usefixtures("formulas")
class TestExport:
    def test_a_spreadsheet_runs_nothing_of_it(self, waheal: Waheal) -> None:
        rows = list(csv.DictReader(io.StringIO(waheal("export", "news").out)))
        assert [row["text"] for row in rows] == [
            "'=1+1",
            "'+cmd|' /C calc'!A0",
            "-2",
            "'@SUM(A1)",
            "'\tx",
            "plain",
            'quoted "text"',
            "Hi;'=1+1",
            "Hi\n' =1+1",
        ]
        assert rows[0]["phone"] == "+12025550102"

    def test_json_is_one_document_of_plain_values(self, waheal: Waheal, tmp_path: Path) -> None:
        assert waheal("export", "news", "--format", "json", "--output", "o.json").code == 0
        rows = json.loads((tmp_path / "o.json").read_text())
        assert [row["text"] for row in rows][:2] == ["=1+1", "+cmd|' /C calc'!A0"]
        assert {row["state"] for row in rows} == {"pending"}
        assert json.loads(waheal("export", "news", "--json").out) == rows

    def test_another_format_is_wrong_usage(self, waheal: Waheal) -> None:
        assert waheal("export", "news", "--format", "xml").code == ExitCode.USAGE

    def test_a_file_that_can_not_be_written_is_wrong_usage(self, waheal: Waheal) -> None:
        assert waheal("export", "news", "--output", "no/such/folder.csv").code == 2

    def test_the_report_sums_up_and_writes_its_page(self, waheal: Waheal, tmp_path: Path) -> None:
        assert waheal("report", "news", "--json").document["pending"] == 9
        assert waheal("report", "news", "--html", "page.html").code == ExitCode.OK
        page = (tmp_path / "page.html").read_text()
        assert "+12025550102" not in page
        assert not list(tmp_path.glob(".*.part"))


class TestResolve:
    def test_nothing_uncertain_is_nothing_resolved(self, waheal: Waheal, news: Path) -> None:
        waheal("send", news)
        told = waheal("resolve", "news", "--accept", "--json")
        assert (told.code, told.document["resolved"]) == (ExitCode.OK, 0)

    def test_what_a_killed_run_left_open_is_settled_first(
        self, waheal: Waheal, news: Path, home: Path
    ) -> None:
        waheal("send", news)
        device = DeviceId("d0")
        with Ledger.open(Home.open(home, create=False)) as ledger:
            campaign = ledger.campaigns.find("news")
            assert campaign is not None
            (due, *_) = ledger.work.due(campaign.id, None, 1.0, 1)
            want = Want(
                due.delivery,
                device,
                "14255550100:1@s.whatsapp.net",
                None,
                Origin("another boot", "log", None, None),
            )
            ledger.work.claim(campaign, [want], now=1.0)
        told = waheal("resolve", "news", "--resend", "--json")
        assert told.document["resolved"] == 1
        assert told.document["pending"] == 3

    @pytest.mark.parametrize(
        "words",
        [
            ("resolve", "c", "--accept", "--failed"),
            ("send", "news.csv", "--name", "c", "--same", "--dry-run"),
            ("send", "news.csv"),  # whichever campaign it was
            ("sync", "--for", "1s"),
            ("devices", "remove", ONE, "--keep-session"),
            ("devices", "pair", ONE),  # which is paired already
            ("doctor", "--fix"),
        ],
        ids=lambda words: " ".join(words[:2]),
    )
    @pytest.mark.usefixtures("news")
    def test_every_command_that_holds_the_home_settles_a_killed_run(
        self, waheal: Waheal, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        with stage(tmp_path) as made:
            made.add(ONE, TWO)
            made.people(2)
            made.killed(lambda _host, _command: None)
        waheal("devices", "pause", ONE, TWO)
        assert waheal("status", "c", "--json").document["sending"] == 2
        waheal(*words)
        assert waheal("status", "c", "--json").document["sending"] == 0

    def test_what_a_killed_run_never_sent_goes_through_the_file_once_more(
        self, waheal: Waheal, home: Path, news: Path, tmp_path: Path
    ) -> None:
        with stage(tmp_path) as made:
            made.add(ONE, TWO)
            made.enroll(*(row(n + 2, phone, "old") for n, phone in enumerate([ANN, BOB, CARL])))
            made.killed(lambda _host, _command: None)
        for each in (home / "logs").glob("*.seal"):
            seal(home / "sessions.db", each)
        waheal("devices", "pause", ONE, TWO)
        news.write_text(f"phone,message,consent\n{ANN},new,yes\n{CARL},new,no\n")
        sent = waheal("send", news, "--name", "c", "--same", "--json")
        assert sent.code == ExitCode.NO_DEVICE
        told = [each["phone"] for each in sent.events if each["event"] == "settled"]
        assert told == [ANN, BOB, CARL]
        rows = json.loads(waheal("export", "c", "--format", "json").out)
        states = {each["phone"]: (each["state"], each["text"]) for each in rows}
        assert states[ANN] == ("pending", "new")
        assert (states[BOB][0], states[CARL][0]) == ("expired", "suppressed")


class TestDevices:
    def test_status_tells_which_are_out_and_which_begin_no_new_chat(
        self, waheal: Waheal, home: Path
    ) -> None:
        now = time.time()
        with Ledger.open(Home.open(home, create=True)) as ledger:
            for number, label in enumerate(("a", "b", "c", "d")):
                jid = f"1425555010{number}:1@s.whatsapp.net"
                ledger.devices.add(DeviceId(label), jid, None, now)
            ledger.devices.quarantine(DeviceId("a"), Quarantine.BANNED, None, now)
            ledger.chats.keep(DeviceId("b"), ChatLimits(now + 3600.0, ChatHold.REFUSED, now, 1))
            ledger.chats.keep(DeviceId("c"), ChatLimits(quota=(45, 50), quota_until=now + 3600.0))
            ledger.devices.note_unpaired(DeviceId("e"), None, Quarantine.PASSKEY)
        told = waheal("status").err
        assert "device a is out: banned\n" in told
        assert "device e is out: WhatsApp asks for a passkey\n" in told
        assert "device b begins no new chat until " in told
        assert ": new chats refused (463)\n" in told
        assert "device c has used 45 of 50 new chats" in told
        assert "device d" not in told

    def test_a_budget_of_new_chats_is_told_on_each_screen(self, waheal: Waheal, home: Path) -> None:
        begun = time.time()
        with Ledger.open(Home.open(home, create=True)) as ledger:
            ledger.devices.add(DeviceId("a"), "14255550100:1@s.whatsapp.net", ANN, begun)
            campaign = ledger.campaigns.open("c", "/c.csv", begun)
            ledger.enrolment.enroll(
                campaign.id, [Planned(2, BOB, Content("hi"))], now=begun, digest=None
            )
            (due,) = ledger.work.due(campaign.id, None, begun, 1)
            origin = Origin("boot", "log", "identity", "stamp")
            want = Want(
                due.delivery, DeviceId("a"), "14255550100:1@s.whatsapp.net", None, origin,
                new_chat=True,
            )  # fmt: skip
            (claim,), _ = ledger.work.claim(campaign, [want], now=begun)
            ledger.outcomes.settle(claim.delivery, 1, State.SENT, now=begun, message_id="M")
        ramp = ("--ramp", "1..9/8d")
        said = "1 of 1 begun in 24 hours (--new-chats, --ramp)"
        assert "device a begins no new chat until " in waheal("status", *ramp).err
        assert said in waheal("status", *ramp).err
        (told,) = json.loads(waheal("status", "--json", *ramp).out)["devices"]
        assert (told["begun_today"], told["may_begin"]) == (1, 1)
        assert told["begins_from"] is not None
        (listed,) = json.loads(waheal("devices", "list", "--json", *ramp).out)["devices"]
        assert listed == told
        assert json.loads(waheal("status", "--json", "--new-chats", "2/day").out)["devices"] == []

    def test_the_list_has_the_documented_fields(self, waheal: Waheal, home: Path) -> None:
        with Ledger.open(Home.open(home, create=True)) as ledger:
            ledger.devices.add(DeviceId("447700900123"), "14255550100:1@s.whatsapp.net", ANN, 1.0)
        (device,) = json.loads(waheal("devices", "list", "--json").out)["devices"]
        assert set(device) == {
            "device", "phone", "jid", "state", "reason", "until", "last_success", "sent_today",
            "chats_from", "chats_reason", "quota_used", "quota_total", "begun_today", "may_begin",
            "begins_from", "bare",
        }  # fmt: skip
        assert device["device"] == "447700900123"
        assert waheal("devices", "pause", "447700900123").code == ExitCode.OK
        assert json.loads(waheal("devices", "list", "--json", "--state", "paused").out)["devices"]
        assert waheal("devices", "resume", "447700900123").code == ExitCode.OK
        assert not json.loads(waheal("devices", "list", "--json", "--state", "paused").out)[
            "devices"
        ]

    def test_what_is_no_session_database_is_not_imported(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        (tmp_path / "x.db").write_bytes(b"no database")
        assert waheal("devices", "import", "x.db").code == ExitCode.USAGE
        assert waheal("devices", "import", "none.db").code == ExitCode.USAGE


class TestStop:
    def test_without_a_run_there_is_nothing_to_stop(self, waheal: Waheal) -> None:
        assert waheal("stop", "--json").document == {"stopping": False, "pid": None}


class TestDoctor:
    def test_every_check_is_explained_and_has_an_id_of_its_own(self, waheal: Waheal) -> None:
        checks = waheal("doctor", "--list", "--json").document["checks"]
        assert isinstance(checks, list)
        ids = [check["id"] for check in checks]
        assert len(set(ids)) == len(ids) == len({check["name"] for check in checks})
        assert all(check["explanation"] for check in checks)
        assert waheal("doctor", "--list").out.count("\n") == len(ids)

    @pytest.mark.real
    def test_the_document_and_the_exit_code_tell_the_same(self, waheal: Waheal, home: Path) -> None:
        (home / "logs").mkdir(mode=0o700, parents=True)
        home.chmod(0o700)
        told = waheal("doctor", "--json")
        checks = told.document["checks"]
        assert isinstance(checks, list)
        statuses = {check["status"] for check in checks}
        assert told.code == (2 if "fail" in statuses else 1)  # 1: no device is paired
        assert all(
            bool(check["hint"]) is (check["status"] != "ok")
            and set(check) == {"id", "name", "status", "detail", "hint"}
            for check in checks
        )
        assert "fail" not in statuses, [each for each in checks if each["status"] == "fail"]
        (home / "logs").chmod(0o755)
        assert waheal("doctor").code == 2
        mended = waheal("doctor", "--fix", "--json").document["mended"]
        assert mended == ["closed 1 files and folders to other users"]
        assert waheal("doctor", "--fix", "--json").document["mended"] == []

    @pytest.mark.real
    def test_the_library_is_never_loaded_here(self, waheal_apart: Waheal, home: Path) -> None:
        done = waheal_apart("doctor", env={"PYTHONVERBOSE": "1"})
        assert "import 'waheal.doctor.catalogue'" in done.err
        assert "import 'neonize" not in done.err
        assert not home.exists()  # it only looks

    @staticmethod
    def checks(done: Done) -> dict[str, tuple[str, str, str | None]]:
        found = done.document["checks"]
        assert isinstance(found, list)
        return {each["id"]: (each["status"], each["detail"], each["hint"]) for each in found}

    @pytest.mark.real
    def test_a_wrong_settings_file_is_a_check_and_the_others_are_run(
        self, waheal: Waheal, home: Path
    ) -> None:
        home.mkdir(mode=0o700)
        (home / "waheal.toml").write_text("rat = 1")
        done = waheal("doctor", "--json")
        found = self.checks(done)
        assert (done.code, found["config"][0], found["library"][0]) == (2, "fail", "ok")

    @pytest.mark.real
    def test_an_open_home_is_not_the_librarys_fault(self, waheal: Waheal, home: Path) -> None:
        home.mkdir()
        (home / "x").touch()
        home.chmod(0o755)
        found = self.checks(waheal("doctor", "--json"))
        assert (found["home.modes"][0], found["library"][0]) == ("fail", "ok")

    @pytest.mark.real
    def test_a_damaged_ledger_is_told_by_its_own_name(self, waheal: Waheal, home: Path) -> None:
        home.mkdir(mode=0o700)
        (home / "waheal.db").write_bytes(b"no database" * 500)
        (home / "waheal.db").chmod(0o600)
        found = self.checks(waheal("doctor", "--json"))
        failed = {name: each for name, each in found.items() if each[0] == "fail"}
        assert set(failed) == {"ledger.schema"}
        assert "doctor" not in str(failed["ledger.schema"][2])


def test_neither_help_nor_a_status_loads_what_it_does_not_need(
    waheal_apart: Waheal, tmp_path: Path
) -> None:
    shown = waheal_apart("--help", env={"PYTHONVERBOSE": "1"})
    for module in (
        "neonize",
        "phonenumbers",
        "jinja2",
        "sqlite_utils",
        "websockets",
        "waheal.store",
    ):
        assert f"import '{module}" not in shown.err
    status = waheal_apart("status", env={"PYTHONVERBOSE": "1"})
    assert "import 'neonize" not in status.err
    assert tmp_path.exists()
