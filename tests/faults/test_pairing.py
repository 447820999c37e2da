"""What WhatsApp asks or withholds while a device is paired, and what helps, through the client."""

import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.kinds import every_kind
from tests.faults.recalling import errand, revoked
from tests.faults.scenes import settings
from tests.kit.kinds import PREVIEW, Say
from tests.kit.rig import PATIENCE, Rig, phones, rig
from tests.real.client import Neonize
from tests.real.client import Paired as PairedClient
from waheal.engine.pairing import pair
from waheal.model import ChatHold, DeviceId, MessageKind, Planned, State
from waheal.policy.chat_limits import ChatBudget, guess, is_trusted
from waheal.policy.pacing import DAY
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.store.session_writer import import_sessions
from waheal.store.sessions import Sessions, phone_of
from waheal.wire import HostSettings, Paired, PairFailed, QrCode, Report

pytestmark = pytest.mark.real

D1 = DeviceId("d1")
HISTORY_WAIT = 20.0  # seconds, as host/pairer.py has it, which would load the library here


def scanned(made: Rig) -> Report:
    """Let a phone scan the first code; how the pairing ended."""
    reports = pair(made.home, [D1], settings=HostSettings(made.server.trust))
    code = next(each.code for each in reports if isinstance(each, QrCode))
    made.control.phones.scan(code)
    return list(reports)[-1]


def linked_elsewhere(made: Rig, folder: Path) -> Path:
    """Link a device with another program, whose library is newer and has tables of its own."""
    folder.mkdir()
    with closing(Neonize(folder, asdict(made.server.trust))) as library:
        device = PairedClient(library, made.control, "elsewhere")
        device.do("stop")
        made.control.devices.wait_disconnected(device.jid)
    database = folder / "sessions.db"
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute("UPDATE whatsmeow_version SET version = 19, compat = 8")
        conn.execute("CREATE TABLE users (name TEXT)")
        conn.execute("ALTER TABLE whatsmeow_device ADD COLUMN webhook TEXT")
    return database


@every_kind(also=PREVIEW)
def test_an_account_with_a_passkey_is_linked_elsewhere_and_taken_over(
    tmp_path: Path, say: Say
) -> None:
    with rig(tmp_path, devices=1) as made:  # which has made the session database's tables
        made.control.faults.order(FaultOrder(FaultKind.PASSKEY_ASKED))
        failed = scanned(made)
        assert isinstance(failed, PairFailed)
        assert "asks this account for a passkey" in failed.reason
        database = linked_elsewhere(made, tmp_path / "elsewhere")
        (taken,) = import_sessions(database, made.home.sessions_path)
        made.ledger.devices.add(D1, taken, phone_of(taken), made.clock())
        made.enroll(3, pinned=D1, say=say)
        made.send(settings(made))
        assert set(made.states().values()) == {State.DELIVERED}
        made.send(settings(made, errand(made)))
        assert set(revoked(made).values()) == {1}
        table.tell(
            table.Row(
                "a passkey is asked for while a device is paired",
                f"the device is not there: {failed.reason}",
                "nothing",
                "once another program has linked it, and `waheal devices import` has taken it over",
            )
        )


@every_kind(also=MessageKind.VOICE)
def test_first_messages_carry_a_token_once_the_phones_history_has_come(
    tmp_path: Path, say: Say
) -> None:
    """The server refuses new chats without one; the device that never got the salt has none."""
    with rig(tmp_path, devices=1) as made:
        made.control.faults.order(FaultOrder(FaultKind.HISTORY_WITHHELD))
        began = time.monotonic()
        paired = scanned(made)
        assert isinstance(paired, Paired)
        assert not paired.salt
        assert HISTORY_WAIT < time.monotonic() - began < HISTORY_WAIT + PATIENCE
        made.ledger.devices.add(D1, paired.jid, phone_of(paired.jid), made.clock())
        with closing(Sessions(made.home.sessions_path)) as sessions:
            assert sessions.bare() == {paired.jid}

        made.control.faults.order(FaultOrder(FaultKind.BARE_CHAT_REFUSED, count=None))
        with_token, bare = phones(2)
        made.enroll_rows(
            [
                Planned(2, with_token, say(with_token), pinned=DeviceId("d0")),
                Planned(3, bare, say(bare), pinned=D1),
            ]
        )
        made.send(settings(made))
        assert made.states() == {with_token: State.DELIVERED, bare: State.PENDING}
        assert made.texts() == {with_token: [say(with_token).text]}
        table.tell(
            table.Row(
                "a phone that sends no history, and new chats that want its token",
                "the device is paired, and said to be bare; its first contacts pending: WhatsApp"
                " lets no chat begin with them for now (463)",
                "nothing",
                "once the phone has sent its history",
            )
        )


@every_kind(also=MessageKind.CARD)
def test_who_is_in_the_phones_history_is_no_new_chat(tmp_path: Path, say: Say) -> None:
    """Also while the account is locked, and neither goes bare; an old token is worth nothing."""
    with rig(tmp_path, devices=1) as made:
        known, pinned, faded, stranger = phones(4)
        for number, days in ((known, 1.0), (pinned, 1.0), (faded, 40.0)):
            made.control.faults.order(
                FaultOrder(FaultKind.OLD_CHAT, number=number, seconds=days * DAY)
            )
        paired = scanned(made)
        assert isinstance(paired, Paired)
        assert paired.salt
        made.ledger.devices.add(D1, paired.jid, phone_of(paired.jid), made.clock())
        with closing(Sessions(made.home.sessions_path)) as sessions:
            trusted = [
                sessions.meeting(paired.jid, each).trusted for each in (known, faded, stranger)
            ]
            assert sessions.lid_of(known) is not None  # told before anybody asked
        assert [None if at is None else is_trusted(at, made.clock()) for at in trusted] == [
            True, False, None,
        ]  # fmt: skip

        made.ledger.devices.pause(DeviceId("d0"))
        made.control.faults.order(FaultOrder(FaultKind.BARE_CHAT_REFUSED, count=None))
        made.enroll_rows([Planned(2, known, say(known)), Planned(3, faded, say(faded))])
        made.send(replace(settings(made), new_chats=ChatBudget(1)))
        assert set(made.states().values()) == {State.DELIVERED}  # one of them was a new chat
        made.send(settings(made, errand(made)))
        assert revoked(made) == {known: 1, faded: 1}

        limits = guess(made.ledger.chats.limits(D1), ChatHold.REFUSED, made.clock())
        made.ledger.chats.keep(D1, limits)
        made.enroll_rows(
            [
                Planned(2, pinned, say(pinned), pinned=D1),
                Planned(3, stranger, say(stranger), pinned=D1),
            ],
            "locked",
        )
        made.send(replace(made.settings("locked"), max_wait=5.0))
        assert made.states("locked") == {pinned: State.DELIVERED, stranger: State.PENDING}
        table.tell(
            table.Row(
                "a chat that is older than the device, of its phone's history",
                "delivered, with the token that the history has brought; it is no new chat",
                "nothing",
                "at once",
            )
        )
