"""The way to a ledger in PostgreSQL: lost in any way it is told as one thing, and made again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.kit import postgres
from tests.kit.ledgers import ANNA, BERT, CARL, claim_all, open_home, row, server_of, start
from tests.kit.proxy import Mood, Proxy
from waheal.errors import HomeBusyError, HomeUnusableError, LedgerLostError
from waheal.model import ExitCode
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.cluster

HURRY = 1.5
"""Seconds for an answer: a busy server's comes in that time, and a swallowed one never."""


@pytest.fixture
def direct(home: Home, postgres_url: str) -> Iterator[Ledger]:
    """Give the ledger by a way that nothing befalls."""
    with Ledger.open(home, at=postgres.place(postgres_url, home.root)) as opened:
        yield opened


@pytest.fixture
def proxy(home: Home, postgres_url: str) -> Iterator[Proxy]:
    with Proxy(postgres.place(postgres_url, home.root)) as made:
        yield made


@pytest.fixture
def ledger(home: Home, proxy: Proxy, direct: Ledger) -> Iterator[Ledger]:
    """Give it through the proxy."""
    assert direct.marks.get("which") == 0
    with Ledger.open(home, at=proxy.url) as opened:
        yield opened


def lost(ledger: Ledger) -> LedgerLostError:
    """Write something, and give the error."""
    with pytest.raises(LedgerLostError, match="can't be reached") as told:
        ledger.marks.set("which", 1)
    assert told.value.exit_code is ExitCode.HOME_UNUSABLE
    return told.value


def test_a_cut_is_told_and_the_next_connection_goes_on(ledger: Ledger, proxy: Proxy) -> None:
    assert proxy.cut() == 1
    lost(ledger)
    lost(ledger)  # nothing is tried behind anybody's back
    ledger.relink()
    ledger.marks.set("which", 2)
    assert ledger.marks.get("which") == 2


def test_a_cut_within_a_transaction_takes_all_of_it_back(
    ledger: Ledger, direct: Ledger, proxy: Proxy
) -> None:
    def write() -> None:
        with ledger.transaction():
            ledger.marks.set("first", 1)
            proxy.cut()
            ledger.marks.set("second", 1)

    with pytest.raises(LedgerLostError):
        write()
    assert not ledger.relink()
    assert (direct.marks.get("first"), direct.marks.get("second")) == (0, 0)


def test_an_unanswered_commit_is_told_as_lost_and_has_happened(
    ledger: Ledger, direct: Ledger, proxy: Proxy
) -> None:
    proxy.cut_at_commit()
    lost(ledger)
    assert proxy.commits_cut == 1
    assert direct.marks.get("which") == 1
    lost(ledger)  # whoever tries meanwhile makes nobody forget what was under way
    assert ledger.relink()
    assert ledger.marks.get("which") == 1
    proxy.cut()
    lost(ledger)
    assert not ledger.relink()


def test_claims_whose_commit_was_not_answered_stand_in_the_ledger(
    ledger: Ledger, proxy: Proxy
) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))

    def claim() -> None:
        with ledger.transaction():
            claim_all(ledger, campaign)

    proxy.cut_at_commit()
    with pytest.raises(LedgerLostError):
        claim()
    ledger.relink()
    assert {each.phone for each in ledger.doubts.open()} == {ANNA, BERT, CARL}


def test_what_nothing_answers_ends_by_itself(ledger: Ledger, proxy: Proxy) -> None:
    ledger.hurry(HURRY)
    proxy.mood = Mood.SWALLOW
    assert "no answer in 2 s" in str(lost(ledger))
    proxy.mood = Mood.PASS
    ledger.relink()
    ledger.marks.set("which", 2)


def test_a_transaction_that_was_swallowed_holds_nobody_up(
    ledger: Ledger, direct: Ledger, proxy: Proxy
) -> None:
    """The server does not see that its client is gone: the next connection tells it."""
    ledger.hurry(HURRY)

    def write() -> None:
        with ledger.transaction():
            ledger.marks.set("first", 1)
            proxy.mood = Mood.SWALLOW
            ledger.marks.set("second", 1)

    with pytest.raises(LedgerLostError):
        write()
    proxy.mood = Mood.PASS
    ledger.relink()
    direct.marks.set("which", 2)  # would wait for the other's lock
    assert ledger.marks.get("first") == 0


