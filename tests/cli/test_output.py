"""Where output goes: files, links, pipes, closed streams."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests.cli.support import PATIENCE, Waheal, command, environment
from waheal.model import ExitCode


@pytest.fixture
def sent(waheal: Waheal, news: Path) -> Path:
    """Enroll the campaign; without a device nothing leaves."""
    waheal("send", news)
    return news


@pytest.mark.usefixtures("sent")
class TestFiles:
    @pytest.mark.parametrize(
        "words", [("export", "news", "--output"), ("report", "news", "--html")]
    )
    def test_a_link_stays_and_what_it_leads_to_is_written(
        self, waheal: Waheal, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        target, link = tmp_path / "target", tmp_path / "link"
        target.write_text("old")
        link.symlink_to(target)
        assert waheal(*words, link).code == ExitCode.OK
        assert link.is_symlink()
        assert "news" in target.read_text() or "phone" in target.read_text()

    def test_a_pipe_is_written_into(self, waheal: Waheal, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        read = list[str]()
        reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
        reader.start()
        assert waheal("export", "news", "--output", pipe).code == ExitCode.OK
        reader.join(PATIENCE)
        assert pipe.is_fifo()
        assert "+12025550100" in read[0]

    def test_rejected_rows_keep_a_link_too(self, waheal: Waheal, tmp_path: Path) -> None:
        bad, target, link = tmp_path / "bad.csv", tmp_path / "target", tmp_path / "link"
        bad.write_text("phone,message\n12,hi\n")
        target.write_text("old")
        link.symlink_to(target)
        waheal("check", bad, "--rejected", link)
        assert link.is_symlink()
        assert "problem" in target.read_text()


def shell(
    home: Path, place: Path, words: str, end: str, **env: str
) -> subprocess.CompletedProcess[str]:
    line = f"{' '.join(command(words.split()))} {end}"
    return subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", line],
        cwd=place,
        env={**environment(home), **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def test_a_reader_that_has_gone_is_no_fault_of_its_own(home: Path, tmp_path: Path) -> None:
    theirs, ours = os.pipe()
    os.close(theirs)
    with os.fdopen(ours, "wb") as pipe:
        done = subprocess.run(
            command(["send", "--help"]),
            cwd=tmp_path,
            env=environment(home),
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (ExitCode.INTERRUPTED, "")
    assert not list(home.glob("logs/crash-*"))


@pytest.mark.parametrize(
    ("words", "end", "code"),
    [
        ("status", ">&-", ExitCode.OK),
        ("status", ">&- 2>&- <&-", ExitCode.OK),
        ("send news.csv --json", "2>&-", ExitCode.NO_DEVICE),
        ("send news.csv --json", ">&-", ExitCode.NO_DEVICE),
        ("status", ">/dev/full", ExitCode.HOME_UNUSABLE),
    ],
)
def test_streams_that_are_closed_or_full_are_no_fault_of_its_own(
    home: Path, tmp_path: Path, news: Path, words: str, end: str, code: ExitCode
) -> None:
    done = shell(home, tmp_path, words, end)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert news.exists()
    assert not list(home.glob("logs/crash-*"))


def test_texts_are_told_under_an_ascii_locale(home: Path, tmp_path: Path, news: Path) -> None:
    news.write_text("phone,message\n+12025550100,Zoë\n", encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = shell(home, tmp_path, "check news.csv", "", **ascii_only)
    assert (done.returncode, "Zoë" in done.stdout) == (0, True)
