"""The folder that a hostile input is laid out in, and what is asked of waheal there."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Word = str | bytes
Look = dict[str, tuple[int, ...]]
"""What stands where: mode, inode, size and time of each file by its path."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command line. `apart`: in an interpreter of its own, as its environment is to be.

    `terminal`: stdout and stderr are terminals, else files. `closed`: descriptors that are not
    open. `writes`: what it was told to write, beside the home. `folder`: where it is called.
    `gone`: and that is no more by then.
    """

    words: Sequence[Word]
    env: Mapping[str, str] = field(default_factory=dict)
    apart: bool = False
    terminal: bool = True
    closed: Sequence[int] = ()
    writes: Sequence[str] = ()
    folder: str = "cwd"
    gone: bool = False


class World:
    """A home, a folder to work in, one for drafts, and surroundings that are nobody's business."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cwd, self.home, self.tmp = root / "cwd", root / "home", root / "tmp"
        self.outside = root / "outside"
        for each in (self.cwd, self.home, self.tmp, self.outside):
            each.mkdir(mode=0o700, parents=True)
        (self.outside / "victim").write_text("kept as it is\n")
        (self.cwd / "names.csv").write_text("phone,name\n+12025550100,Ann\n")

    @property
    def environment(self) -> dict[str, str]:
        """What a command's environment is, unless its own says otherwise."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": str(self.home),
            "WAHEAL_HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "TERM": "dumb",
            "TZ": "UTC",
        }

    def look(self) -> Look:
        """Tell what stands outside of the home and the folder for drafts."""
        own = frozenset({str(self.home), str(self.tmp)})
        return dict(_entries(str(self.root), own))


def _entries(folder: str, own: frozenset[str]) -> list[tuple[str, tuple[int, ...]]]:
    found = list[tuple[str, tuple[int, ...]]]()
    for entry in os.scandir(folder):
        if entry.path in own:
            continue
        about = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(about.st_mode):  # its own time changes with a draft that comes and goes
            found.append((entry.path, (about.st_mode, about.st_ino)))
            found += _entries(entry.path, own)
        else:
            found.append(
                (entry.path, (about.st_mode, about.st_ino, about.st_size, about.st_mtime_ns))
            )
    return found


def changes(before: Look, after: Look) -> list[str]:
    """Name what was made, changed or taken away."""
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
