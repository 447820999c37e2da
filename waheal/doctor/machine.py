"""Checks of the machine: Python, the library, limits, disk, clock; knows no home's data."""

import importlib.util
import os
import platform
import re
import shutil
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from waheal.client_version import ANNOUNCED
from waheal.doctor.situation import Situation
from waheal.findings import Result, fail, ok, warn
from waheal.host.library_file import PINNED, RELEASED
from waheal.sizing import (
    DESCRIPTORS_A_CLIENT,
    SPARE_DESCRIPTORS,
    SPARE_THREADS,
    this_machine,
    threads_allowed,
)

_PYTHON = (3, 11)
_GIBI = 1 << 30
_MEBI = 1 << 20
_RELEASED = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
_OLD_CLIENT = 60  # days
_REFUSED_CLIENT = 77  # days; announced versions were refused after 77 to 400
_ENOUGH_AT_ONCE = 1000  # devices: with fewer, a limit is in the way
_ESCAPED = re.compile(r"\\([0-7]{3})")  # a blank, a tab, a newline, a backslash
_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "beegfs"),
        *("fuse.ceph-fuse", "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone"),
        *("fuse.s3fs", "fuse.sshfs"),
    }
)
"""As the kernel names them: what a program serves is `fuse.` and the program's own name."""


def python(_situation: Situation) -> Result:
    """Python and the platform are ones that waheal runs on."""
    said = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < _PYTHON:
        return fail(said, "install Python 3.11 or newer and waheal in it")
    return ok(said)


def neonize(_situation: Situation) -> Result:
    """See that the installed neonize is the pinned one."""
    install = f"run `pip install neonize=={PINNED}`"
    try:
        found = version("neonize")
    except PackageNotFoundError:
        return fail("neonize is not installed", install)
    if found != PINNED:
        return fail(f"neonize {found} is installed, not {PINNED}", install)
    return ok(f"neonize {found}")


def library(situation: Situation) -> Result:
    """See that the library loads in a process of its own."""
    probe = situation.probe()
    if probe.fault is not None:
        return fail(
            f"the library does not start: {probe.fault}",
            f"run `pip install --force-reinstall neonize=={PINNED}`",
        )
    return ok(f"the library starts: {probe.library}")


def client_age(situation: Situation) -> Result:
    """Tell how old the announced version of WhatsApp is: all devices are refused with it at once.

    Offline nobody can know which is still taken, so age is all that there is to go by.
    """
    days = (datetime.fromtimestamp(situation.now, UTC).date() - RELEASED).days
    said = f"neonize {PINNED} announces WhatsApp {ANNOUNCED}"
    if days < _OLD_CLIENT:
        return ok(said)
    said = (
        f"{said}, {days} days old; others were refused (405) after 77 to 400 days, and whether a"
        " newer one is needed is not known here"
    )
    if days < _REFUSED_CLIENT:
        return ok(said)
    return warn(
        said,
        "nothing while devices log in; else see whether `pip install --upgrade waheal` brings a"
        " newer one, or announce one with --client-version",
    )


def libmagic(_situation: Situation) -> Result:
    """Something brings the libmagic that the library needs."""
    if importlib.util.find_spec("pylibmagic") is None:
        return fail("pylibmagic is not installed", "run `pip install pylibmagic`")
    return ok("pylibmagic brings it along")


def ffmpeg(_situation: Situation) -> Result:
    """Whether ffmpeg is there; it makes what phones show of videos and voice notes."""
    found = shutil.which("ffmpeg")
    if found is None:
        return ok("not installed: videos go without a thumbnail, voice notes without a waveform")
    return ok(found)


def descriptors(devices: int) -> Result:
    """Hold the limit of open files against the number of devices."""
    machine = this_machine()
    hard = machine.descriptors
    needed = devices * DESCRIPTORS_A_CLIENT + SPARE_DESCRIPTORS
    if hard is None or hard >= needed:
        allowed = "any number" if hard is None else f"{hard:,}"
        return ok(f"about {needed:,} open files needed of {allowed} allowed")
    most = machine.clients_a_host or 1
    told = f"{hard:,} open files are allowed, {devices:,} devices need about {needed:,}"
    hint = f"raise it with `ulimit -Hn {needed}` or LimitNOFILE={needed} in the service"
    if most >= _ENOUGH_AT_ONCE:
        return warn(f"{told}: a host keeps {most:,} connected, the others log in by turns", hint)
    return fail(told, f"{hint}, or send with --max-open {most}")


def threads(devices: int) -> Result:
    """Hold the limit of threads against the number of devices: one each while it is open."""
    needed = devices + SPARE_THREADS
    allowed = threads_allowed()
    if allowed is None or allowed >= needed:
        told = "any number" if allowed is None else f"{allowed:,}"
        return ok(f"about {needed:,} needed of {told} allowed")
    told = f"{allowed:,} threads are allowed, {devices:,} devices need about {needed:,}"
    hint = f"raise it with `ulimit -u {needed}` or TasksMax={needed} in the service"
    if allowed - SPARE_THREADS >= _ENOUGH_AT_ONCE:
        return warn(f"{told}: as many are connected as may be, the others log in by turns", hint)
    return fail(told, hint)


def disk(situation: Situation) -> Result:
    """Space where the home lies."""
    free = shutil.disk_usage(_existing(situation.root)).free
    hint = f"make room on the file system of {situation.root}"
    if free < 50 * _MEBI:
        return fail(f"{free // _MEBI:,} MiB are free", hint)
    if free < _GIBI:
        return warn(f"{free // _MEBI:,} MiB are free", hint)
    return ok(f"{free / _GIBI:,.1f} GiB are free")


def clock(situation: Situation) -> Result:
    """See that the clock is not behind this release."""
    told = datetime.fromtimestamp(situation.now, UTC)
    if situation.now < _RELEASED:
        return fail(f"the clock says {told:%Y-%m-%d %H:%M} UTC", "run `timedatectl set-ntp true`")
    return ok(f"the clock says {told:%Y-%m-%d %H:%M} UTC")


def time_zone(situation: Situation) -> Result:
    """See that the machine's zone is known: dates in campaign files are read in it."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named and not named.startswith("/"):
        try:
            ZoneInfo(named)
        except (ZoneInfoNotFoundError, ValueError):
            return warn(f"TZ={named} names no zone", "set TZ to one such as Europe/Berlin")
    local = datetime.fromtimestamp(situation.now, UTC).astimezone()
    return ok(f"dates without an offset are in {local.tzname()} (UTC{local:%z})")


def file_system(situation: Situation) -> Result:
    """See that the home lies on a file system whose locks can be trusted."""
    mounts = _MOUNTS.read_text(encoding="utf-8")
    kind = _file_system_of(_existing(situation.root).resolve(), mounts)
    if kind in _NETWORK:
        return fail(
            f"the home lies on {kind}, a network file system: its locks can't be trusted",
            "move the home to a local disk and name it with --home",
        )
    return ok(f"the home lies on {kind}")


def _file_system_of(path: Path, mounts: str) -> str:
    """Find the kind of the innermost mount; of two on one place the later one hides the other."""
    best, kind = Path("/"), "unknown"
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        mount = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), fields.split()[4]))
        if path.is_relative_to(mount) and len(mount.parts) >= len(best.parts):
            best, kind = mount, rest.split()[0]
    return kind


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
