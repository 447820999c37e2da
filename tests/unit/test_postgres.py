"""PostgreSQL under the port: what it promises of a connection, and its errors in words."""

import threading
from contextlib import closing, suppress

import pytest

from tests.kit.ledgers import ANNA, BERT, NOW, open_ledger, row, server_of, start
from waheal.errors import FencedOffError, HomeUnusableError, WahealError
from waheal.model import ExitCode
from waheal.store import schema
from waheal.store.database import ALL_NEWS, Fence, News
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]


def test_a_commit_waits_for_the_disk(ledger: Ledger) -> None:
    assert ledger.upkeep.journal_mode() == "on"
    assert ledger.upkeep.schema_version == schema.VERSION
    assert ledger.upkeep.size() > 0


def test_who_writes_waits_until_the_other_is_done(ledger: Ledger, home: Home) -> None:
    begun, done = threading.Event(), list[str]()

    def other() -> None:
        with open_ledger(home) as second:
            begun.set()
            second.marks.set("which", 2)  # waits
            done.append("second")

    with ledger.transaction():
        ledger.marks.set("which", 1)
        thread = threading.Thread(target=other)
        thread.start()
        begun.wait()
        done.append("first")
    thread.join()
    assert done == ["first", "second"]
    assert ledger.marks.get("which") == 2


def test_turns_go_beside_each_other(ledger: Ledger, home: Home) -> None:
    with open_ledger(home) as other, ledger.turn(), other.turn():
        ledger.marks.set("one", 1)
        other.marks.set("other", 2)
    assert (ledger.marks.get("one"), ledger.marks.get("other")) == (1, 2)


@pytest.mark.parametrize("first_is_a_turn", [True, False])
def test_a_turn_and_whoever_is_alone_wait_for_each_other(
    ledger: Ledger, home: Home, first_is_a_turn: bool
) -> None:
    first = ledger.turn() if first_is_a_turn else ledger.transaction()
    with open_ledger(home) as other, first:
        ledger.marks.set("which", 1)
        server_of(other).conn.execute("SET lock_timeout = 1")
        second = other.transaction() if first_is_a_turn else other.turn()
        with pytest.raises(HomeUnusableError, match="is locked by another program"), second:
            pass


def _take(ledger: Ledger) -> Fence:
    """Take this machine's part, as a run does."""
    ledger.machines.take_epoch()
    fence = server_of(ledger).fence
    assert fence is not None
    return fence


@pytest.mark.parametrize("turn", [True, False])
def test_a_run_whose_part_was_taken_writes_nothing_more(ledger: Ledger, turn: bool) -> None:
    db, before = server_of(ledger), _take(ledger)
    with db.transaction(turn=turn):
        ledger.marks.set("which", 1)
    _take(ledger)
    db.fence = before
    with pytest.raises(FencedOffError, match="another run") as refused, db.transaction(turn=turn):
        ledger.marks.set("which", 2)
    assert refused.value.exit_code is ExitCode.HOME_BUSY
    with pytest.raises(FencedOffError):
        ledger.marks.set("which", 3)
    assert ledger.marks.get("which") == 1  # it may still look


def test_who_takes_a_part_waits_for_what_has_passed_the_fence(ledger: Ledger, home: Home) -> None:
    from psycopg.errors import LockNotAvailable  # noqa: PLC0415 - of an extra

    _take(ledger)
    with open_ledger(home) as other, ledger.turn():
        ledger.marks.get("which")  # passes it
        taking = server_of(other).conn
        taking.execute("SET lock_timeout = 1")
        with pytest.raises(LockNotAvailable):
            taking.execute("UPDATE machines SET epoch = epoch + 1 WHERE id = 1")


def test_who_waits_too_long_is_told_that_another_holds_it(ledger: Ledger, home: Home) -> None:
    with open_ledger(home) as other, ledger.transaction():
        ledger.marks.get("which")
        server_of(other).conn.execute("SET lock_timeout = 1")
        with pytest.raises(HomeUnusableError, match="is locked by another program"):
            other.marks.set("which", 2)
    with open_ledger(home) as other:
        other.marks.set("which", 3)
        assert other.marks.get("which") == 3


