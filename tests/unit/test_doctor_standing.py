from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from tests.kit.ledgers import ANNA, BERT, NOW, ONE, TWO, claim_one, jid_of, row, start
from tests.kit.session_db import SessionDb
from waheal.chat_records import ChatLimits
from waheal.doctor import standing
from waheal.doctor.situation import Probe, Situation
from waheal.findings import Status
from waheal.model import ChatHold, DeviceId, Quarantine, State
from waheal.records import Device, Leftover, Resolution
from waheal.store.home import Home
from waheal.store.ledger import Ledger

DAY = 86400.0


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with Ledger.open(home) as opened:
        opened.devices.add(ONE, jid_of(ONE), ANNA, NOW)
        opened.devices.add(TWO, jid_of(TWO), BERT, NOW)
        yield opened


@pytest.fixture
def situation(home: Home) -> Situation:
    return Situation(
        root=home.root, now=NOW, probe=lambda: Probe("0.5.2", None), check_config=lambda: None
    )


def store_logins(home: Home, *jids: str) -> None:
    with closing(SessionDb(home.sessions_path)) as made:
        for jid in jids:
            made.device(jid)


def test_devices_that_begin_no_new_chat_are_told_with_the_way_out(
    ledger: Ledger, situation: Situation
) -> None:
    assert standing.new_chats(situation).status is Status.OK
    ledger.chats.keep(ONE, ChatLimits(NOW + DAY, ChatHold.UNDELIVERED, NOW, 1))
    found = standing.new_chats(situation)
    assert found.status is Status.WARN
    assert f"{ONE} (no first message arrives, until " in found.detail
    assert f"`waheal devices resume {ONE}`" in (found.hint or "")
    assert standing.quarantined(situation).status is Status.OK
    assert standing.new_chats(replace(situation, now=NOW + DAY + 1)).status is Status.OK


def test_a_quota_that_whatsapp_warned_of_is_told_until_a_new_one(
    ledger: Ledger, situation: Situation
) -> None:
    ledger.chats.keep(TWO, ChatLimits(quota=(45, 50), quota_until=NOW + DAY))
    found = standing.new_chats(situation)
    assert (found.status, f"{TWO} (45 of 50)" in found.detail) == (Status.WARN, True)
    assert standing.new_chats(replace(situation, now=NOW + DAY)).status is Status.OK


def test_devices_without_the_salt_of_tokens_are_told_with_the_way_out(
    ledger: Ledger, situation: Situation, home: Home
) -> None:
    assert ledger.devices.all(NOW)
    store_logins(home, jid_of(ONE), jid_of(TWO))
    with closing(SessionDb(home.sessions_path)) as made:
        made.salt(jid_of(TWO))
    found = standing.bare(situation)
    assert found.status is Status.WARN
    assert (ONE in found.detail, TWO in found.detail) == (True, False)
    assert "waheal sync" in (found.hint or "")
    with closing(SessionDb(home.sessions_path)) as made:
        made.salt(jid_of(ONE))
    assert standing.bare(situation).status is Status.OK


def test_a_home_without_a_device_is_told_how_to_get_one(situation: Situation) -> None:
    found = standing.paired(situation)
    assert (found.status, found.hint) == (Status.WARN, "run `waheal devices pair LABEL`")
    assert standing.count(situation) == 0


@pytest.mark.usefixtures("ledger")
def test_a_device_without_its_login_is_a_failure_until_it_is_paired(
    home: Home, situation: Situation
) -> None:
    assert (standing.paired(situation).status, standing.count(situation)) == (Status.OK, 2)
    store_logins(home, jid_of(ONE))
    found = standing.sessions(situation)
    assert (found.status, found.hint) == (Status.FAIL, f"run `waheal devices pair {TWO}`")
    home.sessions_path.unlink()
    store_logins(home, jid_of(ONE), jid_of(TWO))
    assert standing.sessions(situation).status is Status.OK


def test_a_logged_out_device_is_told_until_it_is_paired_again(
    ledger: Ledger, situation: Situation
) -> None:
    ledger.devices.quarantine(ONE, Quarantine.LOGGED_OUT, None, NOW)
    found = standing.logged_out(situation)
    assert (found.status, found.hint) == (Status.WARN, f"run `waheal devices pair {ONE}`")
    assert standing.sessions(situation).detail == f"no login is stored for {TWO}"
    ledger.devices.add(ONE, jid_of(ONE), ANNA, NOW)
    assert standing.logged_out(situation).status is Status.OK


