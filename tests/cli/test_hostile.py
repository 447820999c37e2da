"""Files, words and streams that mean harm, or only come from elsewhere: told in words, at once."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.support import PATIENCE, ROOT, Waheal, command, environment
from waheal.model import ExitCode

ODD = os.fsdecode(b"caf\xe9")  # Latin-1, which is no UTF-8
TICKET = ROOT / "campaigns" / "media" / "ticket.png"


@contextmanager
def at_once() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < PATIENCE, "a busy machine takes its time, a pipe all of it"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    (tmp_path / "names.csv").write_text("phone,name\n+12025550100,Ann\n")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "names.csv"


@pytest.mark.parametrize("path", ["pipe", "/dev/zero", "/proc"])
@pytest.mark.parametrize(
    "words",
    [
        ("check", "{}", "--message", "Hi"),
        ("send", "{}", "--message", "Hi", "--sandbox"),
        ("check", "names.csv", "--template", "{}"),
        ("send", "names.csv", "--template", "{}", "--dry-run"),
        ("check", "names.csv", "--message", "Hi", "--media", "{}"),
        ("suppress", "import", "{}"),
        ("status", "--trust", "{}"),
    ],
    ids=" ".join,
)
def test_no_file_is_waited_for_or_eaten(
    waheal: Waheal, names: Path, words: tuple[str, ...], path: str
) -> None:
    assert names.exists()
    with at_once():
        done = waheal(*(word.format(path) for word in words))
    assert done.code == ExitCode.USAGE
    assert "Traceback" not in done.err


def test_the_processs_own_memory_is_no_campaign(waheal: Waheal, names: Path) -> None:
    with at_once():
        done = waheal("check", "/proc/self/mem", "--message", "Hi", "--json")
        more = waheal("check", names, "--message", "Hi", "--media", "/proc/self/mem")
    assert (done.code, more.code) == (ExitCode.USAGE, ExitCode.USAGE)


def test_a_cell_can_attach_nothing_of_the_home(waheal: Waheal, home: Path, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("phone,message,media\n+12025550100,Hi,home/home.key\n")
    for more in ((), ("--sandbox",)):
        (home / "sandbox").mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
        (home / "home.key").write_bytes(b"k" * 32)
        (home / "home.key").chmod(0o600)
        for words in (("m.csv",), ("m.csv", "--media-root", home, "--message", "Hi")):
            done = waheal("check", *words, *more, "--json")
            assert done.code == ExitCode.USAGE
        done = waheal("check", "m.csv", *more, "--json")
        assert "belongs to the home" in done.out
        done = waheal("send", "m.csv", *more, "--dry-run")
        assert "belongs to the home" in " ".join(done.err.split())


def test_a_text_that_a_template_makes_of_escapes_is_a_problem(waheal: Waheal, names: Path) -> None:
    for escape in (r"\ud800", r"\0", r"\x1b", r"\u202e"):
        words = (names, "--message", f'{{{{ "{escape}"|trim }}}}{{{{ name }}}}')
        assert waheal("check", *words).code == ExitCode.USAGE
        assert waheal("send", *words, "--dry-run").code == ExitCode.USAGE


@pytest.mark.parametrize(
    "words",
    [
        ("check", f"{ODD}.csv"),
        ("send", f"{ODD}.csv"),
        ("send", "names.csv", "--dry-run", "--message", ODD),
        ("send", "names.csv", "--dry-run", "--message", "Hi", "--name", ODD),
        ("send", "names.csv", "--dry-run", "--message", "Hi", "--media", f"{ODD}.png"),
        ("send", "names.csv", "--dry-run", "--message", "Hi", "--opt-out-footer", ODD),
        ("check", "names.csv", "--message", "Hi", "--rejected", ODD),
        ("status", ODD),
        ("export", ODD),
        ("export", "names", "--output", ODD),
        ("report", "names", "--html", ODD),
        ("resolve", ODD, "--resend"),
        ("devices", "pair", ODD),
        ("suppress", "import", ODD),
        ("status", "--home", ODD),
        ("sandbox", "serve", "--trust-file", ODD),
        (ODD,),
        (f"--{ODD}",),
    ],
    ids=lambda words: ascii(" ".join(words)),
)
def test_words_that_are_not_utf_8_are_told_in_words(
    waheal: Waheal, names: Path, words: tuple[str, ...]
) -> None:
    shutil.copy(names, names.with_name(f"{ODD}.csv"))
    shutil.copy(TICKET, names.with_name(f"{ODD}.png"))
    done = waheal(*words)
    assert done.code == ExitCode.USAGE
    assert "is not UTF-8" in done.err
    assert "\nhint: " in done.err


@pytest.mark.parametrize("name", ["WAHEAL_MESSAGE", "WAHEAL_NAME", "WAHEAL_HOME", "WAHEAL_RATE"])
def test_a_variable_that_is_not_utf_8_is_named(waheal: Waheal, names: Path, name: str) -> None:
    done = waheal("check", names, env={name: ODD})
    assert (done.code, f"{name} is not UTF-8" in done.err) == (ExitCode.USAGE, True)


def test_a_folder_that_is_not_utf_8_is_told_in_words(
    waheal: Waheal, names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = names.parent / ODD
    folder.mkdir()
    shutil.copy(TICKET, folder / "t.png")
    (folder / "m.csv").write_text("phone,message,media\n+12025550100,Hi,t.png\n")
    monkeypatch.chdir(folder)
    done = waheal("check", "m.csv", "--json")
    assert (done.code, "does not have" in done.out) == (ExitCode.USAGE, True)
    for words in (
        ("send", "m.csv", "--dry-run"),
        ("sandbox", "serve", "--trust-file", "t.json"),
        ("status", "--home", "home"),
        ("check", "../names.csv", "--message", "Hi", "--media", "t.png"),
    ):
        done = waheal(*words)
        assert (done.code, "is not UTF-8" in done.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize("words", [("check", "x" * 5000), ("send", "x" * 5000), ("send", "a\0b")])
def test_a_path_that_can_be_none_is_told_in_words(waheal: Waheal, words: tuple[str, ...]) -> None:
    assert waheal(*words).code == ExitCode.USAGE


def test_a_setting_with_a_nul_is_told_in_words(waheal: Waheal, home: Path, names: Path) -> None:
    home.mkdir(mode=0o700)
    for key in ("message", "template", "media", "media-root", "name", "devices", "region"):
        (home / "waheal.toml").write_text(f'{key} = "a\\u0000b"\n')
        assert waheal("check", names).code == ExitCode.USAGE


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "cp437"])
def test_any_text_can_be_shown_on_any_stream(home: Path, names: Path, encoding: str) -> None:
    words = ("check", names, "--message", "Zoë \N{PILE OF POO} {{ name }} \u05d0")
    done = subprocess.run(
        command(words),
        env=environment(home, {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"}),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, b"Ann" in done.stdout) == (ExitCode.OK, True)


def test_a_list_of_bad_numbers_is_told_in_part(waheal: Waheal, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("none\n" * 3_000)
    done = waheal("suppress", "import", "list.txt")
    assert (done.code, done.err.count("error: row")) == (ExitCode.USAGE, 1_000)
    assert "2,999 rows" in done.err  # the first names the columns
    (tmp_path / "list.txt").write_text('"' + "1" * 2_000_000)
    assert waheal("suppress", "import", "list.txt").code == ExitCode.USAGE


def test_settings_that_no_option_takes_are_told_in_words(
    waheal: Waheal, home: Path, names: Path
) -> None:
    home.mkdir(mode=0o700)
    assert names.exists()
    for value in ("1979-05-27", "07:32:00", "{a = 1}", "[[1]]", "nan", "[inf]"):
        (home / "waheal.toml").write_text(f"rate = {value}\n")
        done = waheal("config", "--json")
        assert (done.code, "to what no option takes" in done.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize("text", ["rate = " + "[" * 9_000, "a" + ".a" * 30_000 + " = 1"])
def test_settings_that_are_nested_without_an_end_are_told_in_words(
    waheal: Waheal, home: Path, text: str
) -> None:
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text(text)
    done = waheal("status")
    assert (done.code, "\nhint: " in done.err) == (ExitCode.USAGE, True)


def test_what_is_quoted_moves_no_cursor_and_begins_no_line(waheal: Waheal, names: Path) -> None:
    assert names.exists()
    for words in (("check", "\x1b[2J\nhint: pay.csv"), ("status", "--\u202ex"), ("\x1b]0;x\x07",)):
        done = waheal(*words)
        assert done.code == ExitCode.USAGE
        assert not {"\x1b", "\x07", "\u202e"} & {*done.out, *done.err}
        assert done.err.count("\nhint: ") == 1


def test_settings_move_no_cursor_when_they_are_shown(waheal: Waheal, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text('name = "\\u001b[2J\\u0000"\n')
    done = waheal("config")
    assert (done.code, r"\x1b[2J\x00" in done.out) == (ExitCode.OK, True)


def test_a_database_is_a_plain_file(waheal: Waheal, names: Path) -> None:
    assert names.exists()
    for file in ("x" * 300, "pipe", "/proc/self/mem", "/dev/zero", ".", "names.csv"):
        done = waheal("devices", "import", file)
        assert (done.code, "\nhint: " in done.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize("name", ["COLUMNS", "LINES", "TERMINAL_WIDTH"])
@pytest.mark.parametrize("size", ["99999999999", "-1", "nan", "0", "", "٣"])
def test_a_width_that_no_terminal_has_is_not_taken(
    waheal_apart: Waheal, name: str, size: str
) -> None:
    done = waheal_apart("--help", env={name: size})
    assert (done.code, len(done.out) < 20_000) == (ExitCode.OK, True)


def test_nothing_to_complete_is_told_in_words(waheal_apart: Waheal) -> None:
    asked = {"_WAHEAL_COMPLETE": "complete_bash", "COMP_WORDS": "waheal"}
    for more in ({}, {"COMP_CWORD": "x"}):
        done = waheal_apart("status", env={**asked, **more})
        assert (done.code, "nothing to complete" in done.err) == (ExitCode.USAGE, True)


def test_a_closed_stdin_is_no_fault(home: Path, names: Path) -> None:
    words = ("send", names, "--message", "Hi", "--dry-run")
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command(words)],  # noqa: S607 - every machine's own
        env=environment(home),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, b"error" in done.stderr) == (ExitCode.OK, False)


@pytest.mark.parametrize(
    "words",
    [
        ("--port", "65536"),
        ("--port", "-1"),
        ("--devices", "99999999"),
        ("--trust-file", "/proc/x"),
        ("--trust-file", "gone/trust.json"),
        ("--trust-file", "."),
        ("--trust-file", "/dev/full"),
    ],
    ids=" ".join,
)
def test_a_sandbox_that_can_not_be_is_told_in_words(
    waheal: Waheal, home: Path, words: tuple[str, ...]
) -> None:
    done = waheal("sandbox", "serve", "--home", home, *words)
    assert (done.code, "\nhint: " in done.err) == (ExitCode.USAGE, True)


def test_a_port_that_is_taken_is_told_in_words(waheal: Waheal, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = waheal("sandbox", "serve", "--home", home, "--port", port)
    assert (done.code, "address already in use" in done.err) == (ExitCode.USAGE, True)
