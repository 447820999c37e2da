"""Files that are written whole: there or not, their owner's alone; knows nothing of what they hold.

A draft is made in the target's folder, under a name that nobody can guess, and renamed once all of
it is on the disk: whoever plants a link under a name that waheal will write to gains nothing.
"""

import errno
import io
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

_LINKS = 40  # as many as the kernel follows


def write_whole(path: Path, data: bytes) -> None:
    """Put data at the path, as `whole_bytes` does.

    Raises: OSError.
    """
    with whole_bytes(path) as file:
        file.write(data)


def write_lasting(path: Path, data: bytes) -> None:
    """Put data at the path as `write_whole` does; a power loss does not undo it.

    Raises: OSError.
    """
    write_whole(path, data)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def whole_text(
    path: Path, encoding: str = "utf-8", errors: str = "strict", *, mode: int = 0o600
) -> Iterator[TextIO]:
    """Write a text, as `whole_bytes` does; line ends are written as they are given.

    Raises: OSError.
    """
    with whole_bytes(path, mode=mode) as raw:
        file = io.TextIOWrapper(raw, encoding, errors, newline="")
        try:
            yield file
        finally:
            file.detach()  # what it held is written; syncing and closing is for `whole_bytes`


@contextmanager
def whole_bytes(path: Path, *, mode: int = 0o600) -> Iterator[io.BufferedWriter]:
    """Write a file with this mode that is there whole or not at all.

    A link stays, and what it leads to is replaced; a pipe or a device is written into. Neither
    holds in a sticky folder, such as /tmp, for what belongs neither to the user nor to the folder's
    owner: anybody may have put it there.
    Raises: OSError.
    """
    place = _followed(path)
    if path.exists() and not path.is_file():
        with os.fdopen(_enter(path), "wb") as file:
            yield file
        return
    descriptor, draft = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fchmod(descriptor, mode)  # whatever the umask is
            os.fsync(descriptor)
        Path(draft).replace(place)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(draft).unlink()
        raise


def _enter(path: Path) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):  # somebody put it there since it was looked at
        os.close(descriptor)
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(path))
    return descriptor


def _followed(path: Path) -> Path:
    """Follow the path link by link, and tell where it leads.

    By hand, since the kernel looks at links in sticky folders only where it is told to.
    """
    at, ahead = Path("/"), [*reversed(path.absolute().parts[1:])]
    links = 0
    while ahead:
        step = at.parent if (name := ahead.pop()) == ".." else at / name
        if not _is_link(step):
            at = step
            continue
        links += 1
        if links > _LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        target = step.readlink()
        if target.is_absolute():
            at = Path("/")
        ahead += reversed(target.parts[target.is_absolute() :])
    return at


def _is_link(path: Path) -> bool:
    """Tell it of what may be followed or written into.

    Raises: OSError for a stranger's link or pipe in a sticky folder.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(found.st_mode) or stat.S_ISFIFO(found.st_mode):
        folder = path.parent.stat()
        if folder.st_mode & stat.S_ISVTX and found.st_uid not in {os.geteuid(), folder.st_uid}:
            raise OSError(errno.EPERM, f"{path} was put there by another user", str(path))
    return stat.S_ISLNK(found.st_mode)