def test_a_banned_device_rests_until_its_time_is_over(ledger: Ledger, situation: Situation) -> None:
    ledger.devices.quarantine(ONE, Quarantine.BANNED, NOW + DAY, NOW)
    found = standing.quarantined(situation)
    assert found.status is Status.WARN
    assert f"{ONE} (banned, until 2023-11-15" in found.detail
    assert standing.quarantined(replace(situation, now=NOW + DAY + 1)).status is Status.OK


def test_a_device_that_is_not_connected_for_ten_days_will_be_unlinked(
    ledger: Ledger, situation: Situation
) -> None:
    later = replace(situation, now=NOW + 11 * DAY)
    assert standing.unused(situation).status is Status.OK
    ledger.devices.note_seen(TWO, NOW + 10 * DAY)
    found = standing.unused(later)
    assert found.status is Status.WARN
    assert str(ONE) in found.detail
    assert str(TWO) not in found.detail
    ledger.devices.note_seen(ONE, NOW + 11 * DAY)  # as --connect does
    assert standing.unused(later).status is Status.OK


def test_a_used_up_quota_is_told(ledger: Ledger, situation: Situation) -> None:
    claim_one(ledger, start(ledger, row(2, ANNA)))
    assert standing.quota(situation).status is Status.OK
    assert standing.quota(replace(situation, daily=1)).status is Status.WARN
    assert standing.quota(replace(situation, daily=5)).detail == "9 messages are left today"
    assert standing.quota(replace(situation, daily=1, now=NOW + DAY + 1)).status is Status.OK


def test_doubtful_messages_are_told_until_they_are_resolved(
    ledger: Ledger, situation: Situation
) -> None:
    campaign = start(ledger, row(2, ANNA))
    claim = claim_one(ledger, campaign)
    ledger.outcomes.settle(
        claim.delivery, claim.attempt, State.UNCERTAIN, now=NOW, reason="timed out"
    )
    found = standing.doubtful(situation)
    assert found.status is Status.WARN
    assert "waheal resolve c --accept" in (found.hint or "")
    ledger.leftovers.resolve(campaign.id, which=Leftover.UNCERTAIN, how=Resolution.ACCEPT, now=NOW)
    assert standing.doubtful(situation).status is Status.OK


def test_a_campaign_that_stands_still_is_told_after_a_day(
    ledger: Ledger, situation: Situation
) -> None:
    start(ledger, row(2, ANNA))
    assert standing.stalled(situation).status is Status.OK
    found = standing.stalled(replace(situation, now=NOW + DAY + 1))
    assert (found.status, found.hint) == (
        Status.WARN,
        "run `waheal send /tmp/c.csv --name c` to go on",
    )


def test_devices_that_could_not_be_paired_for_a_passkey_are_told_apart(
    ledger: Ledger, situation: Situation
) -> None:
    assert standing.passkeys(situation).status is Status.OK
    ledger.devices.note_unpaired(DeviceId("asked"), None, Quarantine.PASSKEY)
    found = standing.passkeys(situation)
    assert (found.status, "asked" in found.detail) == (Status.WARN, True)
    assert "`waheal devices import FILE`" in (found.hint or "")
    assert "`waheal devices remove asked`" in (found.hint or "")
    assert standing.logged_out(situation).status is Status.OK  # pairing again is no help
    assert standing.quarantined(situation).status is Status.OK
    assert standing.paired(situation).detail == "2 paired, 2 ready"
    ledger.devices.add(DeviceId("asked"), "777:1@s.whatsapp.net", None, NOW)
    assert standing.passkeys(situation).status is Status.OK


def test_what_is_left_of_a_budget_of_new_chats_is_told(
    ledger: Ledger, situation: Situation
) -> None:
    assert standing.budget(situation).detail == "no --new-chats and no --ramp is set"
    one, two = ledger.devices.all(NOW)

    def described(*devices: Device) -> Situation:
        return replace(situation, described=lambda _ledger: devices)

    both = replace(one, budget=(3, 20)), replace(two, budget=(0, 20))
    assert standing.budget(described(*both)).detail == "37 new chats are left today"
    spent = replace(one, budget=(20, 20), budget_from=NOW + DAY)
    found = standing.budget(described(spent, both[1]))
    assert (found.status, f"used up by {ONE}, " in found.detail) == (Status.WARN, True)
    assert "raise --new-chats or --ramp" in (found.hint or "")
