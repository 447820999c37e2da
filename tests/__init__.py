"""The tests. Whatever process they start runs this checkout, not a waheal that is installed."""

import os
import signal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Hosts are started with -P: they look for waheal here before they look where it is installed.
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
)

# Where the tests are left running by nohup they ignore a hang-up, and so would whatever they start.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
