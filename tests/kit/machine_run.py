"""A campaign's run on a ledger that machines share, in a process of its own.

`python -m tests.kit.machine_run HOME LEDGER TRUST CAMPAIGN CALL_TIMEOUT MAX_WAIT [LIMIT]` tells
each event's kind as a line of JSON, and ends with what a command would end with.
"""

import json
import sys
from collections.abc import Sequence
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


def run(words: Sequence[str]) -> ExitCode:
    root, at, trust, campaign, call_timeout, max_wait, *limit = words
    home = Home.open(Path(root), create=False)
    trusted = Trust(**json.loads(Path(trust).read_text()))
    host = HostSettings(trusted, call_timeout=float(call_timeout))
    settings = RunSettings(
        campaign, host=host, max_wait=float(max_wait), drain_window=1.0,
        limit=int(limit[0]) if limit else None,
    )  # fmt: skip
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
    try:
        sys.exit(run(sys.argv[1:]))
    except WahealError as error:
        sys.stderr.write(f"{error.message}\nhint: {error.hint}\n")
        sys.exit(error.exit_code)
