"""A seal on the session database: how the file stood when a process that wrote it had ended.

A row that is absent proves something only if it was never there. After a run that was killed, the
file may have been restored, imported into, or cleared by a logout before anybody looks. So a seal
is set beside each host's log: as the host is started, and again, by a process that outlives it,
once it has ended. Whoever wrote the file since has broken it. So has who puts a copy in its place
that was made before the file's last write, with or without the times that it had.
"""

from pathlib import Path

SUFFIX = ".seal"
"""Of a seal's name; the rest is its host log's."""


def seal_path(log: Path) -> Path:
    """Tell where the seal of a host stands."""
    return log.with_suffix(SUFFIX)


def seal(database: Path, target: Path) -> None:
    """Set a seal: write down how the file stands now.

    Raises: OSError: it can't be written; then nothing is proved by it.
    """
    target.write_text(_standing(database), encoding="ascii")


def is_whole(database: Path, logs: Path) -> bool:
    """Tell whether nobody has written the file since one of these seals was set."""
    now = _standing(database)
    return any(_read(each) == now for each in logs.glob(f"*{SUFFIX}"))


def _standing(database: Path) -> str:
    """Tell the size and the time of the last write, of the file and of its WAL.

    No more: SQLite moves a WAL's change time as it opens it, where it runs as root; and who only
    reads may leave an empty WAL behind.
    """
    return "\n".join(map(_written, (database, Path(f"{database}-wal"))))


def _written(path: Path) -> str:
    try:
        info = path.stat()
    except FileNotFoundError:
        return "nothing"
    return f"{info.st_size} {info.st_mtime_ns}" if info.st_size else "nothing"


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
