"""The report of a fault of waheal's own: where it happened, and nothing of what was being sent."""

import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from waheal.acts.location import default_home
from waheal.model import mask_numbers


def home_of(words: list[str]) -> Path:
    """Give the home that the words name, even when they could not be parsed."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--home" and following:
            return Path(following).expanduser()
        if word.startswith("--home="):
            return Path(word.removeprefix("--home=")).expanduser()
    named = os.environ.get("WAHEAL_HOME")
    return Path(named).expanduser() if named else default_home()


def write_report(error: BaseException, words: list[str]) -> Path | None:
    """Keep what a maintainer needs in the home's logs; None where nothing can be written.

    Neither values of options, nor local variables, nor the exception's text, which may quote a
    message: the places and the types only.
    """
    folder = home_of(words) / "logs"
    path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(_report(error, words), encoding="utf-8")
    except OSError:
        return None
    return path


def _report(error: BaseException, words: list[str]) -> str:
    said = [word.partition("=")[0] for word in words if word.startswith("--") or word.isalpha()]
    lines = [
        f"waheal {_version()}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {' '.join(said)}",
        *(mask_numbers(line) for line in _frames(error)),
    ]
    return "\n".join(lines) + "\n"


def _frames(error: BaseException) -> list[str]:
    lines = list[str]()
    cause: BaseException | None = error
    while cause is not None:
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}{_number_of(cause)}")
        lines += traceback.format_tb(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
    return lines


def _number_of(error: BaseException) -> str:
    return f" errno {error.errno}" if isinstance(error, OSError) else ""


def _version() -> str:
    try:
        return version("waheal")
    except PackageNotFoundError:
        return f"from {Path(sys.argv[0]).name}"
