"""A campaign of a million recipients, over: its report, its page, its export."""

import csv
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from tests.bench.figures import Baseline, Figure, at_most
from tests.bench.measure import run, waheal
from tests.kit.numbers import unassigned
from waheal.model import Content, Phone, Planned
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.sqlite import connect

_ROWS = 1_000_000
_BEGAN = 1_790_000_000.0
_DEVICES = 300

# What a run leaves, in one go each: of a hundred, 3 fail, 1 is uncertain, 30 are sent, 31
# delivered, 35 read; 4 of those reply, and 1 of them opts out.
_ATTEMPTS = """
INSERT INTO attempts (delivery_id, attempt, device, jid, boot_id, host_log, claimed, ended,
                      message_id, outcome, delivered, read, accepted)
SELECT id, 1, 'shop-' || (row % :devices), '1:1@s.whatsapp.net', 'boot', 'host.log',
       :began + row * 0.2, :began + row * 0.2 + 1, '3EB0' || hex(row),
       CASE WHEN row % 100 < 3 THEN 'failed' WHEN row % 100 = 3 THEN 'uncertain' ELSE 'sent' END,
       CASE WHEN row % 100 >= 34 THEN :began + row * 0.2 + 3 + row % 977 END,
       CASE WHEN row % 100 >= 65 THEN :began + row * 0.2 + 60 + row % 86399 END, row % 100 > 3
  FROM deliveries
"""
_STATES = """
UPDATE deliveries SET attempt = 1, updated = :began + row * 0.2 + 1,
       reason = CASE WHEN row % 100 < 3 THEN 'reason ' || (row % 7)
                     WHEN row % 100 = 3 THEN 'its host died' END,
       state = CASE WHEN row % 100 < 3 THEN 'failed' WHEN row % 100 = 3 THEN 'uncertain'
                    WHEN row % 100 < 34 THEN 'sent' WHEN row % 100 < 65 THEN 'delivered'
                    ELSE 'read' END
"""
_REPLIES = """
INSERT INTO replies (campaign_id, delivery_id, device, kind, at, message_id)
SELECT campaign_id, id, 'shop-1', 'text', :began + row * 0.2 + 600, 'R' || row
  FROM deliveries WHERE row % 100 > 95
"""
_OPT_OUTS = """
INSERT INTO suppressions (phone, since, source)
SELECT phone, :began + row * 0.2 + 601, 'reply' FROM deliveries WHERE row % 100 = 99
"""

_READ = """
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT d.row, d.phone, d.state, a.ended, a.delivered, a.read FROM deliveries d"
    " LEFT JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt ORDER BY d.row")
print(sum(1 for _ in rows))
"""
_COPY = """
import csv, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT d.*, a.* FROM deliveries d"
    " LEFT JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt ORDER BY d.row")
with open(sys.argv[2], "w", newline="") as file:
    csv.writer(file).writerows(rows)
"""


def reporting(place: Path, scale: float) -> Iterator[Figure]:
    """`report`, its page and `export` of a million recipients; against plain reads of the same."""
    count = max(1000, round(_ROWS * scale))
    file, home = place / "million.csv", Home.open(place / "home", create=True)
    # By a process of its own: a child's peak begins with its parent's, and to fill it takes much.
    filling = get_context("spawn").Process(target=_fill, args=(home, file, count))
    filling.start()
    filling.join()
    words = "million", "--home", str(home.root)
    yield Figure("recipients in the ledger", count, "")
    plain = run([sys.executable, "-c", _READ, str(home.ledger_path)])
    read = Baseline("a plain read of the same rows", plain.seconds)
    copied = run([sys.executable, "-c", _COPY, str(home.ledger_path), str(place / "plain.csv")])
    copy = Baseline("a plain copy into a CSV file", copied.seconds)
    page, table = place / "page.html", place / "table.csv"
    for name, more in (
        ("report", ()),
        ("report --html", ("--html", str(page))),
        ("report --by", ("--by", "variant")),
    ):
        spent = waheal("report", *words, *more)
        yield Figure(name, spent.seconds, "s", read, at_most(20), spent.processor)
        yield Figure(f"{name}, peak", spent.peak, "MB")
    yield Figure("the page", page.stat().st_size / 1e6, "MB", None, at_most(3))
    for name, more in (("export", ()), ("export --format json", ("--format", "json"))):
        spent = waheal("export", *words, "--output", str(table), *more)
        yield Figure(name, spent.seconds, "s", copy, at_most(60), spent.processor)
        yield Figure(f"{name}, peak", spent.peak, "MB", None, at_most(200))
    few = waheal("export", *words, "--output", str(table), "--state", "failed,uncertain")
    yield Figure("export --state failed,uncertain", few.seconds, "s", copy, None, few.processor)


def _fill(home: Home, file: Path, count: int) -> None:
    """Make a campaign's file, and the ledger that a run of it leaves."""
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["phone", "variant"])
        rows.writerows((phone, "ABC"[at % 3]) for at, phone in enumerate(_phones(count)))
    with Ledger.open(home) as ledger:
        campaign = ledger.campaigns.open("million", str(file), _BEGAN)
        text = Content("Hello, your parcel is ready. Reply STOP to opt out.")
        planned = (Planned(row, phone, text) for row, phone in enumerate(_phones(count), start=2))
        ledger.enrolment.enroll(campaign.id, planned, now=_BEGAN, digest="d")
    with closing(connect(home.ledger_path, readonly=False)) as conn:
        conn.execute("BEGIN")
        for statement in (_ATTEMPTS, _STATES, _REPLIES, _OPT_OUTS):
            conn.execute(statement, {"began": _BEGAN, "devices": _DEVICES})
        conn.execute("COMMIT")


def _phones(count: int) -> Iterator[Phone]:
    return islice(unassigned(), count)
