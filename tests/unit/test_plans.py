"""How PostgreSQL goes about a turn's statements: by indexes alone, over many rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.coordinators import turn
from tests.kit.ledgers import NOW, ONE, jid_of, open_home, open_ledger, server_of
from waheal.records import Campaign
from waheal.store.ledger import Ledger

if TYPE_CHECKING:
    from waheal.store.postgres import Answer, Statement

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]

ROWS = 200_000
HALF = ROWS // 2

# What an enrolment, and then half of the campaign's turns, leave behind.
_ENROLLED = """
INSERT INTO deliveries (campaign_id, phone, row, text, lane, state, due, updated)
SELECT %(campaign)s, '+1' || (2000000000 + n), n, 'hello', CASE WHEN n %% 5 = 0 THEN 'one' END,
       CASE WHEN n <= %(half)s THEN 'sent' ELSE 'pending' END, 0, 0
  FROM generate_series(1, %(rows)s) n
"""
_SENT = """
INSERT INTO attempts (delivery_id, attempt, device, jid, boot_id, host_log, claimed, message_id,
                      witness, ended, outcome, accepted)
SELECT id, 1, 'one', 'j', 'b', 'h', 1e9 + id, 'S' || id, decode(md5(id::text), 'hex'),
       1e9, 'sent', 1
  FROM deliveries WHERE state = 'sent'
"""
_MET = """
INSERT INTO contacts (phone, lid, device, updated)
SELECT phone, id || '@lid', 'one', 0 FROM deliveries WHERE state = 'sent'
"""
_UNWANTED = """
INSERT INTO suppressions (phone, lid, since, source)
SELECT '+1' || (7000000000 + n), n || '@lid', 0, 'operator' FROM generate_series(1, 20000) n
"""
_EARLY = """
INSERT INTO early_receipts (device, message_id, kind, at)
SELECT 'one', 'E' || n, 'delivered', 0 FROM generate_series(1, 20000) n
"""

# Of tables that are small whatever the campaign's size.
_SMALL = {"campaigns", "devices", "machines", "meta", "marks"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        yield opened


def large(ledger: Ledger, *, known_to_the_planner: bool) -> Campaign:
    campaign = ledger.campaigns.open("c", "/c.csv", NOW)
    ledger.devices.add(ONE, jid_of(ONE), None, NOW)
    conn = server_of(ledger).conn
    conn.execute(_ENROLLED, {"campaign": campaign.id, "half": HALF, "rows": ROWS})
    conn.execute("ANALYZE deliveries")  # as each enrolment does
    for statement in (_SENT, _MET, _UNWANTED, _EARLY):
        conn.execute(statement)
    if known_to_the_planner:
        conn.execute("ANALYZE")
    return campaign


def plans(
    ledger: Ledger,
    campaign: Campaign,
    monkeypatch: pytest.MonkeyPatch,
    looking_on: Callable[[Campaign], object] | None = None,
) -> list[str]:
    """Explain each statement of a turn, in place and before it is done; or of a look."""
    db = server_of(ledger)
    plain, found = db.send, list[str]()

    def explained(*statements: "Statement") -> "list[Answer]":
        opening, waiting = db._opening, db.waiting
        for sql, values in [*opening, *waiting, *statements]:
            if sql.split(maxsplit=1)[0] in {"SELECT", "WITH", "UPDATE", "INSERT", "DELETE"}:
                db._opening, db.waiting = [], []
                found.append(_explain(ledger, sql, values))
        db._opening, db.waiting = opening, waiting
        return plain(*statements)

    before = turn(ledger, campaign, ONE, [], [])
    under_way = turn(ledger, campaign, ONE, [], before)
    monkeypatch.setattr(db, "send", explained)
    if looking_on:
        looking_on(campaign)
    else:
        assert turn(ledger, campaign, ONE, before, under_way)
    monkeypatch.undo()
    return found


def _explain(ledger: Ledger, sql: str, values: "Sequence[object] | object") -> str:
    conn = server_of(ledger).conn
    assert isinstance(values, list | tuple | dict)
    rows = conn.execute(f"EXPLAIN {sql}", values).fetchall()
    return "\n".join([sql, *(str(line) for (line,) in rows)])


@pytest.mark.parametrize("known", [True, False], ids=["known", "grown since"])
def test_a_turn_reads_by_indexes_and_sorts_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    campaign = large(ledger, known_to_the_planner=known)
    found = plans(ledger, campaign, monkeypatch)
    assert len(found) > 10
    for plan in found:
        scanned = set(re.findall(r"Seq Scan on (\w+)", plan)) - _SMALL
        assert not scanned, plan
        if "pg_advisory_xact_lock" not in plan:  # which sorts the names that it is given
            assert "Sort" not in plan, plan


@pytest.mark.parametrize("known", [True, False], ids=["known", "grown since"])
def test_who_looks_on_reads_by_indexes(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    campaign = large(ledger, known_to_the_planner=known)

    def look(campaign: Campaign) -> None:
        before = ledger.sightings.before(NOW)
        under_way = ledger.sightings.under_way(campaign.id)
        assert ledger.sightings.of(campaign.id, under_way)
        ledger.sightings.after(before - 10)

    found = plans(ledger, campaign, monkeypatch, look)
    assert len(found) == 4
    for plan in found:
        assert not set(re.findall(r"Seq Scan on (\w+)", plan)) - _SMALL, plan
