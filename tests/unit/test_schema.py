from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.kit.ledgers import ANNA, LONG, NOW, SHORT, open_home
from waheal.correspondents import SentBack
from waheal.errors import HomeUnusableError
from waheal.model import ChatHold, DeviceId, DeviceState, ExitCode, Phone, ReplyKind, State
from waheal.records import Suppression
from waheal.store import schema
from waheal.store.columns import content
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.sqlite import SqliteConnection


def test_a_new_ledger_is_brought_to_this_version_once(tmp_path: Path) -> None:
    with closing(SqliteConnection(tmp_path / "a.db", readonly=False)) as connection:
        assert connection.engine.schema_version() == 0
        schema.migrate(connection)
        assert connection.engine.schema_version() == schema.VERSION
        schema.migrate(connection)


def test_a_newer_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    with closing(SqliteConnection(tmp_path / "a.db", readonly=False)) as connection:
        connection.run(f"PRAGMA user_version = {schema.VERSION + 1}")
        with pytest.raises(HomeUnusableError, match="newer waheal") as caught:
            schema.migrate(connection)
        assert caught.value.exit_code is ExitCode.HOME_UNUSABLE
        assert "update waheal" in str(caught.value.hint)
        assert connection.all("SELECT * FROM sqlite_master") == []


def test_the_next_step_keeps_what_the_version_before_has_written(tmp_path: Path) -> None:
    def next_one(db: Database) -> None:
        db.conn.execute("ALTER TABLE marks ADD COLUMN since FLOAT")

    with closing(SqliteConnection(tmp_path / "a.db", readonly=False)) as connection:
        schema.migrate(connection)
        connection.run("INSERT INTO marks (key, value) VALUES ('foreign', 7)")
        schema.migrate(connection, (*schema.MIGRATIONS, next_one))
        assert connection.engine.schema_version() == schema.VERSION + 1
        (kept,) = connection.all("SELECT key, value, since FROM marks")
        assert tuple(kept) == ("foreign", 7, None)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("half way")

    with closing(SqliteConnection(tmp_path / "a.db", readonly=False)) as connection:
        with pytest.raises(RuntimeError, match="half way"):
            schema.migrate(connection, (*schema.MIGRATIONS, broken))
        assert connection.engine.schema_version() == 0
        assert connection.all("SELECT * FROM sqlite_master") == []


def first_version(path: Path) -> Home:
    """Make a home whose ledger is of version 1."""
    home = open_home(path)
    with closing(SqliteConnection(home.ledger_path, readonly=False)) as connection:
        schema.MIGRATIONS[0](connection.tables)
        connection.run("PRAGMA user_version = 1")
        connection.many(
            "INSERT INTO suppressions (phone, lid, since, source) VALUES (?, ?, ?, ?)",
            [
                (ANNA, None, NOW, "reply"),
                ("+525512345678", "77@lid", NOW, "reply"),
                (SHORT, None, NOW + 5, "operator"),
                (LONG, "78@lid", NOW, "reply"),
            ],
        )
        connection.run(
            "INSERT INTO campaigns (name, path, kind, created) VALUES ('c', '/c', 'campaign', 0)"
        )
        connection.run(
            "INSERT INTO deliveries (campaign_id, phone, row, text, state, updated)"
            " VALUES (1, 'forgotten:1', 2, '', 'pending', 0), (1, '+12025550100', 3, '', 'sent', 0)"
        )
    return home


def test_a_ledger_of_version_1_gets_every_spelling_of_its_opt_outs(tmp_path: Path) -> None:
    with Ledger.open(first_version(tmp_path)) as ledger:
        assert list(ledger.people.suppressed()) == [
            Suppression(ANNA, None, NOW, "reply"),
            Suppression(Phone("+525512345678"), "77@lid", NOW, "reply"),
            Suppression(LONG, "78@lid", NOW, "operator"),
        ]
        for phone in (ANNA, SHORT, LONG, Phone("+5215512345678")):
            assert ledger.people.is_suppressed(phone)
        assert not ledger.people.unsuppress(SHORT, source="reply")
        assert ledger.people.unsuppress(Phone("+5215512345678"), source="reply")


def test_a_ledger_of_version_4_gets_the_old_numbers_of_its_opt_outs(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with closing(SqliteConnection(home.ledger_path, readonly=False)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:4])
        connection.many(
            "INSERT INTO suppressions (phone, since, source) VALUES (?, ?, 'operator')",
            [("+2290197123456", NOW), ("+22507123456", NOW), ("+2250707123456", NOW + 5)],
        )
    with Ledger.open(home) as ledger:
        for phone in ("+22997123456", "+2290197123456", "+22507123456", "+2250707123456"):
            assert ledger.people.is_suppressed(Phone(phone))
        assert [each.phone for each in ledger.people.suppressed()] == [
            "+22507123456", "+2290197123456"
        ]  # fmt: skip


def test_a_ledger_of_version_3_knows_no_zone_of_anybody(tmp_path: Path) -> None:
    with closing(SqliteConnection(tmp_path / "a.db", readonly=False)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:3])
        connection.run(
            "INSERT INTO campaigns (name, path, kind, created) VALUES ('c', '/c', 'campaign', 0)"
        )
        connection.run(
            "INSERT INTO deliveries (campaign_id, phone, row, text, state, updated)"
            " VALUES (1, '+12025550100', 2, 'hi', 'pending', 0)"
        )
        schema.migrate(connection)
        (kept,) = connection.all("SELECT phone, zone FROM deliveries")
        assert tuple(kept) == ("+12025550100", None)


