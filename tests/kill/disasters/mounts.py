"""Small disks, and files that lie on them: mounts that only this process and its children see."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.kill.disasters.ordeal import NotHereError, Ordeal

_APART = "WAHEAL_TEST_APART"
_PAGE = 4096


def apart() -> None:
    """Start this process anew with mounts of its own, where the system gives them."""
    if _APART in os.environ:
        return
    namespace = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid():
        namespace += ["--user", "--map-root-user"]
    if subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode:
        return
    os.environ[_APART] = "1"
    os.execvp(namespace[0], [*namespace, sys.executable, "-m", "tests.kill", *sys.argv[1:]])  # noqa: S606 - no shell is wanted


class Disk:
    """A small file system of its own."""

    def __init__(self, ordeal: Ordeal, place: Path, size: int, *, inodes: int = 0) -> None:
        if _APART not in os.environ:
            raise NotHereError("no mounts of its own: run it by `python -m tests.kill`")
        place.mkdir(exist_ok=True)
        self.place = place
        options = f"size={size},nr_inodes={inodes},mode=700"
        mount("-t", "tmpfs", "-o", options, "none", str(place))
        ordeal.afterwards(self.gone)

    def fill(self, leave: int = 0) -> None:
        """Let only so many bytes be free."""
        with suppress(OSError), self._filler.open("wb") as file:
            free = os.statvfs(self.place)
            file.write(bytes(max(0, free.f_bavail * free.f_bsize - leave)))

    def empty(self) -> None:
        self._filler.unlink(missing_ok=True)

    def gone(self) -> None:
        unmount(self.place)

    @property
    def _filler(self) -> Path:
        return self.place / ".filler"


def lie_on(ordeal: Ordeal, disk: Disk, file: Path) -> None:
    """Let a file of a home lie on the disk, under its own name; the rest of the home does not."""
    there = disk.place / file.name
    there.touch(0o600)
    if file.exists():
        there.write_bytes(file.read_bytes())
    file.touch(0o600)
    mount("--bind", str(there), str(file))
    ordeal.afterwards(lambda: unmount(file))


def back_from(disk: Disk, file: Path) -> None:
    """Let it lie in the home again, as it is."""
    kept = (disk.place / file.name).read_bytes()
    unmount(file)
    file.write_bytes(kept)


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)  # noqa: S607 - the system's own


def unmount(place: Path) -> None:
    """Take a mount away, if it is one, also under whoever still has it open."""
    mounted = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    if str(place) in mounted:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S607 - likewise
