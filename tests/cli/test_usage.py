"""Wrong usage, settings, and how commands end."""

import json
import os
import stat
import subprocess
import threading
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.support import PATIENCE, Waheal, command, environment
from tests.kit.ledgers import ANNA, NOW, ONE, claim_one, jid_of, row, start
from tests.kit.workbooks import Tab, table, write_workbook
from waheal.acts.location import default_home
from waheal.cli import __main__ as entry
from waheal.model import ExitCode
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock

ROOT = "ab" * 32
HERE = "http://127.0.0.1:7001"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("chek",),
        ("send",),
        ("send", "none.csv"),
        ("check", "none.csv", "--nope"),
        ("resolve", "news"),
        ("resolve", "news", "--resend", "--accept"),
        ("resolve", "news", "--accept", "--failed", "--unreadable"),
        ("devices", "pair", "a,b"),
        ("devices", "pair", "a b"),
        ("devices", "pause", "nobody"),
        ("devices", "list", "--state", "tired"),
        ("suppress", "add", "12"),
        ("status", "nothing"),
        ("export", "nothing"),
        ("sync", "--for", "soon"),
        ("send", "none.csv", "--rate", "20/fortnight"),
        ("send", "none.csv", "--window", "late"),
        ("send", "none.csv", "--max-runtime", "0"),
        ("send", "none.csv", "--pause-after-errors", "200%"),
        ("send", "none.csv", "--sandbox", "--trust", "t.json"),
        ("send", "none.csv", "--devices", ""),
        ("send", "none.csv", "--encoding", "morse"),
        ("send", "none.csv", "--zone", "Mars"),
        ("send", "none.csv", "--region", "US", "--international"),
        ("send", "none.csv", "--message", "Hi", "--message-column", "Texto"),
        ("send", "none.csv", "--message-column", "Texto", "--no-message-column"),
        ("status", "--home", ""),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_a_hint(waheal: Waheal, words: tuple[str, ...]) -> None:
    done = waheal(*words)
    assert done.code == ExitCode.USAGE
    assert "Traceback" not in done.err
    if words:
        assert done.err.startswith("error: ")
        assert "\nhint: " in done.err


def test_a_label_of_digits_is_a_label(waheal: Waheal) -> None:
    done = waheal("devices", "pause", "447700900123")
    assert "no device is called '447700900123'" in done.err


def test_other_machines_are_refused_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    uname = os.uname()
    told = os.uname_result(("Darwin", *tuple(uname)[1:]))
    monkeypatch.setattr(os, "uname", lambda: told)
    assert entry.main() == ExitCode.USAGE


