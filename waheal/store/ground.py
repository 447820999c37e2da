"""The files that a run stands on: whether they are still those that it found; reads none of them.

A process goes on writing a file that was deleted or renamed: what it writes then is seen by nobody,
and its messages leave all the same. Likewise it goes by a key that the next run will not have.
"""

from dataclasses import dataclass, field
from pathlib import Path

from waheal.errors import HomeUnusableError
from waheal.store.home import Home

_Identity = tuple[int, int] | None
"""Device and inode; None where nothing is there."""


@dataclass(slots=True)
class Ground:
    """A home, its ledger, its session database and its key, as they were when this was made."""

    home: Home
    _found: dict[Path, _Identity] = field(init=False)

    def __post_init__(self) -> None:
        home = self.home
        stood_on = (home.root, home.ledger_path, home.sessions_path, home.key_path)
        self._found = {path: _identity(path) for path in stood_on}

    def hold(self) -> None:
        """See that all of it is where it was; what was missing may have come.

        Raises: HomeUnusableError.
        """
        for path, found in self._found.items():
            now = _identity(path)
            if now == found:
                continue
            if found is not None:
                raise HomeUnusableError(
                    f"{path} was deleted, moved or replaced while the run was under way",
                    hint="put back what was there, and run it again: nobody is sent to twice",
                )
            self._found[path] = now


def _identity(path: Path) -> _Identity:
    try:
        info = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise HomeUnusableError(
            f"{path} can't be looked at: {error.strerror}",
            hint="mend the home's owner and mode; `waheal doctor` tells more",
        ) from error
    return info.st_dev, info.st_ino
