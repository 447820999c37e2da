"""Kinds of message by the command line: their option, their samples, a poll that is answered."""

import json
from pathlib import Path

import pytest

from tests.cli.support import ROOT, Waheal
from waheal.model import ExitCode

NOOR, INAKI = "+15035550189", "+15035550190"
SAMPLES = ROOT / "campaigns"


@pytest.fixture
def places(tmp_path: Path) -> Path:
    path = tmp_path / "places.csv"
    path.write_text("phone,latitude,longitude\n+12025550100,1.5,2.5\n")
    return path


def test_a_kind_is_a_setting_which_the_command_line_overrules(
    waheal: Waheal, home: Path, places: Path
) -> None:
    def kinds(*words: str) -> list[str]:
        shown = json.loads(waheal("check", places, *words, "--json").out)["preview"]
        return [each["kind"] for each in shown]

    assert kinds() == []
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text('kind = "location"\n')
    assert kinds() == ["location"]
    assert kinds("--kind", "text", "--message", "Hi") == ["text"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--kind", "dance"), "--kind 'dance' is no kind of message"),
        (("--kind", "location", "--preview", "https://example.org"), "nothing is fetched"),
        (("--kind", "location", "--preview", "none.toml"), "can't be read"),
    ],
)
def test_what_can_not_be_is_refused_with_a_way_out(
    waheal: Waheal, places: Path, words: tuple[str, ...], told: str
) -> None:
    for verb in ("check", "send"):
        done = waheal(verb, places, *words)
        assert done.code == ExitCode.USAGE
        assert told in done.out + done.err


def test_no_preview_overrules_a_setting(waheal: Waheal, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "link.csv"
    path.write_text("phone,message\n+12025550100,https://example.org/sale\n")
    home.mkdir(mode=0o700)
    (home / "waheal.toml").write_text(f'preview = "{SAMPLES / "offer.toml"}"\n')
    (shown,) = json.loads(waheal("check", path, "--json").out)["preview"]
    assert (shown["link"], shown["link_title"]) == ("https://example.org/sale", "Spring sale")
    (bare,) = json.loads(waheal("check", path, "--no-preview", "--json").out)["preview"]
    assert "link" not in bare


@pytest.mark.real
def test_a_poll_is_asked_answered_and_counted(waheal_apart: Waheal) -> None:
    question = ("--kind", "poll", "--message", "When, {{ name }}?")
    box = ("--sandbox", "--sandbox-devices", 1)
    assert waheal_apart("send", SAMPLES / "poll.csv", *question, *box).code == ExitCode.OK
    refused = waheal_apart("sandbox", "vote", NOOR, "Yesterday", "--sandbox")
    assert refused.code == ExitCode.USAGE
    assert "one of 'Today', 'Tomorrow', 'Not at all'" in refused.err
    for phone, chosen in ((NOOR, "Today"), (INAKI, "Today"), (NOOR, "Tomorrow")):
        voted = waheal_apart("sandbox", "vote", phone, chosen, "--sandbox", "--json").document
        assert voted == {"phone": phone, "vote": [chosen]}
    waheal_apart("sync", "--for", "1s", "--sandbox")
    told = waheal_apart("report", "poll", "--sandbox", "--json").document
    assert told["voters"] == 2
    assert told["votes"] == [
        {"option": "Today", "count": 1},
        {"option": "Tomorrow", "count": 1},
        {"option": "Not at all", "count": 0},
    ]
    rows = json.loads(waheal_apart("export", "poll", "--format", "json", "--sandbox").out)
    assert {row["phone"]: row["vote"] for row in rows} == {NOOR: "Tomorrow", INAKI: "Today"}
