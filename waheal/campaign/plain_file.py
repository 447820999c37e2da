"""Opens files for what they are; it judges no content.

What an operator names, or a campaign's cell, may be a pipe that nobody writes into, a device
without an end, or a file that grows while it is read. None of them is waited for or followed:
only a regular file is read, as it is judged on the open descriptor, and no further than it went
when it was opened.
"""

import errno
import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class NotAFileError(OSError):
    """Something else than a regular file stands there; `strerror` says so."""

    def __init__(self, told: str) -> None:
        super().__init__(errno.EINVAL, told)


class PlainFile(io.FileIO):
    """The bytes that a regular file has when it is opened, and none that are added later.

    `size` counts them; `identity` changes with the file's content. Without `follow`, the path has
    no link in it, and the file lies just there.
    Raises: OSError, of which NotAFileError.
    """

    def __init__(self, path: Path, *, follow: bool = True) -> None:
        super().__init__(_opened(path, follow=follow))
        if not follow and Path(f"/proc/self/fd/{self.fileno()}").readlink() != path:
            self.close()  # a folder on the way has become a link
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        status = os.fstat(self.fileno())
        self.size = status.st_size
        self.identity = _identity(status)

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read as much as there was to be read."""
        return super().readinto(memoryview(buffer).cast("B")[: self._left()])

    def readall(self) -> bytes:
        """Read the rest."""
        return self.read(self._left())

    def changed(self) -> bool:
        """Tell whether it is another content by now."""
        return _identity(os.fstat(self.fileno())) != self.identity

    def _left(self) -> int:
        return max(0, self.size - self.tell())


def open_plain(path: Path) -> io.BufferedReader:
    """Open a regular file for reading.

    Raises: OSError, of which NotAFileError.
    """
    return io.BufferedReader(PlainFile(path), 1 << 16)


def read_small(path: Path, most: int) -> bytes:
    """Read a whole file of so many bytes at most.

    Raises: OSError, also where it is larger.
    """
    with PlainFile(path) as file:
        if file.size > most:
            raise OSError(errno.EFBIG, f"it has more than {most:,} bytes")
        return file.readall()


def same(path: Path, identity: tuple[int, ...]) -> bool:
    """Tell whether the content is there still that a file was opened with.

    Raises: OSError.
    """
    return _identity(path.stat()) == identity


def _opened(path: Path, *, follow: bool) -> int:
    # Without O_NONBLOCK, opening a pipe would wait for its other end.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    try:
        handle = os.open(path, flags | (0 if follow else os.O_NOFOLLOW))
    except ValueError as error:
        raise NotAFileError("its name can be no path") from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise NotAFileError(f"it is not a file: {_called(mode)}")
    return handle


def _called(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISCHR, "a device"))
    return next((what for is_one, what in kinds if is_one(mode)), "something else")


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
