"""`check` refuses whatever `send` would refuse: every option that both have, with bad values."""

import json
from pathlib import Path

import pytest
import typer

from tests.cli.support import Waheal
from waheal.cli.app import build
from waheal.model import ExitCode

# Any text can be meant; what is wrong with it only the file or the operator knows.
FREE = {"message", "opt_out_footer", "stop_words", "start_words"}
OF_WORKBOOKS = {"sheet"}  # beside which a CSV file is told with a warning

BAD: dict[str, tuple[str, ...]] = {
    "name": ("", " ", "a\nb"),
    "template": ("nosuch.txt", "."),
    "media": ("nosuch.png", "."),
    "media_root": ("nosuch", "news.csv"),
    "kind": ("sticker", "poll", "voice", ""),
    "preview": ("nosuch.toml", ".", "https://example.org/a"),
    "region": ("Mars", "+0"),
    "phone_column": ("nosuch", ""),
    "message_column": ("nosuch",),
    "encoding": ("morse", "rot13"),
    "zone": ("Mars", "GMT+99"),
    "test_to": ("12", "nobody"),
    "devices": ("nosuch", "", "a b", "no*such"),
    "senders": ("0", "-1", "many", "1.5"),
    "hosts": ("0", "-1", "many"),
    "max_open": ("0", "-1", "many"),
    "rate": ("20/fortnight", "fast", "0/min", ""),
    "daily": ("0", "-1", "many"),
    "new_chats": ("30", "30/min", "many"),
    "ramp": ("20", "20..200", "200..20/0d"),
    "gap": ("soon", "0", "-3s"),
    "jitter": ("200%", "much"),
    "rate_total": ("fast", "0/min"),
    "per_recipient": ("3", "3/0d", "often"),
    "window": ("late", "09:00", "09:00-09:00", "25:00-26:00"),
    "days": ("someday", "mon-fun"),
    "expires": ("soon", "32/13/2026"),
    "start": ("25:00", "soon", "2026-13-01"),
    "limit": ("0", "-1", "many"),
    "max_runtime": ("2hours", "0", "long"),
    "until": ("25:00", "soon", "2026-02-30"),
    "pause_after_errors": ("200%", "0", "some"),
    "max_tries": ("0", "-1", "many"),
    "max_wait": ("2hours", "0"),
    "ledger_wait": ("2hours", "0"),
    "metrics": (".", "nosuch/metrics.prom"),
    "on_end": ("", "nosuchprogram", "sh -c 'open"),
}
TOGETHER = (
    ("--start", "2099-12-24", "--until", "2099-12-23"),
    ("--region", "US", "--international"),
    ("--message", "Hi", "--template", "text.txt"),
    ("--message-column", "name", "--no-message-column"),
    ("--sandbox-devices", "0"),
    ("--client-version", "1.2.3"),
    ("--trust", "nosuch.json"),
    ("--ledger", "nosuch"),
)


def shared() -> dict[str, typer.core.TyperOption]:
    """Give every option of `send` that takes a value, by its parameter's name."""
    send = typer.main.get_command(build(["send"])).commands["send"]  # type: ignore[attr-defined]
    check = typer.main.get_command(build(["check"])).commands["check"]  # type: ignore[attr-defined]
    names = {each.name for each in check.get_params(typer.Context(check))}
    found = {}
    for each in send.get_params(typer.Context(send)):
        assert each.name in names, f"check lacks {each.name}"
        if isinstance(each, typer.core.TyperOption) and not each.is_flag:
            found[str(each.name)] = each
    return found


SHARED = shared()
OF_ALL = {"home", "ledger", "trust", "client_version", "sandbox_devices"}


def test_every_option_that_takes_a_value_is_gone_over() -> None:
    assert set(BAD) | FREE | OF_WORKBOOKS | OF_ALL == set(SHARED)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "news.csv"
    path.write_text("phone,name\n+12025550100,Ann\n")
    (tmp_path / "text.txt").write_text("Hi")
    return path


def both(waheal: Waheal, table: Path, words: tuple[str, ...]) -> None:
    message = () if "--message" in words or "--template" in words else ("--message", "Hi")
    line = (table, *message, *words)
    for verb in ("send", "check"):
        done = waheal(verb, *line)
        assert done.code == ExitCode.USAGE, (verb, words, done.out, done.err)
        assert "Traceback" not in done.err
    document = json.loads(waheal("check", *line, "--json").out)
    assert document["ok"] is False
    assert document["problems"]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_is_refused_by_both(waheal: Waheal, table: Path, name: str, value: str) -> None:
    waheal("status")  # a home that is there
    both(waheal, table, (SHARED[name].opts[0], value))


@pytest.mark.parametrize("words", TOGETHER, ids=" ".join)
def test_what_does_not_go_together_is_refused_by_both(
    waheal: Waheal, table: Path, words: tuple[str, ...]
) -> None:
    both(waheal, table, words)


def test_a_name_that_belongs_to_another_file_is_refused_by_both(
    waheal: Waheal, table: Path, tmp_path: Path
) -> None:
    waheal("send", table, "--message", "Hi")
    other = tmp_path / "other.csv"
    other.write_text(table.read_text())
    both(waheal, other, ("--name", "news"))
    assert waheal("check", other, "--message", "Hi", "--name", "news", "--same").code == ExitCode.OK
