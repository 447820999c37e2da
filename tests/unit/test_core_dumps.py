"""No process that holds texts or keys may leave a core dump."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TELL = "; import resource, sys; sys.stderr.write(str(resource.getrlimit(resource.RLIMIT_CORE)))"


@pytest.fixture(autouse=True)
def _dumps_are_allowed() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("core dumps are off for good here")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def limits_after(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code + TELL],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "GOMAXPROCS": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stderr.splitlines()[-1]


def test_a_process_may_leave_one_unless_it_says_otherwise() -> None:
    assert limits_after("pass") == str(resource.getrlimit(resource.RLIMIT_CORE))


@pytest.mark.parametrize(
    "code",
    [
        "from waheal.host import __main__ as host; host._settle_process()",
        "import sys; sys.argv[1:] = ['none']; from waheal.cli import __main__ as c; c.main()",
    ],
    ids=["a host", "the command line"],
)
def test_none_is_left(code: str) -> None:
    assert limits_after(code) == "(0, 0)"


def test_nor_by_the_sandbox(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "waheal.sandbox", "--state", str(tmp_path)],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        process.terminate()
    (line,) = [each.split() for each in told if each.startswith("Max core file size")]
    assert line[4:6] == ["0", "0"]
