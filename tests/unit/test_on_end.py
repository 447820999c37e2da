"""The command of `--on-end`: its words, its input, its variables, and what it can't do."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from waheal.acts.on_end import PREFIX, OnEnd, words_of_command
from waheal.acts.workspace import Workspace
from waheal.cli import options
from waheal.documents import Value
from waheal.errors import UsageError

HOME = Workspace(Path("/srv/waheal"))
SUMMARY: dict[str, Value] = {"campaign": "spring", "exit_code": 3, "until": None}


def python(script: str, *words: str) -> list[str]:
    return [sys.executable, "-c", script, *words]


def test_it_gets_the_summary_on_its_input_and_in_its_environment(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    script = (
        "import json, os, sys;"
        "told = {'in': json.load(sys.stdin), 'env': dict(os.environ)};"
        "open(sys.argv[1], 'w').write(json.dumps(told))"
    )
    assert OnEnd(python(script, str(out)), HOME).run(SUMMARY) is None
    told = json.loads(out.read_text())
    assert told["in"] == SUMMARY
    env = {name: value for name, value in told["env"].items() if name.startswith(PREFIX)}
    assert env == {
        "WAHEAL_RUN_CAMPAIGN": "spring",
        "WAHEAL_RUN_EXIT_CODE": "3",
        "WAHEAL_RUN_UNTIL": "",
    }
    assert told["env"]["WAHEAL_HOME"] == "/srv/waheal"
    assert told["env"].get("WAHEAL_SANDBOX") is None


def test_in_the_sandbox_it_finds_the_sandboxes_home(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['WAHEAL_SANDBOX'])"
    sandbox = Workspace(Path("/srv/waheal/sandbox"), sandbox=True)
    assert OnEnd(python(script, str(out)), sandbox).run(SUMMARY) is None
    assert out.read_text() == "1"


def test_its_variables_are_no_settings() -> None:
    settings = {options.variable(f"--{key}") for key in options.known()}
    assert not [name for name in settings if name.startswith(PREFIX)]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("raise SystemExit(7)", "it ended with 7"),
        ("import os; os.kill(os.getpid(), 9)", "it was ended by SIGKILL"),
        ("pass", None),
        ("import os; os.close(0)", None),
    ],
)
def test_how_it_ended_is_told(script: str, told: str | None) -> None:
    assert OnEnd(python(script), HOME).run(SUMMARY) == told


@pytest.mark.parametrize(
    "script",
    [
        "import time; time.sleep(600)",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    ],
)
def test_one_that_hangs_is_cut(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waheal.acts.on_end._LEAVE", 0.1)
    told = OnEnd(python(script), HOME, longest=0.5).run(SUMMARY)
    assert told == "it took longer than 0 s, and was ended"


def test_a_child_in_the_background_is_not_waited_for() -> None:
    hook = OnEnd(["sh", "-c", "sleep 600 & echo $! >/dev/null; kill $!; exit 0"], HOME)
    assert hook.run(SUMMARY) is None


def test_one_that_can_not_be_started_is_told(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("no program\n")
    program.chmod(0o755)
    told = OnEnd([str(program)], HOME).run(SUMMARY)
    assert told is not None
    assert told.startswith("it could not be started: ")


@pytest.mark.parametrize("text", ["", "   ", "sh -c 'open", "nosuchprogram x", "/etc"])
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--on-end") as refused:
        words_of_command(text)
    assert refused.value.hint


def test_words_are_split_and_no_shell_reads_them() -> None:
    assert words_of_command("sh -c 'echo $HOME; ls' a\\ b '*'") == [
        "sh", "-c", "echo $HOME; ls", "a b", "*",
    ]  # fmt: skip
    assert words_of_command(shlex.join([sys.executable, "x y"])) == [sys.executable, "x y"]
