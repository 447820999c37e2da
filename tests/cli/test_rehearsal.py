"""The commands against the embedded sandbox, through the released library."""

import json
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.support import (
    PATIENCE,
    ROOT,
    Waheal,
    command,
    control,
    environment,
    running,
    served,
)
from tests.kill.scene import until
from waheal.acts.pages import page
from waheal.model import ExitCode
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

EVENTS = {
    "run_started", "settled", "receipt", "device_healed", "device_quarantined", "host_restarted",
    "paused", "resumed", "run_finished",
}  # fmt: skip


def tuples(document: object, *keys: str) -> list[tuple[object, ...]]:
    assert isinstance(document, list)
    return [tuple(each[key] for key in keys) for each in document]


def received(waheal: Waheal) -> list[tuple[object, ...]]:
    told = waheal("sandbox", "phones", "--json").document["received"]
    return sorted(tuples(told, "phone", "text", "delivered"))


TEXTS = [(f"+1202555010{number}", f"Hi Ann {number}", 1) for number in range(3)]


def test_a_rehearsal_sends_each_text_once_and_again_nothing(
    waheal_apart: Waheal, news: Path, home: Path
) -> None:
    words = ("send", news, "--sandbox", "--sandbox-devices", 2, "--json")
    first = waheal_apart(*words)
    assert first.code == ExitCode.OK, first.err
    events = first.events
    assert {each["event"] for each in events} <= EVENTS
    assert all("at" in each for each in events)
    assert (events[0]["event"], events[-1]["event"]) == ("run_started", "run_finished")
    assert (events[0]["total"], events[0]["devices"]) == (3, 2)
    assert [each["state"] for each in events if each["event"] == "settled"] == ["sent"] * 3
    assert received(waheal_apart) == TEXTS

    again = waheal_apart("send", news, "--sandbox", "--sandbox-devices", 2)
    assert again.code == ExitCode.OK
    assert "nothing to do since" in again.err
    assert received(waheal_apart) == TEXTS
    _holds_no_secret(home)


def test_its_next_steps_work_as_they_are_told(waheal_apart: Waheal, news: Path) -> None:
    ended = waheal_apart("send", news, "--sandbox", "--sandbox-devices", 1).err
    assert "put --sandbox behind" in ended.splitlines()[-1]
    (step,) = re.findall("`waheal (report .*)`", ended)
    assert waheal_apart(*shlex.split(step)).code == ExitCode.OK
    elsewhere = waheal_apart(*shlex.split(step.replace(" --sandbox", "")))
    assert elsewhere.code == ExitCode.USAGE
    assert "need --sandbox" in elsewhere.err


def _holds_no_secret(home: Path) -> None:
    key = (home / "sandbox" / "home.key").read_bytes().hex()
    for path in (home / "sandbox" / "logs").iterdir():
        text = path.read_text(errors="replace")
        assert "Hi Ann" not in text, path
        assert "2025550" not in text, path
        assert key not in text, path


def test_what_it_measures_is_what_it_says(waheal_apart: Waheal, news: Path, tmp_path: Path) -> None:
    words = ("send", news, "--sandbox", "--sandbox-devices", 1, "--json")
    nowhere = waheal_apart(*words, "--metrics", tmp_path / "no" / "x.prom")
    assert (nowhere.code, nowhere.out) == (ExitCode.USAGE, "")
    assert received(waheal_apart) == []
    done = waheal_apart(*words, "--metrics", "news.prom")
    told = (tmp_path / "news.prom").read_text().splitlines()
    counts = done.events[-1]
    for state in ("pending", "sent", "delivered", "read", "failed"):
        assert f'waheal_recipients{{campaign="news",state="{state}"}} {counts[state]}' in told
    assert f'waheal_run_exit_code{{campaign="news"}} {done.code}' in told
    assert told[-1] == "# EOF"


def test_a_dry_run_shows_and_leaves_nothing(waheal: Waheal, news: Path) -> None:
    shown = waheal("send", news, "--sandbox", "--dry-run")
    assert shown.code == ExitCode.OK
    assert "Hi Ann 0" in shown.out
    assert "would send to 3 recipients" in shown.err
    assert waheal("status", "--sandbox", "--json").document == {"campaigns": [], "devices": []}