def test_an_error_that_somebody_went_on_after_commits_nothing_and_is_told(ledger: Ledger) -> None:
    db = server_of(ledger)

    def go_on() -> None:
        with db.transaction():
            ledger.marks.set("which", 1)
            with suppress(HomeUnusableError):
                db.all("SELECT 1 FROM nothing")

    with pytest.raises(HomeUnusableError, match="took a transaction back"):
        go_on()
    assert ledger.marks.get("which") == 0
    ledger.marks.set("which", 2)  # and the next one begins anew
    assert ledger.marks.get("which") == 2


def test_what_others_write_is_heard_and_ones_own_is_not(ledger: Ledger, home: Home) -> None:
    ledger.changed()
    ledger.marks.set("which", 1)
    assert not ledger.changed()
    with open_ledger(home) as other:
        other.marks.set("which", 2)
    ledger.marks.get("which")  # any answer brings what came meanwhile
    assert ledger.changed()
    assert not ledger.changed()


def test_a_stream_is_of_one_moment_whatever_is_written_meanwhile(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    rows = ledger.recipients.rows(campaign.id)
    first = next(rows)
    ledger.people.suppress(BERT, NOW, source="operator")
    ledger.people.suppress_pending([BERT], NOW)
    assert [first.phone, *(each.phone for each in rows)] == [ANNA, BERT]


def test_of_two_that_begin_a_ledger_at_once_one_makes_it(home: Home) -> None:
    gate = threading.Barrier(4)

    def begin() -> None:
        gate.wait()
        open_ledger(home).close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_ledger(home, readonly=True) as ledger:
        assert ledger.upkeep.schema_version == schema.VERSION


def test_a_newer_ledger_is_refused_with_12(ledger: Ledger, home: Home) -> None:
    ledger.notes.set("schema", "99")
    with pytest.raises(HomeUnusableError, match="newer waheal") as refused:
        open_ledger(home)
    assert refused.value.exit_code is ExitCode.HOME_UNUSABLE


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://waheal:sesame@localhost:1/ledger?connect_timeout=2",
        "postgresql://waheal:sesame@/nowhere?host={host}",
        "postgresql://waheal:sesame@/nowhere?no_such_option=1",
    ],
)
def test_no_error_tells_the_password(home: Home, postgres_url: str, url: str) -> None:
    host = postgres_url.partition("host=")[2]
    with pytest.raises(WahealError) as refused:
        Ledger.open(home, at=url.format(host=host))
    told = f"{refused.value} {refused.value.hint} {refused.value.__cause__}"
    assert "sesame" not in told
    assert "can't be" in told


def test_a_connection_that_is_cut_is_told(ledger: Ledger, postgres_url: str) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    pid = server_of(ledger).conn.info.backend_pid
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
    for _ in range(2):
        with pytest.raises(HomeUnusableError, match="can't be reached"):
            ledger.marks.set("which", 1)
    with closing(ledger):
        pass


def test_a_turn_that_changes_nothing_that_others_heed_is_not_told(
    ledger: Ledger, home: Home
) -> None:
    """Commits that notify go one after another on the whole server."""
    with open_ledger(home) as other:
        ledger.changed()
        with other.turn():
            other.marks.set("which", 1)
        assert ledger.marks.get("which") == 1
        assert not ledger.changed()
        with other.turn():
            other.people.suppress(ANNA, NOW, source="reply")
        ledger.marks.get("which")
        assert ledger.changed() == {News.OPT_OUTS}


def test_words_that_another_version_tells_may_mean_anything(
    ledger: Ledger, postgres_url: str
) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    ledger.changed()
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("NOTIFY waheal, 'opt-outs moods'")
    ledger.marks.get("which")
    assert ledger.changed() == ALL_NEWS