def test_what_is_locked_for_too_long_is_lost_as_well_and_found_again(
    ledger: Ledger, direct: Ledger
) -> None:
    """Its holder may be a machine that is cut off, which the server does not know yet."""
    with direct.transaction():
        server_of(ledger).conn.execute("SET lock_timeout = 1")
        with pytest.raises(LedgerLostError, match="is locked by another program"):
            ledger.marks.set("which", 1)
    assert not ledger.relink()
    ledger.marks.set("which", 2)


def test_who_falls_silent_within_a_transaction_holds_nobody_up_for_long(
    ledger: Ledger, direct: Ledger, proxy: Proxy
) -> None:
    ledger.hurry(HURRY)

    def write() -> None:
        with ledger.transaction():
            ledger.marks.set("first", 1)
            proxy.mood = Mood.SWALLOW
            direct.marks.set("which", 2)  # waits for the lock until the server takes it back
            ledger.marks.set("second", 1)

    with pytest.raises(LedgerLostError):
        write()
    assert (direct.marks.get("which"), direct.marks.get("first")) == (2, 0)


@pytest.mark.parametrize("together", [Ledger.transaction, Ledger.turn])
def test_who_was_ended_for_their_silence_has_lost_the_link(
    ledger: Ledger, direct: Ledger, together: Callable[[Ledger], AbstractContextManager[None]]
) -> None:
    """A process that was suspended in mid-turn goes on as after any loss.

    A turn's first question goes in one way with its beginning, and may be the last that it sent.
    """
    ledger.hurry(HURRY)

    def write() -> None:
        with together(ledger):
            ledger.marks.set("first", 1)
            direct.marks.set("which", 2)  # waits until the server has ended the other
            ended.append(direct.marks.get("which") == 2)
            ledger.marks.set("second", 1)

    ended: list[bool] = []
    with pytest.raises(LedgerLostError):
        write()
    assert ended == [True]
    assert not ledger.relink()
    ledger.marks.set("which", 3)


def test_what_goes_in_one_way_begins_with_the_whole_of_it(ledger: Ledger, direct: Ledger) -> None:
    """Who is suspended before that keeps nobody from anything: the server has heard no word."""
    conn = server_of(ledger).conn
    with conn.pipeline():
        conn.execute("BEGIN")
        conn.execute("LOCK TABLE meta")
        server_of(direct).conn.execute("SET lock_timeout = 1")
        direct.marks.set("which", 2)  # would wait for that lock
    conn.execute("ROLLBACK")


def test_patience_outlasts_a_new_connection(ledger: Ledger, proxy: Proxy) -> None:
    ledger.hurry(HURRY)
    proxy.cut()
    ledger.relink()
    proxy.mood = Mood.SWALLOW
    lost(ledger)


def test_a_server_that_refuses_is_lost_until_it_does_not(ledger: Ledger, proxy: Proxy) -> None:
    proxy.mood = Mood.REFUSE
    proxy.cut()
    lost(ledger)
    for _ in range(2):
        with pytest.raises(LedgerLostError):
            ledger.relink()
    proxy.mood = Mood.PASS
    ledger.relink()
    ledger.marks.set("which", 2)


def test_nothing_to_connect_to_is_lost_as_well(home: Home) -> None:
    with pytest.raises(LedgerLostError, match="can't be reached"):
        Ledger.open(home, at="postgresql://waheal@127.0.0.1:1/ledger")


def test_a_wrong_statement_loses_nothing(ledger: Ledger) -> None:
    with pytest.raises(HomeUnusableError) as told:
        server_of(ledger).all("SELECT 1 FROM nothing")
    assert not isinstance(told.value, LedgerLostError)
    ledger.marks.set("which", 1)


def test_a_slow_statement_is_no_loss_while_it_is_answered_in_time(
    ledger: Ledger, proxy: Proxy
) -> None:
    proxy.delay = 0.05
    ledger.marks.set("which", 1)
    assert ledger.marks.get("which") == 1