def test_a_test_message_reaches_ones_own_number_only(waheal_apart: Waheal, news: Path) -> None:
    own = "+447700900123"
    words = ("send", news, "--sandbox", "--sandbox-devices", 1)
    for times in (1, 2):
        done = waheal_apart(*words, "--test-to", own)
        assert done.code == ExitCode.OK, done.err
        assert received(waheal_apart) == [(own, "Hi Ann 0", 1)] * times
    told = waheal_apart("status", "--sandbox", "--json").document
    assert told == {"campaigns": [], "devices": []}
    assert waheal_apart(*words).code == ExitCode.OK
    assert received(waheal_apart)[:3] == TEXTS


def test_a_server_started_apart_is_paired_with_once(
    waheal_apart: Waheal, news: Path, home: Path, tmp_path: Path
) -> None:
    with served(tmp_path) as trust:
        with running(home, tmp_path, "devices", "pair", "shop", "--trust", trust, "--json") as pair:
            scanned = waheal_apart(
                "sandbox", "scan", pair.until("qr")["code"], "--trust", trust, "--json"
            )
            paired = pair.until("paired")
            assert pair.end().code == ExitCode.OK
        assert paired["device"] == "shop"
        assert paired["jid"] == scanned.document["jid"]
        again = waheal_apart("devices", "pair", "shop", "--trust", trust)
        assert (again.code, "paired already" in again.err) == (ExitCode.OK, True)
        listed = waheal_apart("devices", "list", "--trust", trust, "--json").document["devices"]
        assert tuples(listed, "device", "state") == [("shop", "ready")]
        older = tmp_path / "older.json"  # as it was written before there was a token
        told = json.loads(trust.read_text())
        older.write_text(json.dumps({key: told[key] for key in ("proxy", "ca", "noise_root")}))
        for each in (older, trust):
            assert waheal_apart("send", news, "--trust", each).code == ExitCode.OK
        refused = waheal_apart("sandbox", "phones", "--trust", older)
        assert (refused.code, refused.out) == (ExitCode.USAGE, "")
        assert "does not take the token" in refused.err
        assert "hint: name the file that it wrote" in refused.err
        status = waheal_apart("status", "news", "--trust", trust, "--json").document
        assert (status["delivered"], status["total"]) == (3, 3)
        phones = control(trust).phones.received()
        assert sorted((each.phone, each.text, each.delivered) for each in phones) == TEXTS

        elsewhere = waheal_apart("send", news)
        assert (elsewhere.code, "--home" in elsewhere.err) == (ExitCode.USAGE, True)
        assert waheal_apart("devices", "remove", "shop", "--trust", trust).code == ExitCode.OK
        assert control(trust).devices.linked() == []


def test_a_device_is_paired_by_a_code_typed_on_its_phone(
    waheal_apart: Waheal, home: Path, tmp_path: Path
) -> None:
    phone = "+447700900456"
    words = ("devices", "pair", "shop", "--code", phone, "--json")
    with served(tmp_path) as trust, running(home, tmp_path, *words, "--trust", trust) as pair:
        code = pair.until("pair_code")["code"]
        typed = waheal_apart("sandbox", "scan", code, "--phone", phone, "--trust", trust)
        assert typed.code == ExitCode.OK, typed.err
        assert pair.until("paired")["device"] == "shop"
        assert pair.end().code == ExitCode.OK


def test_a_phone_that_refuses_ends_with_1(home: Path, tmp_path: Path) -> None:
    with served(tmp_path) as trust:
        control(trust).faults.order(FaultOrder(FaultKind.PAIRING_REFUSED))
        words = ("devices", "pair", "shop", "--trust", trust, "--json")
        with running(home, tmp_path, *words) as pair:
            control(trust).phones.scan(str(pair.until("qr")["code"]))
            assert pair.until("failed")["reason"]
            assert pair.end().code == ExitCode.SOME_FAILED


def test_a_passkey_is_told_in_words_with_what_helps(
    waheal_apart: Waheal, home: Path, tmp_path: Path
) -> None:
    with served(tmp_path) as trust:
        control(trust).faults.order(FaultOrder(FaultKind.PASSKEY_ASKED))
        words = ("devices", "pair", "shop", "--trust", trust, "--json")
        with running(home, tmp_path, *words) as pair:
            control(trust).phones.scan(str(pair.until("qr")["code"]))
            failed = pair.until("failed")
            assert pair.end().code == ExitCode.SOME_FAILED
        assert "asks this account for a passkey" in str(failed["reason"])
        assert "waheal devices import" in str(failed["hint"])
        listed = waheal_apart("devices", "list", "--trust", trust, "--json").document
        assert isinstance(listed["devices"], list)
        (device,) = listed["devices"]
        assert (device["state"], device["jid"]) == ("quarantined", None)


