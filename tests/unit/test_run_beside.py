"""A run whose recipients another machine's turn has just locked, in PostgreSQL."""

import pytest

from tests.kit.ledgers import server_of
from tests.kit.stage import ONE, Stage, phone
from waheal.model import State

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]


@pytest.fixture
def made(in_postgres: None, made: Stage) -> Stage:  # noqa: ARG001 - it says where the ledger lies
    made.add(ONE)
    return made


def test_it_does_not_take_what_others_look_at_for_gone(made: Stage) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    made.people(3)
    with psycopg.connect(server_of(made.ledger).url) as other:
        other.execute("SELECT 1 FROM deliveries FOR UPDATE")
        made.time.after(2.0, other.rollback)
        end = made.finish()
    assert end.stop is None
    assert made.states() == dict.fromkeys(map(phone, range(3)), State.SENT)
