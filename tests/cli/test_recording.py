"""`waheal doctor --record`, through the released library."""

import re
import stat
from pathlib import Path

import pytest

from tests.cli.support import ROOT, Done, Waheal
from tests.conformance.recordings import SANDBOX, read, shapes
from waheal.model import ExitCode

pytestmark = pytest.mark.real

SAMPLE = ROOT / "campaigns" / "template.csv"
LINE = re.compile(r"\d{1,4}\.\d{3} (in|out) <.+>")


@pytest.fixture
def rehearsed(waheal: Waheal) -> Waheal:
    waheal("send", SAMPLE, "--message", "Hi", "--sandbox", "--sandbox-devices", 2)
    return waheal


def record_in(done: Done) -> dict[str, str]:
    """Give what doctor found of the recording."""
    checks = done.document["checks"]
    assert isinstance(checks, list)
    return next(each for each in checks if each["id"] == "record")


def received(waheal: Waheal) -> list[dict[str, str]]:
    """Give what the simulated phones hold."""
    found = waheal("sandbox", "phones", "--sandbox", "--json").document["received"]
    assert isinstance(found, list)
    return found


def test_it_writes_how_a_device_logs_in_and_sends_its_own_account_a_note(
    rehearsed: Waheal, tmp_path: Path
) -> None:
    file = tmp_path / "recording.txt"
    before = len(received(rehearsed))
    found = record_in(rehearsed("doctor", "--sandbox", "--record", file, "--json"))
    assert found["status"] == "ok"
    assert "sandbox-1" in found["detail"]
    head, *lines = file.read_text().splitlines()
    assert head.startswith("# waheal ")
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert any("in <success" in line for line in lines)
    assert any("out <message" in line for line in lines)
    assert re.findall(r"\d{5}|sandbox-1", "".join(lines)) == []
    assert shapes(read(file)) <= shapes(read(SANDBOX)), "the sandbox says more than it did"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    *others, note = received(rehearsed)
    assert len(others) == before
    assert note["phone"] == note["number"], "nobody but the account itself"


def test_it_records_the_device_that_is_named(rehearsed: Waheal, tmp_path: Path) -> None:
    words = ("doctor", "--sandbox", "--record", tmp_path / "a.txt", "--json", "--devices")
    assert "sandbox-2" in record_in(rehearsed(*words, "sandbox-2"))["detail"]
    assert rehearsed(*words, "sandbox-9").code == ExitCode.USAGE


def test_nothing_is_written_where_there_is_no_device(waheal: Waheal, tmp_path: Path) -> None:
    done = waheal("doctor", "--sandbox", "--record", tmp_path / "a.txt")
    assert done.code == ExitCode.USAGE
    assert "no device to record" in done.err
    assert list(tmp_path.glob("a.txt")) == []
