"""The home: the folder that holds everything of one operator; reads only its key and its settings.

Whose it is comes first: what another user may have written is neither read nor obeyed.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from waheal.errors import HomeUnusableError

_DIR_MODE = 0o700
_FILE_MODE = 0o600
_OTHERS = 0o077
_WRITABLE = 0o022
_KEPT_BYTES = 32
_CONFIG_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Loose:
    """A file or folder of the home that others may read or write, and its mode."""

    path: Path
    mode: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Home:
    """One home; `root` is absolute."""

    root: Path

    @classmethod
    def open(cls, path: Path, *, create: bool) -> "Home":
        """Open the home, creating it if asked; sets the process's umask to 077.

        Raises: HomeUnusableError where it is missing, not a folder, another user's, or open to
        others.
        """
        os.umask(_OTHERS)
        root = path.expanduser().absolute()
        try:
            if create:
                _make(root)
            _check(root)
        except OSError as error:
            raise _closed(root, error) from error
        return cls(root)

    @classmethod
    def owned(cls, path: Path) -> "Home":
        """Give the home to look into, whether it is there or not, and however loose its modes are.

        Raises: HomeUnusableError where it is another user's.
        """
        root = path.expanduser().absolute()
        try:
            _see_whose(root, root.stat())
        except (FileNotFoundError, NotADirectoryError):
            return cls(root)
        except OSError as error:
            raise _closed(root, error) from error
        return cls(root)

    @property
    def ledger_path(self) -> Path:
        """The ledger."""
        return self.root / "waheal.db"

    @property
    def sessions_path(self) -> Path:
        """Neonize's session database."""
        return self.root / "sessions.db"

    @property
    def key_path(self) -> Path:
        """The key that witnesses are made with."""
        return self.root / "home.key"

    @property
    def id_path(self) -> Path:
        """What tells this home from all others, where several share a ledger."""
        return self.root / "home.id"

    @property
    def unwritten_path(self) -> Path:
        """What hosts have said and the ledger has not written yet."""
        return self.root / "unwritten"

    @property
    def journal_path(self) -> Path:
        """The journal of claims."""
        return self.root / "claims.journal"

    @property
    def config_path(self) -> Path:
        """The operator's settings."""
        return self.root / "waheal.toml"

    @property
    def lock_path(self) -> Path:
        """The file that names who holds the home's lock."""
        return self.root / "waheal.lock"

    @property
    def logs(self) -> Path:
        """The folder of the logs, created on first use."""
        return self.folder("logs")

    def folder(self, name: str) -> Path:
        """Give a folder in the home, created on first use.

        Raises: HomeUnusableError where it is a link, or another user's.
        """
        folder = self.root / name
        try:
            folder.mkdir(mode=_DIR_MODE, exist_ok=True)
            found = folder.lstat()
        except OSError as error:
            raise _unusable(folder, error) from error
        if stat.S_ISLNK(found.st_mode) or not _only_mine(found):
            raise HomeUnusableError(
                f"{folder} is a link, or not yours alone",
                hint=f"see what it is with `ls -ld {quote(str(folder))}`, and move it away",
            )
        return folder

    def config(self) -> bytes | None:
        """Read the operator's settings; None where there are none.

        Raises: HomeUnusableError where others may have written them, or they can't be read.
        """
        try:
            return _read_config(self.root, self.config_path.name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise HomeUnusableError(
                f"{self.config_path} can't be read: {error.strerror}",
                hint="it is to be a file in the home, no link, of your own, with mode 600",
            ) from error

    def key(self) -> bytes:
        """Read the home's 32 secret bytes, making them on first use.

        Raises: HomeUnusableError where the file is another user's, open to others, or no key.
        """
        return _kept(self.key_path)

    def id(self) -> str:
        """Read what tells this home from all others, making it on first use; a copy has the same.

        Raises: HomeUnusableError where the file is another user's, open to others, or no id.
        """
        return _kept(self.id_path).hex()

    def known_id(self) -> str | None:
        """Read it; None where none was made.

        Raises: HomeUnusableError, likewise.
        """
        try:
            found = _read_kept(self.id_path)
        except OSError as error:
            raise _unusable(self.id_path, error) from error
        return None if found is None else found.hex()

    def loose(self) -> list[Loose]:
        """Find what others may read or write in here; links are left alone."""
        return list(_loose(self.root))

    def tighten(self) -> list[Loose]:
        """Set 0700 and 0600 on whatever is loose, and say what it was."""
        found = self.loose()
        for entry in found:
            entry.path.chmod(entry.wanted)
        return found


def _make(root: Path) -> None:
    root.mkdir(mode=_DIR_MODE, parents=True, exist_ok=True)
    info = root.stat()
    # An empty folder of one's own was most likely made for this, by a mkdir with a usual umask.
    if info.st_uid == os.geteuid() and info.st_mode & _OTHERS and not any(root.iterdir()):
        root.chmod(_DIR_MODE)


def _check(root: Path) -> None:
    info = root.stat()
    if not stat.S_ISDIR(info.st_mode):
        raise HomeUnusableError(f"{root} is not a folder", hint="name another one with --home DIR")
    _see_whose(root, info)
    _see_it_is_closed(root, info, _OTHERS)


def _see_whose(root: Path, info: os.stat_result) -> None:
    if info.st_uid != os.geteuid():
        raise HomeUnusableError(
            f"the home {root} belongs to another user (uid {info.st_uid})",
            hint="run waheal as that user, or name a home of your own with --home DIR",
        )


def _see_it_is_closed(root: Path, info: os.stat_result, to: int) -> None:
    if info.st_mode & to:
        raise HomeUnusableError(
            f"the home {root} is open to other users (mode {info.st_mode & 0o777:o})",
            hint=f"close it with `chmod 700 {quote(str(root))}`",
        )


def _only_mine(info: os.stat_result) -> bool:
    return info.st_uid == os.geteuid() and not info.st_mode & _WRITABLE


def _read_config(root: Path, name: str) -> bytes:
    """Judge the folder and the file by what is opened: a path may lead elsewhere a moment later."""
    folder = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(name, flags, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            about, found = os.fstat(folder), os.fstat(descriptor)
            _see_whose(root, about)
            _see_it_is_closed(root, about, _WRITABLE)
            if not stat.S_ISREG(found.st_mode) or not _only_mine(found):
                raise PermissionError(errno.EPERM, "others may have written it", name)
            config = file.read(_CONFIG_BYTES + 1)
            if len(config) > _CONFIG_BYTES:
                raise OSError(errno.EFBIG, f"it has more than {_CONFIG_BYTES:,} bytes", name)
            return config
    finally:
        os.close(folder)


def _kept(path: Path) -> bytes:
    """Read the 32 bytes of a file, which is made of random ones where it is not there."""
    try:
        found = _read_kept(path)
        return _make_kept(path) if found is None else found
    except OSError as error:
        raise _unusable(path, error) from error


def _read_kept(path: Path) -> bytes | None:
    try:
        # Without O_NONBLOCK, opening a pipe would wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        info = os.fstat(file.fileno())
        if info.st_uid != os.geteuid() or info.st_mode & _OTHERS:
            raise HomeUnusableError(
                f"{path} is not yours alone (mode {info.st_mode & 0o777:o})",
                hint=f"close it with `chmod 600 {quote(str(path))}`",
            )
        kept = file.read(_KEPT_BYTES + 1)
    if len(kept) != _KEPT_BYTES:
        raise HomeUnusableError(
            f"{path} does not hold {_KEPT_BYTES} bytes",
            hint="restore it from the backup that the ledger came from",
        )
    return kept


def _make_kept(path: Path) -> bytes:
    """Two processes may do this at once: the first link wins, and both read that one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEPT_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; what it made is read below
        else:
            _sync_folder(path.parent)
    finally:
        draft.unlink()
    kept = _read_kept(path)
    if kept is None:
        raise HomeUnusableError(f"{path} vanished", hint="is another program cleaning this folder?")
    return kept


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _loose(root: Path) -> Iterator[Loose]:
    for path in [root, *sorted(root.rglob("*"))]:
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode) or not info.st_mode & _OTHERS:
            continue
        wanted = _DIR_MODE if stat.S_ISDIR(info.st_mode) else _FILE_MODE
        yield Loose(path, info.st_mode & 0o777, wanted)


def _closed(root: Path, error: OSError) -> HomeUnusableError:
    return HomeUnusableError(
        f"the home {root} can't be opened: {error.strerror}",
        hint="choose another one with --home DIR or WAHEAL_HOME",
    )


def _unusable(path: Path, error: OSError) -> HomeUnusableError:
    return HomeUnusableError(
        f"{path} can't be used: {error.strerror}",
        hint="free space, or mend the folder's owner and mode; `waheal doctor` tells more",
    )
