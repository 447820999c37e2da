"""Presence: which quarantines a login ends, and that each is written with its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import NOW, ONE, jid_of, open_home
from waheal.chat_records import ChatLimits
from waheal.engine.presence import Presence
from waheal.events import DeviceQuarantined, Note
from waheal.model import ChatHold, DeviceState, Quarantine
from waheal.store.ledger import Ledger

DISPROVED = {
    Quarantine.UNREACHABLE,
    Quarantine.REFUSED,
    Quarantine.OUTDATED,
    Quarantine.CRASHES,
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(open_home(tmp_path)) as ledger:
        ledger.devices.add(ONE, jid_of(ONE), None, NOW)
        yield ledger


@pytest.fixture
def presence(ledger: Ledger) -> Presence:
    return Presence(ledger.devices, ledger.chats.limits)


def state(ledger: Ledger) -> DeviceState:
    found = ledger.devices.find(ONE, NOW)
    assert found is not None
    return found.state


@pytest.mark.parametrize("reason", sorted(DISPROVED))
def test_a_login_ends_the_quarantine_that_it_disproves(
    ledger: Ledger, presence: Presence, reason: Quarantine
) -> None:
    presence.down(ONE, reason, NOW + 60.0, NOW)
    told = presence.up(ONE, NOW)
    assert isinstance(told, Note)
    assert ONE in told.text
    assert state(ledger) is DeviceState.READY


@pytest.mark.parametrize("reason", sorted(set(Quarantine) - DISPROVED))
def test_a_login_ends_no_other(ledger: Ledger, presence: Presence, reason: Quarantine) -> None:
    presence.down(ONE, reason, None, NOW)
    assert presence.up(ONE, NOW) is None
    assert state(ledger) is DeviceState.QUARANTINED


def test_a_login_is_noted_and_needs_no_word(ledger: Ledger, presence: Presence) -> None:
    assert presence.up(ONE, NOW + 5.0) is None
    assert ledger.devices.seen(ONE) == NOW + 5.0


def test_a_login_does_not_end_a_pause(ledger: Ledger, presence: Presence) -> None:
    ledger.devices.pause(ONE)
    presence.down(ONE, Quarantine.UNREACHABLE, None, NOW)
    presence.up(ONE, NOW)
    assert state(ledger) is DeviceState.PAUSED


def test_a_device_that_goes_down_is_out_until_then(ledger: Ledger, presence: Presence) -> None:
    told = presence.down(ONE, Quarantine.BANNED, NOW + 60.0, NOW)
    assert told == DeviceQuarantined(ONE, Quarantine.BANNED, NOW + 60.0)
    found = ledger.devices.find(ONE, NOW)
    assert found is not None
    assert (found.reason, found.until) == (Quarantine.BANNED, NOW + 60.0)


@pytest.mark.parametrize(
    ("reason", "since", "after"),
    [
        (Quarantine.BANNED, -60.0, ChatHold.REFUSED),
        (Quarantine.LOGGED_OUT, 60.0, ChatHold.REFUSED),
        (Quarantine.BANNED, -8 * 86400.0, None),
        (Quarantine.UNREACHABLE, 60.0, None),
    ],
)
def test_a_ban_or_a_logout_that_follows_a_lock_says_so(
    presence: Presence, ledger: Ledger, reason: Quarantine, since: float, after: ChatHold | None
) -> None:
    ledger.chats.keep(ONE, ChatLimits(NOW + since, ChatHold.REFUSED, NOW, 1))
    assert presence.down(ONE, reason, None, NOW).after is after
