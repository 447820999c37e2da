"""What each machine has for itself in the ledger that they share, and what becomes of one's."""

import pytest

from tests.kit.cluster import Cluster, silence
from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    NOW,
    ONE,
    TWO,
    claim_all,
    jid_of,
    row,
    send,
    server_of,
    start,
    states,
    want,
)
from waheal.errors import UsageError
from waheal.model import DeviceId, Phone, State
from waheal.records import Leftover, OwnMessage, Resolution
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.cluster

DORA, EMIL = Phone("+12025550103"), Phone("+12025550104")


def test_each_sees_its_own_doubt_and_ends_its_own_calls(paris: Ledger, lyon: Ledger) -> None:
    campaign = start(paris, row(2, ANNA), row(3, BERT))
    claims, _ = claim_all(paris, campaign)
    paris.outcomes.settle(claims[1].delivery, 1, State.UNCERTAIN, now=NOW)
    paris.outcomes.running(claims[1].delivery, 1, running=True, now=NOW)
    assert lyon.doubts.open() == []
    lyon.outcomes.clear_running(NOW)
    assert [each.running for each in paris.doubts.open()] == [False, True]
    paris.outcomes.clear_running(NOW)
    assert [each.running for each in paris.doubts.open()] == [False, False]
    assert lyon.history.claim_times(0.0) == {}
    assert list(paris.history.claim_times(0.0)) == [ONE]
    assert list(lyon.history.leaving_times(0.0, NOW)) == [ONE]  # for limits over all


def test_each_lists_its_own_devices_and_anybody_all(paris: Ledger, lyon: Ledger) -> None:
    assert [each.label for each in paris.devices.all(NOW)] == [ONE]
    assert [each.label for each in lyon.devices.all(NOW)] == [TWO]
    everywhere = lyon.devices.all(NOW, everywhere=True)
    assert [(each.label, each.machine) for each in everywhere] == [(ONE, "paris"), (TWO, "lyon")]


def test_nobody_takes_a_label_or_a_session_of_anothers(paris: Ledger, lyon: Ledger) -> None:
    with pytest.raises(UsageError, match="one is a device of the machine paris"):
        lyon.devices.add(ONE, "999:1@s.whatsapp.net", None, NOW)
    with pytest.raises(UsageError, match="is already device one"):
        lyon.devices.add(DeviceId("new"), jid_of(ONE), None, NOW)
    paris.devices.remove(ONE, NOW)
    lyon.devices.add(ONE, jid_of(ONE), None, NOW)
    assert [each.label for each in lyon.devices.all(NOW)] == [ONE, TWO]
    assert paris.devices.all(NOW) == []


def test_whoever_has_not_joined_has_nothing_and_pairs_nothing(
    cluster: Cluster, paris: Ledger
) -> None:
    claim_all(paris, start(paris, row(2, ANNA)))
    laptop = cluster.open(cluster.home("laptop"))
    assert laptop.doubts.open() == []
    assert laptop.devices.all(NOW) == []
    assert len(laptop.devices.all(NOW, everywhere=True)) == 1
    with pytest.raises(UsageError, match="is no machine of"):
        laptop.devices.add(DeviceId("new"), "999:1@s.whatsapp.net", None, NOW)


def laned(ledger: Ledger, *phones: Phone) -> int:
    """Make a campaign to people whom a device has written to before."""
    before = start(ledger, *(row(n, phone) for n, phone in enumerate(phones, 2)), name="before")
    for n, claim in enumerate(claim_all(ledger, before)[0]):
        send(ledger, claim, f"M{n}")
    return start(ledger, *(row(n, phone) for n, phone in enumerate(phones, 2))).id


def test_a_lane_of_another_machine_is_not_let_go_while_that_one_lives(
    paris: Ledger, lyon: Ledger
) -> None:
    paris.machines.take_epoch()
    campaign = laned(paris, ANNA, BERT)
    assert paris.work.lanes(campaign) == {ONE: (2, False)}
    assert lyon.work.lanes(campaign) == {}
    assert (
        lyon.work.pending(campaign, elsewhere=True)
        == paris.work.pending(campaign, elsewhere=True) + 2
        == 2
    )
    silence(paris)
    assert lyon.work.lanes(campaign) == {ONE: (2, False)}
    assert lyon.work.pending(campaign, elsewhere=True) == 0


