"""Every `--help` at 80 columns; set WAHEAL_SNAPSHOTS=write to renew them."""

import os
import shlex
from pathlib import Path

import pytest
import typer

from tests.kit.commands import what_it_lacks
from waheal.acts.pages import pages
from waheal.cli import options
from waheal.cli.app import DOCTOR_EXIT_CODES, ENTRIES, EXIT_CODES, build
from waheal.cli.examples import EXAMPLES
from waheal.cli.help import manual
from waheal.model import ExitCode

SNAPSHOTS = Path(__file__).parent / "help"
ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [(), *((entry.name,) for entry in ENTRIES)] + [
    (entry.name, member.name) for entry in ENTRIES for member in entry.members
]


def help_of(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    command = typer.main.get_command(build(words))
    command.main(args=[*words, "--help"], prog_name="waheal", standalone_mode=False)
    return "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()) + "\n"


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("WAHEAL_")]:
        if name != "WAHEAL_SNAPSHOTS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "waheal")
def test_help_is_as_it_was(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    path = SNAPSHOTS / f"{'-'.join(words) or 'waheal'}.txt"
    shown = help_of(words, capsys)
    if os.environ.get("WAHEAL_SNAPSHOTS") == "write":
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "waheal")
def test_help_ends_with_the_exit_codes_and_fits(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = help_of(words, capsys)
    codes = DOCTOR_EXIT_CODES if words == ("doctor",) else EXIT_CODES
    assert shown.rstrip().endswith(codes.splitlines()[-1])
    assert all(line in shown for line in codes.splitlines())
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    "words", [each for each in COMMANDS if each and not (len(each) == 1 and each[0] in
    {entry.name for entry in ENTRIES if entry.members})], ids=" ".join,
)  # fmt: skip
def test_every_command_has_the_common_options_and_plain_words(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    command = typer.main.get_command(build(words))
    for word in words:
        command = getattr(command, "commands", {word: command})[word]
    parameters = command.get_params(typer.Context(command))
    flags = {flag for each in parameters for flag in each.opts}
    assert words == ("help",) or {"--home", "--json", "--quiet", "--verbose"} <= flags
    shown = help_of(words, capsys)
    assert "<bool>" not in shown
    assert "env var" not in shown
    for each in parameters:
        assert each.envvar is None or str(each.envvar).startswith("WAHEAL_")


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "waheal")
def test_help_begins_with_three_examples_each_on_its_line(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = help_of(words, capsys)
    examples = EXAMPLES[" ".join(words)]
    assert len(examples) == 3
    for typed, does in examples:
        line = next(
            line
            for line in shown.splitlines()
            if line.strip().startswith(f"waheal {typed}  ") and line.rstrip().endswith(f"  {does}")
        )
        assert what_it_lacks(shlex.split(typed)) == []
        assert shown.index(line) < shown.index("╭")


def test_h_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    command = typer.main.get_command(build(["send"]))
    command.main(args=["send", "-h"], prog_name="waheal", standalone_mode=False)
    assert capsys.readouterr().out.rstrip().endswith(EXIT_CODES.splitlines()[-1])


def test_the_manual_that_is_installed_is_up_to_date() -> None:
    path = ROOT / "waheal" / "docs" / "waheal.1"
    if os.environ.get("WAHEAL_SNAPSHOTS") == "write":
        path.write_text(manual(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == manual()


def test_the_pages_name_every_command_every_group_of_options_and_every_code() -> None:
    text = "".join(each.text for each in pages())
    for words in COMMANDS:
        assert f"waheal {' '.join(words)}".strip() in text
    panels = (options.CAMPAIGN, options.DEVICES, options.PACE, options.ENDING, options.TARGET)
    for panel in (*panels, options.COMMON):
        assert panel in text
    assert [int(line.split()[0]) for line in EXIT_CODES.splitlines()[1:]] == list(ExitCode)
    for line in EXIT_CODES.splitlines()[1:]:
        assert f"| {line.split()[0]} |" in text
        assert line.partition("  ")[2].partition(";")[0].partition(":")[0] in text
