"""Notes what a process does where it has no business: an audit hook, knows no command."""

import os
import sys
from pathlib import Path

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TOUCHES = frozenset(
    {
        "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.chmod",
        "os.chown", "os.truncate", "os.utime",
    }
)  # fmt: skip
_OPEN = ("/dev/null", "/dev/tty", "/dev/pts/", "/dev/ptmx", "/proc/", "/dev/full")
_LOOPBACK = ("127.", "::1")


def watch(notes: int, ours: list[str]) -> None:
    """Write a line to `notes` for each write out of `ours`, and each call to another machine."""
    # An audit hook stays for the process's life, and may not raise.

    def hook(event: str, told: tuple[object, ...]) -> None:
        found = _odd(event, told, ours)
        if found is not None:
            os.write(notes, f"{event} {found!r}\n".encode(errors="backslashreplace"))

    sys.addaudithook(hook)


def _odd(event: str, told: tuple[object, ...], ours: list[str]) -> str | None:
    match event, told:
        case "open", (str() | bytes() as path, _, int(flags)) if flags & _WRITES:
            return beyond(path, ours)
        case "socket.connect", (_, (str(host), *_)) if not host.startswith(_LOOPBACK):
            return host
        case "subprocess.Popen", (_, list(words), *_):
            return " ".join(map(str, words))
        case _ if event in _TOUCHES:
            found = [beyond(each, ours) for each in told if isinstance(each, str | bytes)]
            return next(filter(None, found), None)
        case _:
            return None


def beyond(path: str | bytes, ours: list[str]) -> str | None:
    """Give the path, whole, unless it is one of ours, or lies in one."""
    try:
        whole = os.path.normpath(os.path.join(Path.cwd(), os.fsdecode(path)))  # noqa: PTH118 - as it stands, no link followed
    except OSError:
        return None
    inside = whole in ours or whole.startswith((*(f"{each}/" for each in ours), *_OPEN))
    return None if inside else whole
