"""A large campaign with twenty coordinators on a shared ledger: what each look reads of it."""

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench.size import enrolled, held, worked
from tests.kit.coordinators import GROUP
from tests.kit.ledgers import open_shared, server_of
from tests.kit.postgres import Server, place
from waheal.model import DeviceId, State
from waheal.store import work
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = [pytest.mark.cluster, pytest.mark.soak]

ROWS, LEAVE, COORDINATORS = 200_000, 40_000, 20
PAGES_A_ROW = 12
"""That a look reads for each that it finds: some of indexes, its own, and its lock."""


def test_twenty_coordinators_lose_no_claim_and_a_look_reads_no_more_than_it_finds(
    tmp_path: Path,
) -> None:
    home = Home.open(tmp_path / "home", create=True)
    with tempfile.TemporaryDirectory(prefix="waheal-pg-") as folder:
        server = Server(Path(folder))
        try:
            at = place(server.url, home.root)
            server.do("ALTER SYSTEM SET autovacuum = off")  # the worst that may be
            server.do("SELECT pg_reload_conf()")
            with open_shared(home, at) as ledger:
                _tried(home, at, ledger)
        finally:
            server.stop()


def _tried(home: Home, at: str, ledger: Ledger) -> None:
    list(enrolled(home, at, ledger, ROWS))
    _, lost = worked(home, at, COORDINATORS, LEAVE)
    assert lost.value == 0.0
    campaign = ledger.campaigns.find("c")
    assert campaign is not None
    db = server_of(ledger)
    counts = ledger.campaigns.tally(campaign.id).counts
    assert counts[State.PENDING] <= ROWS - LEAVE
    assert sum(counts.values()) == ROWS
    ((twice,),) = db.all("SELECT COUNT(*) FROM attempts WHERE attempt > 1")
    assert twice == 0
    with ExitStack() as others:
        for number in range(COORDINATORS - 1):
            others.enter_context(held(home, at, campaign, DeviceId(f"d{number}")))
        with ledger.turn():
            ledger.work.due(campaign.id, None, 0.0, GROUP)  # from the beginning: once in a while
            begins, whole = ledger.work._heads.of(campaign.id, 0.0)
            assert not whole
            given = {"campaign": campaign.id, "now": 0.0, "most": GROUP, **begins}
            assert _pages(ledger, work._ANYONES[0], given) < PAGES_A_ROW * GROUP
    assert _pages(ledger, "SELECT SUM(count) FROM tallies WHERE campaign_id = :campaign", {
        "campaign": campaign.id
    }) < 2_000  # fmt: skip


def _pages(ledger: Ledger, sql: str, values: Mapping[str, object]) -> int:
    from waheal.store.postgres_sql import spelt  # noqa: PLC0415 - of an extra

    asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {spelt(sql)}"
    ((told,),) = server_of(ledger).conn.execute(asked, values).fetchall()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])
