"""`--ledger`: where it comes from, what is refused, and that its password is told nowhere."""

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import PATIENCE, ROOT, Waheal, command, environment
from waheal.cli import crash, unseen

URL = "postgresql://waheal:s3cret@127.0.0.1:1/waheal"  # nobody listens there
TOLD = "postgresql://waheal@127.0.0.1:1/waheal"


def settings(home: Path, text: str) -> None:
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text(text)
    (home / "waheal.toml").chmod(0o600)


@pytest.mark.parametrize("said", ["line", "environment", "file"])
def test_config_tells_where_it_comes_from_and_no_password(
    waheal: Waheal, home: Path, said: str
) -> None:
    if said == "file":
        settings(home, f'ledger = "{URL}"\n')
    env = {"WAHEAL_LEDGER": URL} if said == "environment" else {}
    done = waheal("config", "--json", env=env)
    (found,) = [each for each in done.document["options"] if each["option"] == "ledger"]  # type: ignore[attr-defined]
    source = {"line": "default", "environment": "environment", "file": "waheal.toml"}[said]
    assert found["source"] == source
    assert found["value"] == (None if said == "line" else TOLD)
    assert "s3cret" not in done.out + done.err


@pytest.mark.parametrize("said", [["--ledger", URL], [f"--ledger={URL}"]])
def test_a_password_on_the_command_line_is_warned_of(waheal: Waheal, said: list[str]) -> None:
    warned = waheal("cluster", "init", *said)
    assert warned.err.count("can see the password in --ledger") == 1
    quiet = waheal("cluster", "init", *said, "--quiet")
    elsewhere = waheal("cluster", "init", env={"WAHEAL_LEDGER": URL})
    assert "can see the password" not in quiet.err + elsewhere.err
    assert "s3cret" not in warned.err + quiet.err + elsewhere.err


def test_only_the_last_ledger_that_is_named_brings_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began: list[list[str]] = []
    words = ["status", "--quiet", "--ledger", URL, "--ledger", TOLD]
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "waheal.cli", *words])
    monkeypatch.setattr(os, "execv", lambda _path, begun: began.append(begun))
    unseen.hide_password(words)
    assert began == [["python", "-m", "waheal.cli", *words[:3], TOLD, *words[4:]]]
    assert "PGPASSWORD" not in os.environ


def test_the_embedded_sandbox_has_a_ledger_of_its_own(waheal: Waheal) -> None:
    refused = waheal("status", "--sandbox", "--ledger", URL)
    assert (refused.code, "in a file of its own" in refused.err) == (2, True)
    assert waheal("status", "--sandbox", env={"WAHEAL_LEDGER": URL}).code == 0


@pytest.mark.parametrize("url", ["waheal.db", "mysql://u@h/d", "postgresql://u:s3cret@x@h/d"])
def test_what_is_no_url_of_a_database_is_refused(waheal: Waheal, url: str) -> None:
    refused = waheal("status", env={"WAHEAL_LEDGER": url})
    assert (refused.code, "s3cret" in refused.err) == (2, False)
    assert "hint: write postgresql://" in refused.err


def test_a_group_of_machines_needs_a_ledger(waheal: Waheal) -> None:
    refused = waheal("cluster", "init")
    assert (refused.code, "no ledger is named" in refused.err) == (2, True)


def test_without_the_extra_it_says_what_to_install(waheal_apart: Waheal, tmp_path: Path) -> None:
    (tmp_path / "psycopg.py").write_text("raise ImportError(name='psycopg')\n")
    env = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "WAHEAL_LEDGER": TOLD}
    refused = waheal_apart("status", env=env)
    assert (refused.code, refused.out) == (2, "")
    assert "hint: install it with `pip install 'waheal[cluster]'`" in refused.err


def test_a_crash_report_has_the_options_name_and_no_password(home: Path) -> None:
    path = crash.write_report(ValueError(URL), ["status", "--ledger", URL, "--home", str(home)])
    assert path is not None
    assert ("--ledger" in path.read_text(), "s3cret" in path.read_text()) == (True, False)


