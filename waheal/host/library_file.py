"""Which file neonize will load, and whether it is the released one; loads nothing.

neonize loads a shared object that its wheel brings along. Where that is missing or tells another
version, it downloads one and loads that. Here the file is held against the hashes of the pinned
release first, and the downloader is put out of action.
"""

import hashlib
import platform
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Never

from waheal.errors import UsageError

PINNED = "0.5.2"
"""The neonize that this host is written against."""

RELEASED = date(2026, 9, 21)
"""The day of that release, and so the age of the version of WhatsApp Web that it announces."""

# SHA-256, of the wheels manylinux2014_x86_64 and manylinux2014_aarch64.
KNOWN = {
    "neonize-linux-amd64.so": "56b0636515068e8f8383e5448b6cfd2516ea923fa6c68ce4a2e516da96ec405d",
    "neonize-linux-arm64.so": "25ea97e7c7933396a655e00a716f79da9095500cfb1cac053cb3addd82bd453c",
}

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_REINSTALL = f"run `pip install --force-reinstall --no-deps neonize=={PINNED}`"


class LibraryRefusedError(UsageError):
    """The library is not the released one, so it is not loaded."""


def require_known() -> Path:
    """Give the file that neonize will load, and see that it is one of the pinned release.

    Hashing its 19 MB takes 13 ms, once a process; no cache could be trusted more than the file.

    Raises:
        LibraryRefusedError: it is missing, or another.
    """
    path = _folder() / _name()
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LibraryRefusedError(
            f"the library can't be read: {path}: {error.strerror}", hint=_REINSTALL
        ) from error
    if found != KNOWN.get(path.name):
        raise LibraryRefusedError(
            f"{path.name} is not the library of neonize {PINNED}: its SHA-256 is {found}",
            hint=_REINSTALL,
        )
    return path


def forbid_download() -> None:
    """Take the downloader's place before neonize is imported: nothing is fetched, ever."""
    stand_in = ModuleType("neonize.download")
    stand_in.__dict__["__GONEONIZE_VERSION__"] = PINNED
    stand_in.__dict__["download"] = _refuse_download
    sys.modules[stand_in.__name__] = stand_in


def _refuse_download() -> Never:
    raise LibraryRefusedError("neonize wants to download its library", hint=_REINSTALL)


def _folder() -> Path:
    spec = find_spec("neonize")
    if spec is None or spec.origin is None:
        raise LibraryRefusedError("neonize is not installed", hint=_REINSTALL)
    return Path(spec.origin).parent


def _name() -> str:
    """Name the file as neonize does, on the platforms that it is known for."""
    machine = platform.machine().lower()
    return f"neonize-{platform.system().lower()}-{_MACHINES.get(machine, machine)}.so"
