"""`waheal stop`: ask the run that holds the home to drain and end; knows nothing of the run."""

import os
import signal
from pathlib import Path

from waheal.cli import options as o
from waheal.cli.console import say, write_json
from waheal.cli.scene import scene
from waheal.errors import HomeBusyError
from waheal.model import ExitCode
from waheal.store.lock import HomeLock


def stop(
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Ask the run that holds the home to finish what is in flight, and end.

    Run it again to go on. Nothing happens when no run holds the home.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    holder = HomeLock.holder(here.home())
    asked = holder is not None and holder.alive and _ask(holder.pid, holder.what)
    if here.json:
        write_json({"stopping": asked, "pid": holder.pid if asked and holder is not None else None})
    elif not here.quiet:
        say(
            f"asked {holder.what} (pid {holder.pid}) to end"
            if asked and holder is not None
            else "no run holds the home"
        )
    return ExitCode.OK


def _ask(pid: int, what: str) -> bool:
    # A pid may have been given away since the file was written: the descriptor pins the process
    # while its command is looked at, so that no stranger is signalled.
    try:
        pinned = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if b"waheal" not in _command(pid):
            raise HomeBusyError(
                f"{what} (pid {pid}) holds the home, but that process is not waheal's",
                hint=f"look at it with `ps -fp {pid}`",
            )
        signal.pidfd_send_signal(pinned, signal.SIGTERM)
    except ProcessLookupError:
        return False
    finally:
        os.close(pinned)
    return True


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
