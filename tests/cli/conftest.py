"""A home and a campaign for each test, and a function that runs waheal in them."""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.support import PATIENCE, Done, Waheal, command, environment
from waheal.cli.__main__ import main


@pytest.fixture(autouse=True)
def _no_limits_for_the_tests_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what `main` sets from the tests that come after it: a limit is never raised again."""
    monkeypatch.setattr(resource, "setrlimit", lambda _limit, _values: None)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Name a home that is not there yet."""
    return tmp_path / "home"


@pytest.fixture
def waheal(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Waheal:
    """Give a function that runs a command within the test's own process: quick, and as strict."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, env: Mapping[str, str] | None = None) -> Done:
        bare = environment(home, env)
        with monkeypatch.context() as patch:
            for name in set(os.environ) - set(bare):
                patch.delenv(name)
            for name, value in bare.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["waheal", *map(str, words)])
            capsys.readouterr()
            code = main()
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    return run


@pytest.fixture
def waheal_apart(home: Path, tmp_path: Path) -> Waheal:
    """Give a function that runs a command in a process of its own, and waits for its end."""

    def run(*words: object, env: Mapping[str, str] | None = None) -> Done:
        done = subprocess.run(
            command(words),
            cwd=tmp_path,
            env=environment(home, env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Write a campaign of three."""
    path = tmp_path / "news.csv"
    rows = [f'+1202555010{number},Ann {number},"Hi {{{{ name }}}}"' for number in range(3)]
    path.write_text("\n".join(["phone,name,message", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Write a campaign of forty: more than the smallest pipe holds the events of."""
    path = tmp_path / "many.csv"
    rows = [f"+120255501{number},hi" for number in range(10, 50)]
    path.write_text("\n".join(["phone,message", *rows]) + "\n", encoding="utf-8")
    return path