def test_a_device_without_its_phones_history_is_told_as_bare(
    waheal_apart: Waheal, home: Path, tmp_path: Path
) -> None:
    with served(tmp_path) as trust:
        control(trust).faults.order(FaultOrder(FaultKind.HISTORY_WITHHELD))
        words = ("devices", "pair", "shop", "--trust", trust, "--json")
        with running(home, tmp_path, *words) as pair:
            control(trust).phones.scan(str(pair.until("qr")["code"]))
            assert pair.until("paired")["salt"] is False
            assert pair.end().code == ExitCode.OK
        listed = waheal_apart("devices", "list", "--trust", trust, "--json").document["devices"]
        assert tuples(listed, "device", "bare") == [("shop", True)]
        checks = waheal_apart("doctor", "--json").document["checks"]
        assert isinstance(checks, list)
        (found,) = [each for each in checks if each["id"] == "devices.salt"]
        assert (found["status"], "shop" in found["detail"]) == ("warn", True)


def test_three_are_paired_at_once_and_nothing_is_left(home: Path, tmp_path: Path) -> None:
    with served(tmp_path) as trust:
        words = [("devices", "pair", label, "--trust", trust, "--json") for label in "abc"]
        with (
            running(home, tmp_path, *words[0]) as one,
            running(home, tmp_path, *words[1]) as two,
            running(home, tmp_path, *words[2]) as three,
        ):
            pairs = (one, two, three)
            for pair in pairs:
                control(trust).phones.scan(str(pair.until("qr")["code"]))
            assert {str(pair.until("paired")["device"]) for pair in pairs} == set("abc")
            assert [pair.end().code for pair in pairs] == [ExitCode.OK] * 3
        until(lambda: not _hosts(home), PATIENCE, "the last process ends")


def _hosts(home: Path) -> list[int]:
    """Find the processes that hold a file of the home open."""
    found = list[int]()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            files = [str(each.readlink()) for each in (process / "fd").iterdir()]
        except OSError:
            continue  # it has ended, or is another user's
        if any(file.startswith(f"{home}/") for file in files):
            found.append(int(process.name))
    return found


class TestInterrupted:
    """A run that takes a minute, and is asked to end."""

    @pytest.fixture
    def slow(self, tmp_path: Path) -> Path:
        path = tmp_path / "slow.csv"
        rows = "\n".join(f"+120255501{number:02},hi" for number in range(60))
        path.write_text(f"phone,message\n{rows}\n")
        return path

    @staticmethod
    def words(path: Path) -> tuple[object, ...]:
        return ("send", path, "--sandbox", "--sandbox-devices", 1, "--gap", "1s", "--json")

    def test_ctrl_c_drains_and_the_next_run_goes_on(
        self, home: Path, tmp_path: Path, slow: Path, waheal_apart: Waheal
    ) -> None:
        with running(home, tmp_path, *self.words(slow)) as run:
            run.until("settled")
            done = run.end(signal.SIGINT)
        assert done.code == ExitCode.INTERRUPTED
        last = done.events[-1]
        assert (last["event"], last["exit_code"]) == ("run_finished", ExitCode.INTERRUPTED)
        assert isinstance(last["pending"], int)
        assert last["pending"] > 0
        assert (last["reason"], last["until"]) == ("Ctrl-C", None)
        assert last["uncertain"] == 0
        assert waheal_apart("send", slow, "--sandbox", "--limit", 3).code == ExitCode.LEFT_OVER
        assert all(times == 1 for _, _, times in received(waheal_apart))
        until(lambda: not _hosts(home / "sandbox"), PATIENCE, "the last process ends")

    def test_stop_and_a_second_run_find_the_first(
        self, home: Path, tmp_path: Path, slow: Path, waheal_apart: Waheal
    ) -> None:
        with running(home, tmp_path, *self.words(slow)) as run:
            run.until("settled")
            second = waheal_apart(*self.words(slow))
            assert second.code == ExitCode.HOME_BUSY
            assert f"waheal send slow (pid {run.process.pid})" in second.err
            assert waheal_apart("status", "slow", "--sandbox", "--json").document["total"] == 60
            stopped = waheal_apart("stop", "--sandbox", "--json")
            assert stopped.document == {"stopping": True, "pid": run.process.pid}
            assert run.end().code == ExitCode.INTERRUPTED

    def test_a_killed_run_does_not_hold_up_the_next(
        self, home: Path, tmp_path: Path, slow: Path, waheal_apart: Waheal
    ) -> None:
        with running(home, tmp_path, *self.words(slow)) as run:
            run.until("settled")
            run.end(signal.SIGKILL)
        done = waheal_apart("send", slow, "--sandbox", "--limit", 1)
        assert done.code == ExitCode.LEFT_OVER, done.err


