"""Counts by state of a shared ledger: what each statement has moved, added up."""

import threading
from collections import Counter
from contextlib import suppress
from itertools import islice

import pytest

from tests.kit.coordinators import turns
from tests.kit.ledgers import ANNA, BERT, NOW, open_ledger, row, server_of, start
from tests.kit.numbers import unassigned
from waheal.model import DeviceId, State
from waheal.records import Campaign
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]

MANY = 1_000
COORDINATORS = 3
FEW_ROWS = 200
"""Of counts, whatever was moved: those of 64 statements or so, and what others have in hand."""


def counted(ledger: Ledger, campaign: Campaign) -> dict[State, int]:
    rows = server_of(ledger).all(
        "SELECT state, COUNT(*) FROM deliveries WHERE campaign_id = ? GROUP BY state",
        (campaign.id,),
    )
    return {State(str(state)): int(count or 0) for state, count in rows}


def kept(ledger: Ledger) -> int:
    ((rows,),) = server_of(ledger).all("SELECT COUNT(*) FROM tallies")
    return int(rows or 0)


def test_it_is_what_the_rows_say_in_the_midst_of_several_coordinators_turns(
    ledger: Ledger, home: Home
) -> None:
    rows = [row(number, phone) for number, phone in enumerate(islice(unassigned(), MANY), 2)]
    campaign = start(ledger, *rows)
    for number in range(COORDINATORS):
        ledger.devices.add(DeviceId(f"d{number}"), f"{number}:1@s.whatsapp.net", None, NOW)

    def coordinate(number: int) -> None:
        with open_ledger(home) as own:
            for _ in turns(own, campaign, DeviceId(f"d{number}"), group=4):
                pass

    threads = [
        threading.Thread(target=coordinate, args=(number,)) for number in range(COORDINATORS)
    ]
    for thread in threads:
        thread.start()
    looks = Counter[bool]()
    while any(thread.is_alive() for thread in threads):
        with ledger.transaction():  # whoever is alone has both of one moment
            looks[ledger.campaigns.tally(campaign.id).counts == counted(ledger, campaign)] += 1
    assert set(looks) == {True}
    assert ledger.campaigns.tally(campaign.id).counts == {State.DELIVERED: MANY}
    assert kept(ledger) < FEW_ROWS


def test_what_is_taken_back_is_not_counted(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    with suppress(LookupError), ledger.transaction():
        ledger.people.suppress_pending([ANNA], NOW)
        assert ledger.campaigns.tally(campaign.id)[State.SUPPRESSED] == 1
        raise LookupError
    assert ledger.campaigns.tally(campaign.id).counts == {State.PENDING: 2}


def test_what_somebody_else_writes_is_counted_without_rights_to_the_counts(
    ledger: Ledger,
) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    conn = server_of(ledger).conn
    ((schema,),) = conn.execute("SELECT quote_ident(current_schema())").fetchall()
    role = f"plain_{abs(hash(schema))}"
    conn.execute(f"CREATE ROLE {role}")
    try:
        conn.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        conn.execute(f"GRANT SELECT, UPDATE, DELETE ON deliveries TO {role}")
        conn.execute(f"SET ROLE {role}")
        conn.execute("SET search_path = pg_catalog")
        conn.execute(f"UPDATE {schema}.deliveries SET state = 'failed' WHERE row = 2")  # noqa: S608
        conn.execute(f"DELETE FROM {schema}.deliveries WHERE row = 3")  # noqa: S608
        conn.execute("RESET ROLE")
        conn.execute(f"SET search_path = {schema}")
        assert ledger.campaigns.tally(campaign.id).counts == {State.FAILED: 1}
    finally:
        conn.execute("RESET ROLE")
        conn.execute(f"DROP OWNED BY {role}")
        conn.execute(f"DROP ROLE {role}")
