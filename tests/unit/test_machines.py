"""Machines of one ledger: who they are, who may write for each, and who is told apart."""

import shutil
from pathlib import Path

import pytest

from tests.kit.cluster import Cluster, silence
from tests.kit.ledgers import open_home, server_of
from waheal.errors import FencedOffError, HomeBusyError, HomeUnusableError, UsageError
from waheal.model import ExitCode
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.cluster


def names(ledger: Ledger) -> list[str]:
    return [each.name for each in ledger.machines.listed() if each.retired is None]


def test_each_home_is_a_machine_of_its_own(cluster: Cluster) -> None:
    a, b = cluster.join("paris"), cluster.join("lyon")
    assert (a.machines.mine, b.machines.mine) == (1, 2)
    assert names(a) == ["paris", "lyon"]
    assert a.machines.listed()[1].host.endswith(f":{cluster.folder / 'lyon'}")
    again = cluster.open(cluster.home("paris"))
    assert again.machines.mine == 1
    assert again.machines.join("nice").name == "nice"
    assert names(b) == ["nice", "lyon"]


def test_a_home_that_only_looks_gets_no_id_and_is_no_machine(cluster: Cluster) -> None:
    home = cluster.home("laptop")
    ledger = cluster.open(home)
    assert ledger.machines.mine == 0
    assert not home.id_path.exists()
    with pytest.raises(UsageError, match="is no machine of") as caught:
        ledger.machines.take_epoch()
    assert "let it join first" in str(caught.value.hint)


def test_two_homes_of_one_name_are_told_with_a_way_out(cluster: Cluster) -> None:
    cluster.join("paris")
    with pytest.raises(UsageError, match="/paris has joined as paris already") as caught:
        cluster.open(cluster.home("other"), "paris")
    assert "give that machine up" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["", "two words", "a,b"])
def test_a_name_is_one_word(cluster: Cluster, name: str) -> None:
    with pytest.raises(UsageError, match="can't be a machine's name"):
        cluster.open(cluster.home("x"), name)


def test_a_name_is_free_once_its_machine_was_given_up(cluster: Cluster) -> None:
    a, b = cluster.join("paris"), cluster.join("lyon")
    assert b.machines.retire("paris").machine.name == "paris"
    assert cluster.open(cluster.home("other"), "paris").machines.mine == 3
    with pytest.raises(UsageError, match="has joined as paris already"):
        a.machines.join("paris")
    assert a.machines.join("nice").id == 1
    with pytest.raises(UsageError, match="no machine is called 'rome'"):
        b.machines.retire("rome")


def test_whoever_has_another_key_does_not_join(cluster: Cluster) -> None:
    cluster.join("paris")
    home = open_home(cluster.folder)
    with pytest.raises(UsageError, match="is not the key of the machines") as caught:
        cluster.open(home, "lyon")
    told = str(caught.value.hint)
    assert f"{cluster.folder}/paris/home.key {home.key_path}" in told
    shutil.copy(cluster.folder / "first.key", home.key_path)
    assert cluster.open(home, "lyon").machines.mine == 2


def test_the_ledger_holds_no_key(cluster: Cluster) -> None:
    ledger = cluster.join("paris")
    key = cluster.home("paris").key()
    held = [str(row[0]) for row in server_of(ledger).all("SELECT value FROM meta")]
    assert key.hex() not in " ".join(held)


def test_whose_key_was_lost_takes_no_epoch(cluster: Cluster) -> None:
    cluster.join("paris")
    ledger = cluster.join("lyon")
    ledger.machines.take_epoch()
    (cluster.folder / "lyon" / "home.key").unlink()
    with pytest.raises(HomeUnusableError, match="is not the key of") as caught:
        ledger.machines.take_epoch()
    assert "/paris/home.key" in str(caught.value.hint)