def test_a_machine_that_has_no_thread_to_give_is_told(
    waheal: Waheal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done = waheal("status")
    assert done.code == ExitCode.HOME_UNUSABLE
    assert "no more processes" in done.err
    assert "\nhint: " in done.err


@pytest.mark.parametrize(
    "trust",
    [
        "no json",
        "[]",
        json.dumps({"proxy": "http://127.0.0.1:1", "ca": "ca.pem"}),
        json.dumps({"proxy": "http://192.0.2.7:7001", "ca": "ca.pem", "noise_root": ROOT}),
        json.dumps({"proxy": "http://localhost.example:7001", "ca": "ca.pem", "noise_root": ROOT}),
        json.dumps({"proxy": "https://127.0.0.1:7001", "ca": "ca.pem", "noise_root": ROOT}),
        json.dumps({"proxy": "http://127.0.0.1", "ca": "ca.pem", "noise_root": ROOT}),
        json.dumps({"proxy": "http://127.0.0.1:7001", "ca": "ca.pem", "noise_root": "zz" * 32}),
        json.dumps({"proxy": "http://127.0.0.1:7001", "ca": "none.pem", "noise_root": ROOT}),
        json.dumps({"proxy": "http://127.0.0.1@192.0.2.7:1", "ca": "ca.pem", "noise_root": ROOT}),
        json.dumps({"proxy": HERE, "ca": "ca.pem", "noise_root": ROOT, "token": "ab"}),
        json.dumps({"proxy": HERE, "ca": "ca.pem", "noise_root": ROOT, "token": f"{ROOT[2:]}\r\n"}),
        json.dumps({"proxy": HERE, "ca": "ca.pem", "noise_root": ROOT, "token": None}),
    ],
)
def test_a_trust_file_that_leads_elsewhere_is_refused(
    waheal: Waheal, tmp_path: Path, news: Path, trust: str
) -> None:
    (tmp_path / "ca.pem").touch()
    (tmp_path / "t.json").write_text(trust)
    done = waheal("send", news, "--trust", "t.json")
    assert (done.code, done.out) == (ExitCode.USAGE, "")


class TestSettings:
    """The command line, the environment, the file, the default."""

    @staticmethod
    def values(waheal: Waheal, *words: str, **env: str) -> dict[str, tuple[object, object]]:
        done = waheal("config", "--json", *words, env={f"WAHEAL_{k}": v for k, v in env.items()})
        assert done.code == ExitCode.OK, done.err
        options = done.document["options"]
        assert isinstance(options, list)
        return {each["option"]: (each["value"], each["source"]) for each in options}

    @pytest.fixture(autouse=True)
    def file(self, home: Path) -> Path:
        home.mkdir(mode=0o700)
        path = home / "waheal.toml"
        path.write_text("senders = 4\nhosts = 2\nmax_open = 9\nsticky = false\nquiet = true\n")
        return path

    def test_each_value_says_where_it_comes_from(self, waheal: Waheal) -> None:
        values = self.values(waheal, "--verbose", SENDERS="8")
        assert values["verbose"] == (True, "command line")
        assert values["senders"] == ("8", "environment")
        assert values["hosts"] == (2, "waheal.toml")
        assert values["max-open"] == (9, "waheal.toml")
        assert values["sticky"] == (False, "waheal.toml")
        assert values["quiet"] == (True, "waheal.toml")
        assert values["sandbox-devices"] == (5, "default")

    def test_the_stronger_place_wins_in_a_command_too(
        self, waheal: Waheal, tmp_path: Path, file: Path
    ) -> None:
        table = tmp_path / "t.csv"
        table.write_text("phone,name\n+12025550100,Ann\n")
        file.write_text('message = "file {{ name }}"\n')

        def text(*words: str, env: dict[str, str] | None = None) -> object:
            shown = waheal("check", table, "--json", *words, env=env).document["preview"]
            assert isinstance(shown, list)
            return shown[0]["text"]

        environ = {"WAHEAL_MESSAGE": "environment {{ name }}"}
        assert text() == "file Ann"
        assert text(env=environ) == "environment Ann"
        assert text("--message", "line {{ name }}", env=environ) == "line Ann"

    @pytest.mark.parametrize(
        ("line", "near"), [("sender = 1", "senders"), ("devics = 'a'", "devices")]
    )
    def test_an_unknown_key_is_an_error_with_the_nearest_one(
        self, waheal: Waheal, file: Path, line: str, near: str
    ) -> None:
        file.write_text(line)
        done = waheal("status")
        assert done.code == ExitCode.USAGE
        assert f"meant '{near}'?" in done.err

    def test_a_file_that_is_no_toml_is_an_error(self, waheal: Waheal, file: Path) -> None:
        file.write_text("rate: 20")
        assert waheal("status").code == ExitCode.USAGE
        assert waheal("status", "--help").code == ExitCode.OK

    def test_a_value_of_the_wrong_kind_is_an_error(self, waheal: Waheal, file: Path) -> None:
        file.write_text('senders = "many"')
        assert waheal("send", "x.csv").code == ExitCode.USAGE

    def test_without_a_word_the_home_is_the_users_data_folder(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", "/data")
        assert default_home() == Path("/data/waheal")


class TestEndings:
    """Exit codes that need no WhatsApp."""

    def test_a_campaign_without_a_device_ends_with_10_and_keeps_all(
        self, waheal: Waheal, news: Path
    ) -> None:
        done = waheal("send", news, "--json")
        assert done.code == ExitCode.NO_DEVICE
        kinds = [each["event"] for each in done.events]
        assert kinds == ["run_started", "paused", "run_finished"]
        assert done.events[-1]["pending"] == 3
        assert done.events[-1]["exit_code"] == ExitCode.NO_DEVICE
        assert done.events[-1]["reason"] == done.events[1]["reason"]
        assert done.events[-1]["until"] is None
        assert waheal("status", "news", "--json").document["pending"] == 3

    def test_a_campaign_that_does_not_check_ends_with_2(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        bad = tmp_path / "bad.csv"
        bad.write_text("phone,message\n12,hi\n+12025550100,hi\n")
        refused = waheal("send", bad)
        assert refused.code == ExitCode.USAGE
        assert "--skip-bad-rows" in refused.err
        assert waheal("status", "--json").document == {"campaigns": [], "devices": []}
        assert waheal("send", bad, "--skip-bad-rows").code == ExitCode.NO_DEVICE
        assert waheal("status", "bad", "--json").document["total"] == 1

    def test_rows_that_a_quote_swallows_expire_nobody(self, waheal: Waheal, news: Path) -> None:
        waheal("send", news)
        header, first, *others = news.read_text().splitlines()
        news.write_text("\n".join([header, first, '+12025550199,"never closed', *others]))
        done = waheal("send", news, "--skip-bad-rows", "--json")
        assert done.code == ExitCode.NO_DEVICE
        assert done.events[-1]["pending"] == 3
        assert "a quote swallows rows" in done.err

    def test_a_bad_row_that_is_skipped_keeps_whom_it_names_and_is_told_each_time(
        self, waheal: Waheal, news: Path
    ) -> None:
        waheal("send", news)
        news.write_text(news.read_text().replace('Ann 1,"Hi', '\x01,"{{ nobody }} Hi'))
        for _ in range(2):
            done = waheal("send", news, "--skip-bad-rows")
            assert "1 bad row left out" in done.err
            assert waheal("status", "news", "--json").document["pending"] == 3

    def test_what_a_workbook_hides_is_told_by_check_and_at_each_send(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        rows = [["phone", "message"], ["+12025550100", "Hi"], ["+12025550101", "Hi"]]
        first, second, last = table(rows)
        hidden = last.replace("<row ", '<row hidden="1" ')
        book = write_workbook(
            tmp_path / "book.xlsx",
            [Tab("Old", table(rows), state="hidden"), Tab("New", [first, second, hidden])],
        )
        warned = waheal("check", book).out
        assert "1 hidden row is left out" in warned
        assert "'Old' (hidden)" in warned
        for _ in range(2):  # the second one does not read the file
            told = waheal("send", book).err
            assert "1 hidden row and 1 hidden sheet of the workbook left out" in told
        assert "left out" not in waheal("send", book, "--quiet").err
        taken = waheal("send", book, "--hidden-rows", env={"WAHEAL_SHEET": "new"})
        assert "left out" not in taken.err
        assert waheal("status", "book", "--json").document["pending"] == 2

    def test_a_sheet_that_is_not_there_ends_with_2_in_check_and_send(
        self, waheal: Waheal, tmp_path: Path
    ) -> None:
        book = write_workbook(tmp_path / "book.xlsx", [Tab("New", table([["phone"]]))])
        for verb in ("check", "send"):
            refused = waheal(verb, book, "--message", "Hi", "--sheet", "Old")
            assert refused.code == ExitCode.USAGE
            assert "no sheet 'Old'" in refused.out + refused.err
            assert "'New'" in refused.out + refused.err

    def test_the_same_name_from_another_path_is_refused(
        self, waheal: Waheal, news: Path, tmp_path: Path
    ) -> None:
        waheal("send", news)
        moved = tmp_path / "elsewhere" / "news.csv"
        moved.parent.mkdir()
        news.rename(moved)
        refused = waheal("send", moved)
        assert refused.code == ExitCode.USAGE
        assert "--name" in refused.err
        assert "--same" in refused.err
        assert waheal("send", moved, "--same").code == ExitCode.NO_DEVICE
        assert waheal("send", moved, "--name", "other").code == ExitCode.NO_DEVICE

    def test_a_held_home_ends_with_11_and_names_the_holder(
        self, waheal: Waheal, home: Path, news: Path
    ) -> None:
        waheal("send", news)
        with HomeLock.acquire(Home.open(home, create=False), what="waheal send first"):
            refused = waheal("send", news)
            assert refused.code == ExitCode.HOME_BUSY
            assert "waheal send first" in refused.err
            assert waheal("resolve", "news", "--accept").code == ExitCode.HOME_BUSY
            for beside in (["status"], ["export", "news"], ["devices", "list"], ["check", news]):
                assert waheal(*beside).code == ExitCode.OK

    @pytest.mark.parametrize(
        "words", [("status",), ("send", "news.csv"), ("devices", "list"), ("suppress", "list")]
    )
    def test_a_damaged_ledger_ends_with_12(
        self, waheal: Waheal, home: Path, news: Path, words: tuple[str, ...]
    ) -> None:
        home.mkdir(mode=0o700)
        (home / "waheal.db").write_bytes(b"this was a ledger once" * 100)
        done = waheal(*words)
        assert (done.code, news.exists()) == (ExitCode.HOME_UNUSABLE, True)
        assert "hint: " in done.err

    def test_an_open_home_ends_with_12(self, waheal: Waheal, home: Path) -> None:
        home.mkdir()
        home.chmod(0o755)
        (home / "x").touch()
        done = waheal("status")
        assert (done.code, f"chmod 700 {home}" in done.err) == (ExitCode.HOME_UNUSABLE, True)

    def test_a_sandbox_in_an_open_home_is_refused_as_well(
        self, waheal: Waheal, home: Path, news: Path
    ) -> None:
        self.test_an_open_home_ends_with_12(waheal, home)
        assert waheal("send", news, "--sandbox").code == ExitCode.HOME_UNUSABLE
        assert not (home / "sandbox").exists()

    def test_a_new_key_beside_an_old_ledger_is_told(
        self, waheal: Waheal, home: Path, news: Path
    ) -> None:
        place = Home.open(home, create=True)
        with Ledger.open(place) as ledger:
            ledger.devices.add(ONE, jid_of(ONE), None, NOW)
            claim_one(ledger, start(ledger, row(2, ANNA)))
            ledger.devices.pause(ONE)
        assert "home.key" not in waheal("send", news).err
        place.key_path.unlink()
        assert "warning: home.key is missing" in waheal("send", news).err

    def test_a_fault_of_its_own_ends_with_70_and_a_report_without_secrets(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
    ) -> None:
        body = "Dear Ann, your code is 4711"

        def break_down(_: list[str]) -> int:
            raise RuntimeError(body, "+12025550100")

        monkeypatch.setattr(entry, "_run", break_down)
        words = ["waheal", "send", "--message", body, f"--home={home}", "+12025550100"]
        monkeypatch.setattr("sys.argv", words)
        assert entry.main() == ExitCode.OWN_FAULT
        (report,) = (home / "logs").glob("crash-*.txt")
        told = capsys.readouterr().err
        assert str(report) in told
        text = report.read_text()
        assert "RuntimeError" in text
        assert "waheal/cli/__main__.py:" in text
        assert text.splitlines()[1] == "command: send --message --home"
        assert not any(each in text + told for each in (body, "4711", "2025550100"))
        assert stat.S_IMODE(report.stat().st_mode) == 0o600

    def test_ctrl_c_ends_with_130(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupt(_: list[str]) -> int:
            raise KeyboardInterrupt

        monkeypatch.setattr(entry, "_run", interrupt)
        assert entry.main() == ExitCode.INTERRUPTED
        assert "Traceback" not in capsys.readouterr().err


def test_a_reader_that_goes_away_leaves_no_traceback(home: Path, tmp_path: Path) -> None:
    piped = f"{' '.join(command(['config']))} | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", piped],
        cwd=tmp_path,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_settings_may_begin_with_a_mark(waheal: Waheal, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text('\ufeffrate = "20/min"\n', encoding="utf-8")
    options = waheal("config", "--json").document["options"]
    assert isinstance(options, list)
    assert [each["value"] for each in options if each["option"] == "rate"] == ["20/min"]


@pytest.mark.parametrize("line", ["[send]", "[[send]]", "[waheal]", "[devices]"])
def test_a_section_in_the_settings_is_answered_with_what_to_write(
    waheal: Waheal, home: Path, line: str
) -> None:
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text(f"{line}\ndaily = 200\n")
    done = waheal("status")
    assert (done.code, "a section" in done.err) == (ExitCode.USAGE, True)
    assert "daily = …" in done.err


def test_says_its_version(waheal: Waheal) -> None:
    done = waheal("--version")
    assert (done.code, done.out, done.err) == (ExitCode.OK, f"waheal {version('waheal')}\n", "")


def test_without_a_terminal_a_pairing_needs_another_way_to_show_its_code(waheal: Waheal) -> None:
    done = waheal("devices", "pair", "shop")
    assert done.code == ExitCode.USAGE
    assert "--qr-file" in done.err