def test_each_keeps_its_own_place_in_its_session_database(paris: Ledger, lyon: Ledger) -> None:
    assert paris.marks.own("foreign") == "foreign"
    assert lyon.marks.own("foreign") == "foreign 2"
    lyon.marks.set(lyon.marks.own("foreign"), 7)
    assert paris.marks.get(paris.marks.own("foreign")) == 0


def test_what_one_machine_has_sent_before_the_other_recognises(paris: Ledger, lyon: Ledger) -> None:
    """The ledger went back: the witness is told by the home that has it."""
    campaign = start(paris, row(2, ANNA))
    claims, _ = claim_all(paris, campaign)
    server_of(paris).conn.execute(
        "DELETE FROM attempts; UPDATE deliveries SET state = 'pending', attempt = 0"
    )
    assert paris.foreign.remember([OwnMessage(claims[0].witness, jid_of(ONE), "M1")]) == 1
    won, dropped = lyon.work.claim(campaign, [want(claims[0].delivery, TWO)], now=NOW)
    assert won == []
    assert [each.state for each in dropped] == [State.UNCERTAIN]
    # It is paris that hears of it, and has its evidence.
    assert [each.device for each in paris.doubts.open()] == [ONE]
    assert lyon.doubts.open() == []


def test_resolve_keeps_what_another_has_in_hand_until_that_is_given_up(
    cluster: Cluster, paris: Ledger, lyon: Ledger
) -> None:
    paris.machines.take_epoch()
    campaign = start(paris, *(row(n, who) for n, who in enumerate((ANNA, BERT, CARL, DORA), 2)))
    claims, _ = claim_all(paris, campaign)
    for claim in claims[2:]:
        paris.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    paris.outcomes.running(claims[2].delivery, 1, running=True, now=NOW)
    laptop = cluster.open(cluster.home("laptop"))

    def resolved(ledger: Ledger, how: Resolution) -> tuple[int, int]:
        done = ledger.leftovers.resolve(campaign.id, which=Leftover.UNCERTAIN, how=how, now=NOW)
        return done.changed, done.running_kept

    assert resolved(laptop, Resolution.RESEND) == (1, 3)
    assert resolved(lyon, Resolution.ACCEPT) == (0, 3)
    with pytest.raises(UsageError, match="the machine paris is at work"):
        lyon.machines.retire("paris")
    server_of(paris).all("SELECT pg_advisory_unlock_all()")  # its process is gone
    with pytest.raises(UsageError, match="what it has in hand may still leave"):
        lyon.machines.retire("paris")
    silence(paris)
    done = lyon.machines.retire("paris")
    assert (done.machine.name, done.devices, done.uncertain) == ("paris", 1, 2)
    assert resolved(laptop, Resolution.RESEND) == (3, 0)
    assert set(states(lyon, campaign).values()) == {State.PENDING}


def test_who_is_given_up_leaves_its_contacts_to_others_but_for_the_pinned(
    paris: Ledger, lyon: Ledger
) -> None:
    paris.machines.take_epoch()
    campaign = laned(paris, ANNA, BERT)
    server_of(paris).conn.execute("UPDATE deliveries SET pinned = 1 WHERE phone = %s", (BERT,))
    silence(paris)
    done = lyon.machines.retire("paris")
    assert (done.devices, done.freed, done.uncertain) == (1, 1, 0)
    assert [each.phone for each in lyon.work.due(campaign, None, NOW, 9)] == [ANNA]
    assert lyon.work.lanes(campaign) == {ONE: (1, True)}
    lyon.devices.add(ONE, "999:1@s.whatsapp.net", None, NOW)  # another one takes that label up
    assert [each.phone for each in lyon.work.due(campaign, ONE, NOW, 9)] == [BERT]