def test_a_copy_of_a_home_that_is_at_work_is_told_where(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = cluster.join("paris")
    ledger.machines.take_epoch()
    shutil.copytree(cluster.folder / "paris", cluster.folder / "copy")
    copy = cluster.open(Home.open(cluster.folder / "copy", create=False))
    with monkeypatch.context() as impatient:
        impatient.setattr("waheal.store.postgres_holds.HANDOVER_S", 0.001)
        with pytest.raises(HomeBusyError, match="the machine paris is at work already") as caught:
            copy.machines.take_epoch()
    assert caught.value.exit_code is ExitCode.HOME_BUSY
    assert f"{cluster.folder}/paris" in caught.value.message
    ledger.marks.set("which", 1)
    ledger.close()
    copy.machines.take_epoch()
    assert copy.machines.listed()[0].epoch == 2


def test_whoever_was_taken_over_writes_nothing_more(cluster: Cluster) -> None:
    first = cluster.join("paris")
    first.machines.take_epoch()
    first.marks.set("which", 1)
    db = server_of(first)
    db.all("SELECT pg_advisory_unlock_all()")  # as a failover would: locks are not replicated
    second = cluster.open(cluster.home("paris"))
    second.machines.take_epoch()
    with pytest.raises(FencedOffError, match="another run") as caught:
        first.marks.set("which", 2)
    assert caught.value.exit_code is ExitCode.HOME_BUSY
    with pytest.raises(FencedOffError), first.transaction():
        pass
    assert first.marks.get("which") == 1
    second.marks.set("which", 3)


def test_whoever_takes_over_waits_for_what_is_being_written(cluster: Cluster) -> None:
    first = cluster.join("paris")
    first.machines.take_epoch()
    server_of(first).all("SELECT pg_advisory_unlock_all()")
    second = cluster.open(cluster.home("paris"))
    with first.transaction():
        with second._db.lock:
            server_of(second).conn.execute("SET lock_timeout = 1")
        with pytest.raises(HomeUnusableError, match="is locked by another program"):
            second.machines.take_epoch()
        first.marks.set("which", 1)
    assert second.marks.get("which") == 1


def test_a_machine_that_was_given_up_writes_nothing_more(cluster: Cluster) -> None:
    a, b = cluster.join("paris"), cluster.join("lyon")
    a.machines.take_epoch()
    silence(a)
    b.machines.retire("paris")
    with pytest.raises(FencedOffError):
        a.machines.beat()
    again = cluster.open(cluster.home("paris"))
    with pytest.raises(UsageError, match="is no machine of"):
        again.machines.take_epoch()


def test_a_beat_is_told_by_the_ledgers_clock(cluster: Cluster) -> None:
    ledger = cluster.join("paris")
    assert ledger.machines.listed()[0].seen is None
    ledger.machines.take_epoch()
    (taken,) = ledger.machines.listed()
    ledger.machines.beat()
    (beaten,) = ledger.machines.listed()
    assert taken.seen is not None
    assert beaten.seen is not None
    assert taken.seen < beaten.seen <= server_of(ledger).holds.clock()


def test_a_beat_waits_for_no_turn_and_is_no_news(cluster: Cluster) -> None:
    a, b = cluster.join("paris"), cluster.join("lyon")
    b.changed()
    with b.turn():
        assert b.marks.get("which") == 0
        a.machines.beat()
    assert b.marks.get("which") == 0  # any answer brings what came meanwhile
    assert b.changed() == frozenset()


def test_a_ledger_in_a_file_is_its_homes_alone(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home) as ledger:
        ledger.machines.take_epoch()
        ledger.machines.beat()
        assert ledger.machines.mine == 1
        assert ledger.machines.listed() == []
        with pytest.raises(UsageError, match="no other machine can join"):
            ledger.machines.join("paris")
    assert not home.id_path.exists()


@pytest.mark.parametrize("by_a_copy", [False, True])
def test_who_lost_the_link_goes_on_unless_another_was_at_work_meanwhile(
    cluster: Cluster, by_a_copy: bool
) -> None:
    """A copy has used the devices' sessions: those here are of the past."""
    ledger = cluster.join("paris")
    ledger.machines.take_epoch()
    server_of(ledger).conn.close()
    if by_a_copy:
        shutil.copytree(cluster.folder / "paris", cluster.folder / "copy")
        with cluster.once(Home.open(cluster.folder / "copy", create=False)) as copy:
            copy.machines.take_epoch()
        with pytest.raises(FencedOffError):
            ledger.relink()
        with pytest.raises(FencedOffError):
            ledger.marks.set("which", 1)
    else:
        ledger.relink()
        ledger.marks.set("which", 1)
