"""Suppressions, exports, reports and doctor, over a ledger that no run has to fill."""

import csv
import io
import json
import time
import zipfile
from pathlib import Path

import pytest

from tests.cli.support import Done, Waheal
from waheal.model import Content, DeviceId, ExitCode, Phone, Planned
from waheal.records import Origin, Want
from waheal.store.home import Home
from waheal.store.ledger import Ledger

ANN, BOB = Phone("+12025550100"), Phone("+12025550101")
CROWD = [Phone(f"+1202555012{number}") for number in range(4)]


def write_workbook(path: Path, rows: list[list[str]]) -> None:
    """Write the least that is a workbook."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    cells = "".join(
        f'<row r="{number}">'
        + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row)
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
        f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def suppressed(waheal: Waheal) -> list[str]:
    listed = waheal("suppress", "list", "--json").document["suppressed"]
    assert isinstance(listed, list)
    return [each["phone"] for each in listed]


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
        ],
    )
    def test_every_spelling_of_a_number_is_one_entry(
        self, waheal: Waheal, one: str, other: str
    ) -> None:
        assert waheal("suppress", "add", one, "--json").document["changed"] == 1
        assert waheal("suppress", "add", other, "--json").document["changed"] == 0
        assert waheal("suppress", "export").out.count("+5") == 1
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

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            (f"{ANN}\n# left in 2025\n{BOB}\n", "utf-8"),
            (f"Mobile Phone;Status\n{ANN};unsub\nnobody;unsub\n{BOB};unsub\n", "utf-8"),
            (f"phone\tname\n{ANN}\tÄ\nnobody\tB\n{BOB}\t\n", "utf-16"),
            (f"name,phone\nJürgen,{ANN}\nnobody,\nB,{BOB}\n", "cp1252"),
            (f"id,name\n7,{ANN}\n8,{BOB}\n9,\n", "utf-8"),
            (f"phone\n{ANN} / {BOB}\n12\n", "utf-8"),
            (f'phone,name\n{ANN},A\n{BOB},"B\n', "utf-8"),
        ],
    )
    def test_what_of_a_list_can_be_read_counts_and_the_rest_is_named(
        self, waheal: Waheal, tmp_path: Path, text: str, encoding: str
    ) -> None:
        (tmp_path / "list.csv").write_text(text, encoding=encoding)
        done = waheal("suppress", "import", "list.csv")
        assert (done.code, "error: row " in done.err) == (ExitCode.USAGE, True)
        assert suppressed(waheal) == [ANN, BOB]
        again = waheal("suppress", "import", "list.csv", "--json")
        assert (again.code, again.document["changed"]) == (ExitCode.USAGE, 0)
        assert again.document["problems"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (f"Rufnummern\n{ANN}\n", ExitCode.OK),
            (f"{ANN}\n", ExitCode.OK),
            ("phone\n", ExitCode.USAGE),
            ("nobody\n", ExitCode.USAGE),
            ("", ExitCode.USAGE),
        ],
    )
    def test_a_list_needs_no_header_that_is_known_but_a_number(
        self, waheal: Waheal, tmp_path: Path, text: str, code: ExitCode
    ) -> None:
        (tmp_path / "list.txt").write_text(text)
        assert waheal("suppress", "import", "list.txt").code == code
        assert suppressed(waheal) == ([ANN] if code is ExitCode.OK else [])

    def test_a_list_may_be_a_workbook_and_its_column_is_named(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        write_workbook(tmp_path / "list.xlsx", [["Kontakt", "Name"], [ANN, "A"], [BOB, "B"]])
        done = waheal("suppress", "import", "list.xlsx", "--phone-column", "kontakt", "--json")
        assert (done.code, done.document["phones"]) == (ExitCode.OK, [ANN, BOB])
        assert done.document["problems"] == []
        refused = waheal("suppress", "import", "list.xlsx", "--phone-column", "Handy", "--json")
        assert (refused.code, refused.document["changed"]) == (ExitCode.USAGE, 0)

    @pytest.mark.parametrize("number", ["+52 1 55 1234 5678", "+5215512345678", "+525512345678"])
    def test_mexicos_own_form_is_no_error(
        self, waheal: Waheal, tmp_path: Path, number: str
    ) -> None:
        (tmp_path / "list.txt").write_text(f"phone\n{number}\n")
        assert waheal("suppress", "import", "list.txt").code == ExitCode.OK
        assert waheal("suppress", "add", "+525512345678", "--json").document["changed"] == 0

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


class TestDevices:
    def test_the_list_has_the_documented_fields(self, waheal: Waheal, home: Path) -> None:
        with Ledger.open(Home.open(home, create=True)) as ledger:
            ledger.devices.add(DeviceId("447700900123"), "14255550100:1@s.whatsapp.net", ANN, 1.0)
        (device,) = json.loads(waheal("devices", "list", "--json").out)["devices"]
        assert set(device) == {
            "device", "phone", "jid", "state", "reason", "until", "last_success", "sent_today"
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
