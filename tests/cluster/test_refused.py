"""A server that answers and does not let write, or lets nobody in: 12, and nothing is sent."""

import pytest

from tests.kit.machines import Machines, campaign
from tests.kit.postgres import Server
from waheal.model import ExitCode

pytestmark = [pytest.mark.cluster, pytest.mark.soak, pytest.mark.real]

ALL = 6

# What the server says where a table can't grow; to fill a disk, one has to own it.
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON attempts EXECUTE FUNCTION full_disk()
"""

REFUSALS = {
    "read-only, as a standby": (
        "ALTER DATABASE postgres SET default_transaction_read_only = on",
        "BEGIN READ WRITE; ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT",
        "is read-only for this user",
        "name the primary server",
    ),
    "full": (FULL, "DROP FUNCTION full_disk CASCADE", "disk is full", "free some space"),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_nothing_is_sent_and_nothing_is_lost(
    machines_apart: Machines, server: Server, why: str
) -> None:
    machines = machines_apart
    refuse, mend, told, way_out = REFUSALS[why]
    news = campaign(machines.folder, "news", ALL)
    server.do(refuse)
    refused = machines.run("paris", "send", news)
    assert refused.code == ExitCode.HOME_UNUSABLE, refused.err
    assert told in refused.err
    assert way_out in refused.err.partition("hint: ")[2], refused.err
    assert machines.arrived(ALL) == [0] * ALL
    server.do(mend)
    sent = machines.run("paris", "send", news)
    assert sent.code == 0, sent.err
    assert machines.arrived(ALL) == [1] * ALL


def test_who_is_not_let_in_is_told_where_passwords_come_from(
    machines_apart: Machines, server: Server
) -> None:
    machines = machines_apart
    news = campaign(machines.folder, "news", ALL)
    server.do("CREATE ROLE other LOGIN PASSWORD 'right' SUPERUSER")
    server.ask_for_passwords("other")
    url = machines.url.replace("//waheal@", "//other:not-this-one@")
    refused = machines.run("paris", "send", news, env={"WAHEAL_LEDGER": url})
    assert refused.code == ExitCode.HOME_UNUSABLE, refused.err
    assert "password authentication failed" in refused.err
    assert "~/.pgpass" in refused.err.partition("hint: ")[2]
    assert "not-this-one" not in refused.err
    assert machines.arrived(ALL) == [0] * ALL
