import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.ledgers import ANNA
from tests.kit.session_db import KEY, OUR_JID, OUR_LID, SessionDb
from waheal.errors import HomeUnusableError
from waheal.model import Phone
from waheal.records import OwnMessage
from waheal.store.sessions import _WITH_USER, Rows, Session, Sessions

IDENTITY = hashlib.sha256(KEY).hexdigest()
WITNESS = b"w" * 32
NUMBER = ANNA[1:]


@pytest.fixture
def written(tmp_path: Path) -> Iterator[SessionDb]:
    with closing(SessionDb(tmp_path / "sessions.db")) as database:
        database.device()
        yield database


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    with closing(Sessions(tmp_path / "sessions.db")) as opened:
        yield opened


def test_a_missing_file_is_empty_and_stays_missing(sessions: Sessions, tmp_path: Path) -> None:
    assert sessions.devices() == {}
    assert sessions.identity(OUR_JID) is None
    assert sessions.rows(OUR_JID, ANNA, None, WITNESS) == Rows(None, None, signal_session=False)
    assert sessions.messages_since(5) == ([], 0)
    assert not sessions.check().exists
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_tables_is_empty(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "sessions.db").touch()
    assert sessions.devices() == {}
    assert sessions.lid_of(ANNA) is None
    assert sessions.check().schema is None


def test_devices_are_listed_while_a_host_has_the_file_open(
    written: SessionDb, sessions: Sessions
) -> None:
    expected = Session(OUR_JID, OUR_LID, Phone("+12025550190"), IDENTITY)
    assert sessions.devices() == {OUR_JID: expected}
    written.device("12025550191:1@s.whatsapp.net", None)
    assert len(sessions.devices()) == 2
    assert sessions.identity(OUR_JID) == IDENTITY


@pytest.mark.parametrize(
    ("chat", "lid", "mapped"),
    [
        ("77@lid", "77@lid", None),  # by the LID known at the claim
        ("77@lid", None, "77"),  # by the library's own map
        ("77@lid", "66@lid", "88"),  # by a LID that neither knows any more
        (f"{NUMBER}@s.whatsapp.net", None, None),  # as before the migration
    ],
)
def test_a_witness_is_found_however_the_recipient_is_named(
    written: SessionDb, sessions: Sessions, chat: str, lid: str | None, mapped: str | None
) -> None:
    if mapped:
        written.map(mapped, NUMBER)
    written.secret(chat, WITNESS, "3EB0")
    assert sessions.rows(OUR_JID, ANNA, lid, WITNESS) == Rows(
        IDENTITY, "3EB0", signal_session=False
    )
    assert sessions.has_witness(OUR_JID, WITNESS)
    assert not sessions.has_witness("12025550191:1@s.whatsapp.net", WITNESS)
    assert not sessions.has_witness(OUR_JID, b"x" * 32)


def test_ones_own_row_outranks_a_contacts_with_the_same_bytes(
    written: SessionDb, sessions: Sessions
) -> None:
    written.secret("77@lid", WITNESS, "THEIRS", sender="77@lid")
    written.secret("77@lid", WITNESS, "OURS")
    assert sessions.rows(OUR_JID, ANNA, "77@lid", WITNESS).message_id == "OURS"


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("77_1:0", True),
        ("77_1:12", True),
        (f"{NUMBER}:3", True),
        ("777_1:0", False),
        ("7_1:0", False),
        (f"{NUMBER}9:0", False),
    ],
)
def test_a_signal_session_with_any_of_the_recipients_phones_counts(
    written: SessionDb, sessions: Sessions, address: str, *, there: bool
) -> None:
    written.map("77", NUMBER)
    written.session(address)
    assert sessions.rows(OUR_JID, ANNA, None, WITNESS).signal_session is there
    assert sessions.meeting(OUR_JID, ANNA).signal_session is there


def test_a_session_under_a_lid_that_only_the_witness_names_counts(
    written: SessionDb, sessions: Sessions
) -> None:
    written.secret("77@lid", WITNESS, "3EB0")
    written.session("77_1:0")
    assert sessions.rows(OUR_JID, ANNA, None, WITNESS).signal_session


def test_a_logged_out_device_leaves_no_identity(written: SessionDb, sessions: Sessions) -> None:
    written.secret("77@lid", WITNESS, "3EB0")
    written.conn.execute("PRAGMA foreign_keys = ON")
    written.conn.execute("DELETE FROM whatsmeow_device")
    assert sessions.rows(OUR_JID, ANNA, None, WITNESS) == Rows(None, None, signal_session=False)