def test_who_merges_a_file_is_not_hurried(ledger: Ledger) -> None:
    from waheal.store.postgres import unhurried  # noqa: PLC0415 - of an extra

    db = server_of(ledger)
    ledger.hurry(0.5)
    with unhurried(db):
        db.all("SELECT pg_sleep(0.7)")
    with pytest.raises(LedgerLostError):
        db.all("SELECT pg_sleep(0.7)")


def test_others_are_heard_again_and_what_they_told_meanwhile_counts(
    ledger: Ledger, direct: Ledger, proxy: Proxy
) -> None:
    ledger.changed()
    proxy.cut()
    lost(ledger)
    direct.marks.set("other", 1)
    ledger.relink()
    assert ledger.changed()
    assert not ledger.changed()
    direct.marks.set("other", 2)
    ledger.marks.get("other")
    assert ledger.changed()


def _write_while(ledger: Ledger, happens: Callable[[], None]) -> None:
    """Begin, let something happen, and go on: of a crash, nobody has written the number down."""
    with ledger.transaction():
        happens()
        ledger.marks.set("which", 2)


def test_a_restart_of_the_server_is_a_loss(tmp_path: Path) -> None:
    """Through a server of the test's own: others' ledgers lie in the one of all."""
    import tempfile  # noqa: PLC0415 - outside of pytest's folder, which is one user's

    with tempfile.TemporaryDirectory(prefix="waheal-pg-") as folder:
        server = postgres.Server(Path(folder))
        try:
            with Ledger.open(open_home(tmp_path), at=server.url) as ledger:
                ledger.marks.set("which", 1)
                with pytest.raises(LedgerLostError):
                    _write_while(ledger, server.stop)
                with pytest.raises(LedgerLostError):
                    ledger.relink()
                server.start()
                assert not ledger.relink()
                assert ledger.marks.get("which") == 1
        finally:
            server.stop()


def test_who_held_a_machine_holds_it_again(ledger: Ledger, direct: Ledger, proxy: Proxy) -> None:
    ledger.machines.join("paris")
    ledger.machines.take_epoch()
    before = server_of(ledger).fence
    proxy.cut_at_commit()
    lost(ledger)
    proxy.mood = Mood.REFUSE
    with pytest.raises(LedgerLostError):
        ledger.relink()
    proxy.mood = Mood.PASS
    assert ledger.relink()
    after = server_of(ledger).fence
    assert before is not None
    assert after is not None
    assert (after.machine, after.epoch) == (before.machine, before.epoch + 1)
    assert direct.machines.listed()[0].epoch == after.epoch


def test_a_machine_that_was_taken_again_unheard_is_still_held(
    ledger: Ledger, direct: Ledger, proxy: Proxy
) -> None:
    ledger.machines.join("paris")
    ledger.machines.take_epoch()
    proxy.cut()
    lost(ledger)
    proxy.cuts_next_commit = True
    with pytest.raises(LedgerLostError):
        ledger.relink()
    assert proxy.commits_cut == 1
    assert not ledger.relink()
    after = server_of(ledger).fence
    assert after is not None
    assert direct.machines.listed()[0].epoch == after.epoch == 3
    ledger.marks.set("which", 2)


def test_whose_machine_was_taken_meanwhile_does_not_come_back(
    ledger: Ledger, direct: Ledger, home: Home, proxy: Proxy
) -> None:
    ledger.machines.join("paris")
    ledger.machines.take_epoch()
    proxy.mood = Mood.REFUSE
    proxy.cut()
    lost(ledger)
    with Ledger.open(home, at=server_of(direct).url) as other:
        other.machines.take_epoch()
        proxy.mood = Mood.PASS
        with pytest.raises(HomeBusyError):
            ledger.relink()


def test_threads_that_share_it_are_told_alike(ledger: Ledger, proxy: Proxy) -> None:
    gate, told = threading.Barrier(3), list[LedgerLostError]()

    def write() -> None:
        gate.wait()
        told.append(lost(ledger))

    proxy.cut()
    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 3
    ledger.relink()
