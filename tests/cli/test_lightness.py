"""What a command's `--help` may load: scripts and completion ask often, and wait for all of it."""

import json
import subprocess
import sys

import pytest

FETCHING = {"http.client", "ssl", "html.parser"}
LIBRARY = {"neonize", "google.protobuf"}
MIGRATIONS = {"sqlite_utils"}
FILES = {"jinja2", "phonenumbers", "python_calamine", "openpyxl"}
SENDING = {"waheal.engine.run", "waheal.engine.collect", "multiprocessing.connection"}
LEDGER = {"waheal.store.ledger"}
PAGES = {"leather", "waheal.views.html"}

_SCRIPT = """
import contextlib, io, json, sys
from waheal.cli.__main__ import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        ("", FETCHING | LIBRARY | MIGRATIONS | FILES | SENDING | LEDGER | PAGES),
        ("status", FETCHING | LIBRARY | MIGRATIONS | FILES | SENDING | PAGES),
        ("devices list", FETCHING | LIBRARY | MIGRATIONS | FILES | SENDING | PAGES),
        ("stop", FETCHING | LIBRARY | MIGRATIONS | SENDING | PAGES),
        ("replies", FETCHING | LIBRARY | MIGRATIONS | SENDING | PAGES),
        ("sync", FETCHING | LIBRARY | MIGRATIONS | FILES | PAGES),
        ("check", FETCHING | LIBRARY | MIGRATIONS | SENDING | PAGES),
        ("report", FETCHING | LIBRARY | MIGRATIONS | SENDING | PAGES),
        ("send", FETCHING | LIBRARY | MIGRATIONS | PAGES),
    ],
)
def test_help_loads_nothing_that_it_does_not_need(words: str, heavy: set[str]) -> None:
    asked = [sys.executable, "-c", _SCRIPT, *words.split(), "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert heavy & set(json.loads(done.stdout)) == set()