@pytest.mark.cluster
class TestWithPsycopg:
    def test_a_server_that_is_away_ends_with_12(self, waheal: Waheal, news: Path) -> None:
        for words in (("send", news), ("status",), ("suppress", "add", "+12025550199"), ("sync",)):
            away = waheal(*words, env={"WAHEAL_LEDGER": URL})
            assert away.code == 12, away.err
            assert "at 127.0.0.1, port 1, can't be reached; nothing was sent" in away.err
            assert "s3cret" not in away.err

    @pytest.mark.parametrize("joined", [False, True])
    def test_a_password_that_was_typed_reaches_the_server_and_not_ps(
        self, home: Path, joined: bool
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"postgresql://waheal:s%40cret@127.0.0.1:{server.getsockname()[1]}/waheal"
            said = [f"--ledger={url}"] if joined else ["--ledger", url]
            words = command(["status", "--quiet", *said])
            env = environment(home) | {"PGSSLMODE": "disable", "PGGSSENCMODE": "disable"}
            running = subprocess.Popen(words, env=env, stderr=subprocess.PIPE)
            with server.accept()[0] as link, link.makefile("rwb") as stream:
                stream.read(struct.unpack("!I", stream.read(4))[0] - 4)
                seen = Path(f"/proc/{running.pid}/cmdline").read_bytes()
                stream.write(b"R" + struct.pack("!II", 8, 3))  # it asks for the password
                stream.flush()
                password = stream.read(1 + 4 + len(b"s@cret\0"))[5:]
            running.communicate(timeout=PATIENCE)
        assert running.returncode == 12
        assert password == b"s@cret\0"
        assert b"waheal@127.0.0.1" in seen
        assert b"cret" not in seen

    def test_the_host_is_told_that_libpq_takes(self, waheal: Waheal) -> None:
        env = {"WAHEAL_LEDGER": "postgresql://", "PGHOST": "127.0.0.1", "PGPORT": "1"}
        assert "at 127.0.0.1, port 1," in waheal("status", env=env).err

    @pytest.mark.parametrize(
        ("url", "more"),
        [
            ("postgresql://u@db.invalid/d", {}),
            ("postgresql://u@db.invalid/d?sslmode=require", {}),
            ("postgresql://u@127.0.0.1,db.invalid/d", {}),
            ("postgresql://u@localhost/d?hostaddr=192.0.2.1", {}),
            ("postgresql://", {"PGHOST": "db.invalid"}),
            ("postgresql://u@db.invalid/d", {"PGSSLMODE": "verify-ca"}),
        ],
    )
    def test_off_this_machine_the_server_has_to_prove_who_it_is(
        self, waheal: Waheal, url: str, more: dict[str, str]
    ) -> None:
        refused = waheal("status", env={"WAHEAL_LEDGER": url, **more})
        assert (refused.code, "is open to others" in refused.err) == (2, True)

    @pytest.mark.parametrize(
        "words",
        [
            ("--ledger", "postgresql://u@db.invalid/d?sslmode=verify-full"),
            ("--ledger", "postgresql://u@db.invalid/d", "--ledger-plain"),
        ],
    )
    def test_one_that_does_or_need_not_is_asked(self, waheal: Waheal, words: list[str]) -> None:
        away = waheal("status", *words)
        assert (away.code, "db.invalid, port 5432, can't be reached" in away.err) == (12, True)

    def test_a_service_file_is_heeded(self, waheal: Waheal, tmp_path: Path) -> None:
        services = tmp_path / "services"
        services.write_text("[waheal]\nhost=127.0.0.1\nport=1\n")
        env = {"WAHEAL_LEDGER": "postgresql://", "PGSERVICE": "waheal",
               "PGSERVICEFILE": str(services)}  # fmt: skip
        assert "at 127.0.0.1, port 1," in waheal("status", env=env).err
