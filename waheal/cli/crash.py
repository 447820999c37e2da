"""The report of a fault of waheal's own; it tells what is on a list, and nothing else.

On it are waheal's own places in the code, the packages in between, the kinds of the errors and
what was asked for by its name: no text, no value, no path and no line of source, which may all
quote what was being sent, or to whom.
"""

import errno
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import packages_distributions
from itertools import groupby
from pathlib import Path
from traceback import walk_tb
from types import FrameType

import waheal
from waheal.acts.location import default_home, logs_of
from waheal.cli import options
from waheal.cli.app import ENTRIES, version_of_waheal
from waheal.errors import WahealError
from waheal.writing import write_whole

_PACKAGE = Path(waheal.__file__).parent


def home_of(words: Sequence[str]) -> Path:
    """Give the home that the words name, even when they could not be parsed."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--home" and following:
            return Path(following)
        if word.startswith("--home="):
            return Path(word.removeprefix("--home="))
    named = os.environ.get("WAHEAL_HOME")
    return Path(named) if named else default_home()


def write_report(error: BaseException, words: Sequence[str]) -> Path | None:
    """Keep what a maintainer needs in the home's logs; None where nothing can be written there."""
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    try:
        path = logs_of(home_of(words)) / name
        write_whole(path, _report(error, words).encode())
    except (OSError, RuntimeError, WahealError):  # RuntimeError: `~nobody` is no folder
        return None
    return path


def _report(error: BaseException, words: Sequence[str]) -> str:
    lines = [
        f"waheal {version_of_waheal()}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {' '.join(_said(words))}",
        *_lines(error),
    ]
    return "\n".join(lines) + "\n"


def _said(words: Sequence[str]) -> Iterator[str]:
    """Give the command's own name, and its options' names."""
    for entry in ENTRIES:
        if [entry.name] == [*words[:1]]:
            yield entry.name
            yield from (each.name for each in entry.members if [each.name] == [*words[1:2]])
    known = options.spellings()
    yield from (name for word in words if (name := word.partition("=")[0]) in known)


def _lines(error: BaseException) -> Iterator[str]:
    seen = set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield f"{_kind(cause)}{_number_of(cause)}"
        frames = (_place(frame, line) for frame, line in walk_tb(cause.__traceback__))
        yield from (f"  {place}" for place, _ in groupby(frames))
        cause = cause.__cause__ or cause.__context__


def _kind(error: BaseException) -> str:
    kind = type(error)
    found: object = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is kind and _package(kind.__module__) is not None:
        return f"{kind.__module__}.{kind.__qualname__}"
    return "an error of a kind that no package has"


def _number_of(error: BaseException) -> str:
    number: object = error.errno if isinstance(error, OSError) else None
    # It is whatever the error was made with: a text, where that had two.
    name = errno.errorcode.get(number) if isinstance(number, int) else None
    return "" if name is None else f" {name}"


def _place(frame: FrameType, line: int) -> str:
    path = Path(frame.f_code.co_filename)
    if path.is_relative_to(_PACKAGE):
        name = frame.f_code.co_qualname
        return f"waheal/{path.relative_to(_PACKAGE)}:{line} {name}"
    return _package(str(frame.f_globals.get("__name__"))) or "elsewhere"


def _package(module: str) -> str | None:
    """Give the package of a module, if it is Python's own or an installed one."""
    package = module.partition(".")[0]
    return package if package in _packages() else None


@cache
def _packages() -> frozenset[str]:
    return sys.stdlib_module_names | frozenset(packages_distributions()) | {"waheal"}