def test_numbers_and_lids_are_told_from_each_other(written: SessionDb, sessions: Sessions) -> None:
    written.map("77", NUMBER)
    assert sessions.lid_of(ANNA) == "77@lid"
    assert sessions.lid_of(Phone("+12025550199")) is None
    for jid in ("77", "77@lid", "77:3@lid", f"{NUMBER}:2@s.whatsapp.net"):
        assert sessions.phone_of(jid) == ANNA
    assert sessions.phone_of("78@lid") is None


def test_own_messages_are_read_once_and_anew_from_a_replaced_table(
    written: SessionDb, sessions: Sessions
) -> None:
    written.secret("77@lid", b"a" * 32, "A")
    written.secret("77@lid", b"b" * 32, "B", sender="77@lid")
    written.secret("9990@lid", b"c" * 32, "C")  # to oneself
    found, mark = sessions.messages_since(0)
    assert found == [OwnMessage(b"a" * 32, OUR_JID, "A"), OwnMessage(b"c" * 32, OUR_JID, "C")]
    assert sessions.messages_since(mark) == ([], mark)
    assert sessions.messages_since(mark + 100) == (found, mark)


def test_a_restored_file_is_noticed(sessions: Sessions, tmp_path: Path) -> None:
    with closing(SessionDb(tmp_path / "sessions.db")) as database:
        database.device()
    assert len(sessions.devices()) == 1
    with closing(SessionDb(tmp_path / "other.db")) as database:
        database.device()
        database.device("12025550191:1@s.whatsapp.net")
    (tmp_path / "other.db").replace(tmp_path / "sessions.db")
    assert len(sessions.devices()) == 2


def test_what_is_not_committed_yet_is_not_seen(written: SessionDb, sessions: Sessions) -> None:
    written.conn.execute("BEGIN IMMEDIATE")
    written.secret("77@lid", WITNESS, "3EB0")
    assert not sessions.has_witness(OUR_JID, WITNESS)
    written.conn.execute("COMMIT")
    assert sessions.has_witness(OUR_JID, WITNESS)


def test_the_file_is_never_written(written: SessionDb, sessions: Sessions) -> None:
    sessions.devices()
    assert sessions._conn is not None
    with pytest.raises(Exception, match="readonly"):
        sessions._conn.execute("DELETE FROM whatsmeow_device")
    assert written.conn.execute("SELECT COUNT(*) FROM whatsmeow_device").fetchone() == (1,)


def test_what_is_no_database_is_told(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "sessions.db").write_bytes(b"no database at all " * 300)
    with pytest.raises(HomeUnusableError, match="damaged"):
        sessions.devices()


def test_the_check_counts_orphans_by_table(written: SessionDb, sessions: Sessions) -> None:
    written.secret("77@lid", WITNESS, "3EB0", our="12025550191:1@s.whatsapp.net")
    written.token("12025550191:1@s.whatsapp.net")
    written.session("77_1:0")
    checked = sessions.check()
    assert (checked.journal_mode, checked.schema, checked.devices) == ("wal", 15, 1)
    assert checked.damage == ()
    assert checked.orphans == {"whatsmeow_message_secrets": 1, "whatsmeow_privacy_tokens": 1}


def test_a_block_is_answered_from_one_moment(written: SessionDb, sessions: Sessions) -> None:
    with sessions.at_once():
        assert sessions.meeting(OUR_JID, ANNA).signal_session is False
        written.session(f"{NUMBER}:0")
        assert sessions.meeting(OUR_JID, ANNA).signal_session is False
    assert sessions.meeting(OUR_JID, ANNA).signal_session is True
    with sessions.at_once():
        assert sessions.meeting(OUR_JID, ANNA).signal_session is True


def test_a_block_without_a_question_opens_nothing(tmp_path: Path) -> None:
    with closing(Sessions(tmp_path / "none.db")) as missing, missing.at_once():
        pass
    assert list(tmp_path.iterdir()) == []


def test_one_persons_session_is_looked_up_and_not_searched_for(written: SessionDb) -> None:
    plan = written.conn.execute(f"EXPLAIN QUERY PLAN {_WITH_USER}", "abcdef").fetchall()
    looks = [row[3] for row in plan if "whatsmeow_sessions" in row[3]]
    assert len(looks) == 2
    assert all("our_jid=? AND their_id>? AND their_id<?" in look for look in looks)
