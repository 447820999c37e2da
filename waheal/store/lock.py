"""The home's lock: one run a home, however its processes die; knows nothing of what a run does.

The lock is one `flock` on the home's own folder, held by an open file description. Children inherit
the descriptor, so the kernel frees the lock only when the last of them is gone: no new run can
begin while a process of the old one lives. Hence nobody ever unlocks: each just closes. It is no
file that somebody could delete under a run; the file beside it only names the holder.
"""

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from types import TracebackType
from typing import Self

from waheal.errors import HomeBusyError, HomeUnusableError
from waheal.store.home import Home

_POLL = 0.05  # seconds; flock has no wait with an end
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NOTE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock: its process, its command, since when (Unix seconds), and if it lives.

    `campaign`: the one that it sends, by its name.
    """

    pid: int
    what: str
    since: float
    alive: bool
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class _Note:
    """What the holder writes into the lock's file. `born` tells a reused pid from the holder."""

    pid: int
    what: str
    since: float
    born: str | None
    campaign: str | None = None


class HomeLock:
    """The held lock; a context manager. Pass `fileno()` to every child that loads neonize."""

    def __init__(self, descriptor: int, note: Path) -> None:
        self._descriptor: int | None = descriptor
        self._note = note

    @classmethod
    def acquire(
        cls, home: Home, *, what: str, wait: float = 5.0, campaign: str | None = None
    ) -> "HomeLock":
        """Take the lock for the command `what`, which sends that campaign if any.

        A living holder is named at once. A dead one's children get `wait` seconds to end.
        Raises: HomeBusyError; HomeUnusableError where the file can't be written.
        """
        deadline = time.monotonic() + wait
        while True:
            descriptor = _try(home.root)
            if descriptor is not None:
                note = _Note(os.getpid(), what, time.time(), _born(os.getpid()), campaign)
                try:
                    _write(home.lock_path, json.dumps(asdict(note)))
                except HomeUnusableError:
                    os.close(descriptor)
                    raise
                return cls(descriptor, home.lock_path)
            holder = _read(home.lock_path)
            if holder is not None and holder.alive:
                raise _busy(home, holder)
            if time.monotonic() >= deadline:
                raise _orphaned(home, holder)
            time.sleep(_POLL)

    @staticmethod
    def holder(home: Home) -> Holder | None:
        """Tell who holds the lock now; None where nobody does, or where nobody left a name."""
        try:
            descriptor = os.open(home.root, _FOLDER)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(home.lock_path)
        finally:
            os.close(descriptor)
        return None

    def fileno(self) -> int:
        """Give the descriptor to pass on; it is inheritable."""
        if self._descriptor is None:
            raise ValueError("the lock was released")
        return self._descriptor

    def release(self) -> None:
        """Let go; the lock is free once every child that inherited it has ended, too."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        with suppress(HomeUnusableError):  # nobody is named any more, or a name that holds nothing
            _write(self._note, "")
        os.close(descriptor)  # not LOCK_UN: that would free it under the children

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _try(folder: Path) -> int | None:
    """Return a locked descriptor, or None where somebody else holds the lock."""
    try:
        descriptor = os.open(folder, _FOLDER)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        same = os.path.samestat(os.fstat(descriptor), folder.stat())
    except (BlockingIOError, FileNotFoundError):
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise _unusable(folder, error) from error
    if not same:  # replaced between opening and locking: that lock guards nothing
        os.close(descriptor)
        return None
    os.set_inheritable(descriptor, True)
    return descriptor


def _write(path: Path, note: str) -> None:
    try:
        descriptor = os.open(path, _NOTE, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(note)
    except OSError as error:
        raise _unusable(path, error) from error


def _read(path: Path) -> Holder | None:
    try:
        raw = json.loads(path.read_bytes())
        note = _Note(int(raw["pid"]), str(raw["what"]), float(raw["since"]), raw["born"])
        campaign = raw.get("campaign")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # it is being written right now, or was emptied by a release
    alive = _born(note.pid) == note.born is not None
    return Holder(note.pid, note.what, note.since, alive, campaign)


def _born(pid: int) -> str | None:
    """When the process was started, by the kernel's clock (proc(5), field 22); None if dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    state, *rest = fields.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else rest[18]


def _busy(home: Home, holder: Holder) -> HomeBusyError:
    since = datetime.fromtimestamp(holder.since, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return HomeBusyError(
        f"{holder.what} (pid {holder.pid}) holds the home {home.root} since {since}",
        hint="wait for it, or ask it to end with `waheal stop`",
    )


def _orphaned(home: Home, holder: Holder | None) -> HomeBusyError:
    whose = "an ended run" if holder is None else f"{holder.what} (pid {holder.pid}, dead)"
    return HomeBusyError(
        f"a process that {whose} left behind still holds the home {home.root}",
        hint=f"find it with `fuser {quote(str(home.root))}` and end it",
    )


def _unusable(path: Path, error: OSError) -> HomeUnusableError:
    return HomeUnusableError(
        f"the lock {path} can't be used: {error.strerror}",
        hint="free space, or mend the home's owner and mode",
    )
