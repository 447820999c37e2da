"""A campaign's run on a ledger that machines share, in a process of its own.

`python -m tests.kit.machine_run HOME LEDGER TRUST CAMPAIGN CALL_TIMEOUT` tells each event's kind as
a line of JSON, and ends with what a command would end with.
"""

import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.errors import WahealError
from waheal.events import RunFinished
from waheal.model import ExitCode, Trust
from waheal.policy.optout import Words
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.wire import HostSettings


def run(root: Path, at: str, trust: Path, campaign: str, call_timeout: float) -> ExitCode:
    home = Home.open(root, create=False)
    host = HostSettings(Trust(**json.loads(trust.read_text())), call_timeout=call_timeout)
    settings = RunSettings(campaign, host=host, max_wait=60.0, drain_window=1.0)
    code = ExitCode.OK
    with HomeLock.acquire(home, what="a test's run") as lock, Ledger.open(home, at=at) as ledger:
        made = Run(home, lock, ledger, settings, words=Words(), zone=ZoneInfo("UTC"))
        for event in made.events():
            sys.stdout.write(json.dumps({"event": type(event).__name__}) + "\n")
            sys.stdout.flush()
            if isinstance(event, RunFinished):
                code = event.exit_code
    return code


if __name__ == "__main__":
    folder, place, trusted, name, seconds = sys.argv[1:]
    try:
        sys.exit(run(Path(folder), place, Path(trusted), name, float(seconds)))
    except WahealError as error:
        sys.stderr.write(f"{error.message}\nhint: {error.hint}\n")
        sys.exit(error.exit_code)