@pytest.mark.parametrize("version", [3, 4, 5, 6])
def test_an_older_ledger_has_no_reply_and_takes_the_next(tmp_path: Path, version: int) -> None:
    home = open_home(tmp_path)
    with closing(SqliteConnection(home.ledger_path, readonly=False)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:version])
        connection.run(
            "INSERT INTO campaigns (name, path, kind, created) VALUES ('c', '/c', 'campaign', 0)"
        )
        connection.run(
            "INSERT INTO deliveries (campaign_id, phone, row, text, state, updated, attempt)"
            " VALUES (1, '+12025550100', 2, 'hi', 'sent', 0, 1)"
        )
        connection.run(
            "INSERT INTO attempts (delivery_id, attempt, device, jid, boot_id, host_log, claimed,"
            " outcome, message_id, accepted)"
            " VALUES (1, 1, 'one', '15:1@s.whatsapp.net', 'b', 'h', 0, 'sent', 'M', 1)"
        )
    with Ledger.open(home) as ledger:
        (recipient,) = ledger.recipients.rows(1)
        assert (recipient.replied, ledger.campaigns.tally(1).replied) == (None, 0)
        (written,) = ledger.replies.written(ANNA, None)
        assert (written.message_id, written.account) == ("M", "15")
        assert ledger.replies.add(written, SentBack(DeviceId("one"), ReplyKind.TEXT, NOW, "R"))
        assert ledger.campaigns.tally(1).replied == 1


def test_a_ledger_of_version_1_sends_nothing_to_whom_it_forgot(tmp_path: Path) -> None:
    with Ledger.open(first_version(tmp_path)) as ledger:
        assert not ledger.campaigns.anything_pending(1)
        assert [each.state for each in ledger.recipients.rows(1)] == [
            State.SUPPRESSED, State.SENT
        ]  # fmt: skip


def test_a_ledger_of_version_2_tells_a_limit_of_new_chats_from_a_quarantine(
    tmp_path: Path,
) -> None:
    home = open_home(tmp_path)
    with closing(SqliteConnection(home.ledger_path, readonly=False)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:2])
        connection.many(
            "INSERT INTO devices (label, jid, quarantine, until) VALUES (?, ?, ?, ?)",
            [
                ("one", "1:1@s.whatsapp.net", "reach-out limit", NOW + 60.0),
                ("two", "2:1@s.whatsapp.net", "banned", NOW + 60.0),
            ],
        )
    with Ledger.open(home) as ledger:
        one, two = ledger.devices.all(NOW)
    assert (one.state, one.chats_from, one.chats_why) == (
        DeviceState.READY, NOW + 60.0, ChatHold.REFUSED,
    )  # fmt: skip
    assert (two.reason, two.until, two.chats_from) == ("banned", NOW + 60.0, None)


def test_a_ledger_of_version_4_has_its_holds_by_account(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with closing(SqliteConnection(home.ledger_path, readonly=False)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:4])
        connection.many(
            "INSERT INTO devices (label, phone, chats_from, chats_why, chat_holds, quota_used,"
            " quota_total, quota_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                ("a", ANNA, None, None, 0, None, None, None),
                ("b", ANNA, NOW + 60.0, ChatHold.REFUSED.value, 2, 45, 50, NOW + 90.0),
                ("c", SHORT, NOW + 70.0, ChatHold.CAPPED.value, 0, 50, 50, NOW + 70.0),
                ("d", None, NOW + 80.0, ChatHold.UNDELIVERED.value, 1, None, None, None),
            ],
        )
    with Ledger.open(home) as ledger:
        told = [(each.chats_from, each.chats_why, each.quota) for each in ledger.devices.all(NOW)]
        assert told == [
            (NOW + 60.0, ChatHold.REFUSED, (45, 50)),
            (NOW + 60.0, ChatHold.REFUSED, (45, 50)),
            (NOW + 70.0, ChatHold.CAPPED, (50, 50)),
            (NOW + 80.0, ChatHold.UNDELIVERED, None),
        ]
        assert ledger.chats.limits(DeviceId("a")).holds == 2


def test_a_ledger_of_version_7_keeps_its_attachments(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    media = '["/a/b.png", "image", "image/png", "00"]'
    with closing(SqliteConnection(home.ledger_path, readonly=False)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:7])
        connection.run(
            "INSERT INTO campaigns (id, name, path, kind, created)"
            " VALUES (1, 'c', '/c', 'campaign', 0)"
        )
        connection.many(
            "INSERT INTO deliveries (campaign_id, phone, row, text, media, state, updated)"
            " VALUES (1, ?, 2, 'look', ?, 'pending', 0)",
            [(ANNA, media), (SHORT, None)],
        )
    with Ledger.open(home) as ledger:
        found = {due.phone: due.content for due in ledger.work.due(1, None, NOW, 9)}
        assert found == {ANNA: content("look", media), SHORT: content("look", None)}
        assert [row.vote for row in ledger.recipients.rows(1)] == [None, None]
        assert not ledger.votes.any_aside()
