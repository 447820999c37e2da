"""Turns in PostgreSQL, beside each other and by themselves: locks, ways to the server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path

import pytest

from tests.kit.coordinators import GROUP, turn
from tests.kit.ledgers import NOW, ONE, jid_of, row, server_of
from tests.kit.numbers import unassigned
from waheal.records import Campaign
from waheal.store.ledger import Ledger

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]

MOST_WAYS = 6


def begin(ledger: Ledger, count: int) -> Campaign:
    campaign = ledger.campaigns.open("c", "/c.csv", NOW)
    rows = [row(number, phone) for number, phone in enumerate(islice(unassigned(), count), 2)]
    ledger.enrolment.enroll(campaign.id, rows, now=NOW, digest=None)
    ledger.devices.add(ONE, jid_of(ONE), None, NOW)
    return campaign


class Ways:
    """How often the client has waited for the server, as libpq traced it."""

    count = 0


@contextmanager
def counted(ledger: Ledger, trace: Path) -> Iterator[Ways]:
    """Count what ends with the server's word being awaited: a query, a sync, a flush alone."""
    found = Ways()
    conn = server_of(ledger).conn.pgconn
    with trace.open("wb") as file:
        os.set_blocking(file.fileno(), True)
        conn.trace(file.fileno())
        try:
            yield found
        finally:
            conn.untrace()
    lines = [line.split("\t") for line in trace.read_text(errors="replace").splitlines()]
    said = [words[3] for words in lines if words[1:2] == ["F"]]
    found.count = sum(
        word in {"Query", "Sync"} or (word == "Flush" and before != "Sync")
        for before, word in pairwise(said)
    )


def test_a_turn_of_claims_endings_and_receipts_is_few_ways_to_the_server(
    ledger: Ledger, tmp_path: Path
) -> None:
    campaign = begin(ledger, 12 * GROUP)
    before, claims = turn(ledger, campaign, ONE, [], []), turn(ledger, campaign, ONE, [], [])
    ways = []
    for _ in range(8):  # some are prepared by the server meanwhile
        with counted(ledger, tmp_path / "trace") as found:
            after = turn(ledger, campaign, ONE, before, claims)
        assert len(after) == GROUP
        before, claims = claims, after
        ways.append(found.count)
    assert max(ways) <= MOST_WAYS, ways
    assert min(ways) > 1, "they were not counted"