class TestReadme:
    """What the README and the page about cron say, done to the letter."""

    TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
    CRON = page("cron").text

    @pytest.fixture
    def shell(self, home: Path, tmp_path: Path) -> dict[str, str]:
        """Make `waheal` a command, beside the project's campaigns."""
        (tmp_path / "campaigns").symlink_to(ROOT / "campaigns")
        tool = tmp_path / "bin" / "waheal"
        tool.parent.mkdir()
        path = f"PYTHONPATH={shlex.quote(str(ROOT))}"
        tool.write_text(f'#!/bin/sh\n{path} exec {shlex.join(command([]))} "$@"\n')
        tool.chmod(0o755)
        bare = environment(home)
        return {**bare, "PATH": f"{tool.parent}:{bare['PATH']}"}

    def test_the_eight_lines_work(self, tmp_path: Path, shell: dict[str, str]) -> None:
        section = self.TEXT.partition("## Eight lines that work")[2].partition("```console")[2]
        lines = [
            line.removeprefix("$ ").partition(" # ")[0]
            for line in section.partition("```")[0].strip().splitlines()
        ]
        assert len(lines) == 8
        out = list[str]()
        for line in lines:
            done = subprocess.run(
                ["/bin/sh", "-c", line],
                cwd=tmp_path,
                env=shell,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            out.append(done.stdout + done.stderr)
        assert "120 of 120" in out[3] or "120  delivered" in out[3]
        assert "Amira" in out[4]
        assert "opted out" in out[6]

    def test_the_crontab_line_works_in_crons_environment(
        self, home: Path, tmp_path: Path, shell: dict[str, str], news: Path
    ) -> None:
        line, cron = self.crontab(self.CRON, tmp_path, shell)
        for _ in range(2):
            subprocess.run(["/bin/sh", "-c", line], env=cron, timeout=PATIENCE, check=True)
        told = (tmp_path / "waheal.out").read_text()
        assert (news.exists(), home.exists()) == (True, False)
        assert "\x1b" not in told
        assert "nothing to do since" in told

    def test_the_readmes_crontab_line_says_nothing_of_what_is_settled(
        self, tmp_path: Path, shell: dict[str, str], news: Path
    ) -> None:
        line, cron = self.crontab(self.TEXT, tmp_path, shell)
        for _ in range(2):
            done = subprocess.run(
                ["/bin/sh", "-c", line], env=cron, timeout=PATIENCE, check=True, capture_output=True
            )
        assert news.exists()
        assert (done.stdout, done.stderr) == (b"", b"")

    @staticmethod
    def crontab(text: str, place: Path, shell: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Give a page's crontab line, in a home that rehearses, and cron's environment."""
        section = text.partition("```crontab")[2].partition("```")[0].strip()
        line = section.split(maxsplit=5)[5]
        line = line.replace("/opt/waheal", str(place)).replace("/srv", str(place))
        home = place / "waheal"
        home.mkdir(mode=0o700)
        (home / "waheal.toml").write_text("sandbox = true\nsandbox-devices = 1\n")
        return line, {
            "HOME": shell["HOME"], "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "x",
        }  # fmt: skip

    def test_the_units_are_what_systemd_takes(self, tmp_path: Path) -> None:
        section = self.CRON.partition("```ini")[2].partition("```")[0]
        parts = re.split(r"# /etc/systemd/system/(\S+)\n", section)[1:]
        units = dict(zip(parts[::2], parts[1::2], strict=True))
        assert set(units) == {"waheal.service", "waheal.timer"}
        for name, text in units.items():
            (tmp_path / name).write_text(text.replace("/opt/waheal/bin/waheal", "/bin/true"))
        if not Path("/usr/bin/systemd-analyze").exists():
            pytest.skip("there is no systemd here")
        done = subprocess.run(
            ["/usr/bin/systemd-analyze", "verify", *map(str, tmp_path.glob("waheal.*"))],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert "waheal." not in done.stderr, done.stderr
