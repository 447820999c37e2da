"""`waheal cluster init` and who may do what then; doctor's look at a shared ledger."""

import pytest

from tests.kit.machines import Machines
from tests.kit.postgres import Server

pytestmark = pytest.mark.cluster


def users(url: str, name: str) -> str:
    return url.replace("postgresql://waheal@", f"postgresql://{name}@")


@pytest.fixture
def made(alone: Machines) -> Machines:
    done = alone.run("paris", "cluster", "init", "--json")
    assert done.code == 0, done.err
    assert done.document["roles"] == ["waheal", "waheal_read"]
    return alone


def test_it_is_made_once_and_its_users_with_it(made: Machines, url: str) -> None:
    again = made.run("paris", "cluster", "init", "--json").document
    assert (again["new"], again["to_run"]) == (False, [])
    reader = users(url, "waheal_read")
    assert made.run("paris", "status", "--ledger", reader).code == 0
    refused = made.run("paris", "suppress", "add", "+12025550199", "--ledger", reader)
    assert (refused.code, "is read-only for this user" in refused.err) == (12, True)


def test_who_may_make_no_users_is_told_what_is_to_be_run(alone: Machines, server: Server) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    with psycopg.connect(server.url, autocommit=True) as conn:
        conn.execute("CREATE ROLE owner LOGIN")
        conn.execute("CREATE DATABASE theirs OWNER owner")
    theirs = users(server.url, "owner").replace("/postgres?", "/theirs?")
    done = alone.run("paris", "cluster", "init", "--ledger", theirs)
    assert done.code == 0, done.err
    assert "GRANT USAGE ON SCHEMA public TO waheal, waheal_read;" in done.out.splitlines()


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_a_server_that_loses_commits_is_refused(alone: Machines, url: str, setting: str) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"ALTER ROLE waheal IN DATABASE {conn.info.dbname} SET {setting} = off")
    refused = alone.run("paris", "cluster", "init")
    assert (refused.code, f"{setting} = off" in refused.err) == (12, True)


def test_an_older_ledger_is_brought_up_by_init_alone(made: Machines, url: str) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP FUNCTION looked_over, tallied CASCADE")
        conn.execute("DROP TABLE tallies")
        conn.execute("DROP INDEX deliveries_polls")
        conn.execute("DROP TABLE schedules")
        conn.execute("UPDATE meta SET value = '12' WHERE key = 'schema'")
    refused = made.run("paris", "status")
    assert (refused.code, "`waheal cluster init`" in refused.err) == (12, True)
    assert made.run("paris", "cluster", "init").code == 0
    assert made.run("paris", "status").code == 0


def test_a_home_brings_its_devices_and_opt_outs_and_is_used_with_that_ledger_only(
    made: Machines,
) -> None:
    nowhere = {"WAHEAL_LEDGER": ""}
    assert made.run("paris", "suppress", "add", "+12025550199", env=nowhere).code == 0
    joined = made.run("paris", "cluster", "join", "--name", "paris", "--json").document
    assert (joined["machine"], joined["opt_outs"]) == ("paris", 1)
    assert "+12025550199" in made.run("paris", "suppress", "list").out
    refused = made.run("paris", "status", env=nowhere)
    assert (refused.code, "has joined a ledger" in refused.err) == (2, True)


def test_doctor_looks_at_a_shared_ledger_and_at_no_other(made: Machines) -> None:
    made.run("paris", "cluster", "join", "--name", "paris")
    checks = made.run("paris", "doctor", "--json").document["checks"]
    assert isinstance(checks, list)
    found = {each["id"]: each["status"] for each in checks if each["id"].startswith("cluster.")}
    assert found == dict.fromkeys(
        [
            "cluster.reach", "cluster.schema", "cluster.durability", "cluster.standby",
            "cluster.restored", "cluster.clock", "cluster.machines", "cluster.connections",
            "cluster.vacuum", "cluster.key",
        ],
        "ok",
    )  # fmt: skip
    (made.home("paris") / "home.key").write_bytes(bytes(32))
    checks = made.run("paris", "doctor", "--json").document["checks"]
    assert isinstance(checks, list)
    assert [each["id"] for each in checks if each["status"] == "fail"] == ["cluster.key"]


def test_a_machine_that_is_gone_is_given_up(made: Machines) -> None:
    made.run("paris", "cluster", "join", "--name", "paris")
    gone = made.run("paris", "cluster", "retire", "paris")
    assert (gone.code, "paris is given up" in gone.err) == (0, True), gone.err
    left = made.run("paris", "cluster", "--json").document["machines"]
    assert isinstance(left, list)
    assert [(each["machine"], each["retired"]) for each in left] == [("paris", True)]
    unknown = made.run("paris", "cluster", "retire", "paris")
    assert (unknown.code, "no machine is called 'paris'" in unknown.err) == (2, True)
