"""Several coordinators on one ledger in PostgreSQL: whatever they do at once, nobody gets two."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice

import pytest

from tests.kit.coordinators import turns
from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    LONG,
    NOW,
    ONE,
    SHORT,
    TWO,
    claim_one,
    jid_of,
    open_ledger,
    row,
    server_of,
    start,
    states,
    want,
)
from tests.kit.numbers import unassigned
from waheal.model import DeviceId, Phone, Planned, ReceiptKind, State
from waheal.records import Campaign, Claim, Confirmation, Dropped, Enrolled, Leftover, Resolution
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]

FEW, MANY = 1_000, 10_000
PATIENCE = 60.0


def beside_each_other(home: Home, *work: Callable[[Ledger, threading.Barrier], None]) -> None:
    """Do each on a connection and a thread of its own; the first error is raised."""
    gate = threading.Barrier(len(work))
    failed: list[BaseException] = []

    def one(each: Callable[[Ledger, threading.Barrier], None]) -> None:
        try:
            with open_ledger(home) as own:
                each(own, gate)
        except BaseException as error:  # noqa: BLE001 - raised where all have ended
            gate.abort()
            failed.append(error)

    threads = [threading.Thread(target=one, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def enrolled(ledger: Ledger, count: int, name: str = "c") -> Campaign:
    campaign = ledger.campaigns.open(name, f"/{name}.csv", NOW)
    rows = [row(number, phone) for number, phone in enumerate(islice(unassigned(), count), 2)]
    ledger.enrolment.enroll(campaign.id, rows, now=NOW, digest=None)
    return campaign


@pytest.mark.parametrize("coordinators", [2, 4])
@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
def test_of_several_coordinators_none_claims_twice_and_nobody_is_lost(
    ledger: Ledger, home: Home, coordinators: int, count: int
) -> None:
    campaign = enrolled(ledger, count)
    claimed: list[list[int]] = [[] for _ in range(coordinators)]
    for number in range(coordinators):
        ledger.devices.add(DeviceId(f"d{number}"), f"{number}:1@s.whatsapp.net", None, NOW)

    def coordinate(number: int) -> Callable[[Ledger, threading.Barrier], None]:
        def work(own: Ledger, gate: threading.Barrier) -> None:
            for claims in turns(own, campaign, DeviceId(f"d{number}"), group=16):
                claimed[number] += [each.delivery for each in claims]
                if len(claimed[number]) == len(claims):
                    gate.wait(PATIENCE)  # each has some before any goes on

        return work

    beside_each_other(home, *(coordinate(number) for number in range(coordinators)))
    found = Counter(each for some in claimed for each in some)
    assert (len(found), max(found.values())) == (count, 1)
    assert ledger.campaigns.tally(campaign.id)[State.DELIVERED] == count


def waits(home: Home, work: Callable[[Ledger], None]) -> tuple[threading.Thread, list[bool]]:
    """Begin something on a connection and a thread of its own, and see that it waits for a lock."""
    over: list[bool] = []
    begun = threading.Event()
    pid: list[int] = []

    def one() -> None:
        with open_ledger(home) as own:
            pid.append(server_of(own).conn.info.backend_pid)
            begun.set()
            work(own)
            over.append(True)

    thread = threading.Thread(target=one)
    thread.start()
    assert begun.wait(PATIENCE)
    with open_ledger(home) as looking:
        end = time.monotonic() + PATIENCE
        # Nobody tells of a lock that is waited for, but the server where it is asked.
        while not server_of(looking).all(_WAITS, (pid[0],)):
            assert time.monotonic() < end, "it waits for nothing"
            assert not over, "it was done at once"
    return thread, over


_WAITS = "SELECT 1 FROM pg_stat_activity WHERE pid = ? AND wait_event_type = 'Lock'"


@pytest.mark.parametrize(
    ("phones", "lid"),
    [((ANNA, BERT), "1@lid"), ((LONG, SHORT), None)],
    ids=["one LID", "two spellings"],
)
def test_one_person_under_two_numbers_is_claimed_by_one_of_two_turns(
    ledger: Ledger, home: Home, phones: tuple[Phone, Phone], lid: str | None
) -> None:
    campaign = start(ledger, row(2, phones[0]))
    # As an earlier waheal has left it: by now a file's spellings are made one.
    server_of(ledger).run(
        "INSERT INTO deliveries (campaign_id, phone, row, text, state, updated)"
        " VALUES (?, ?, 3, 'hello', 'pending', 0)",
        (campaign.id, phones[1]),
    )
    one, other = (each.delivery for each in ledger.work.due(campaign.id, None, NOW, 2))
    found: list[tuple[list[Claim], list[Dropped]]] = []

    def claim(own: Ledger) -> None:
        with own.turn():
            found.append(own.work.claim(campaign, [want(other, TWO, lid)], now=NOW))

    with ledger.turn():
        claims, _ = ledger.work.claim(campaign, [want(one, ONE, lid)], now=NOW)
        thread, _ = waits(home, claim)
    thread.join()
    ((others, (dropped,)),) = found
    assert ([each.phone for each in claims], others) == ([phones[0]], [])
    assert (dropped.phone, dropped.reason) == (phones[1], f"same person as {phones[0]}")


def test_what_another_turn_has_in_hand_is_not_due_and_not_claimed(
    ledger: Ledger, home: Home
) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    with open_ledger(home) as second, ledger.turn(), second.turn():
        (mine,) = ledger.work.due(campaign.id, None, NOW, 1)
        (theirs,) = second.work.due(campaign.id, None, NOW, 2)
        assert (mine.phone, theirs.phone) == (ANNA, BERT)
        assert second.work.claim(campaign, [want(mine.delivery)], now=NOW) == ([], [])
        assert ledger.work.claim(campaign, [want(mine.delivery)], now=NOW)[0]


def test_no_claim_begins_after_an_opt_out_is_committed(ledger: Ledger, home: Home) -> None:
    campaign = enrolled(ledger, 300)
    ledger.devices.add(ONE, jid_of(ONE), None, NOW)
    everybody = list(states(ledger, campaign))
    gone: list[Phone] = []
    late: list[Phone] = []

    def opt_out(own: Ledger, gate: threading.Barrier) -> None:
        gate.wait(PATIENCE)
        for phone in reversed(everybody[-200:]):
            with own.transaction():
                own.people.suppress(phone, NOW, source="operator")
                own.people.suppress_pending([phone], NOW)
            gone.append(phone)

    def claim(own: Ledger, gate: threading.Barrier) -> None:
        gate.wait(PATIENCE)
        before: set[Phone] = set()
        for claims in turns(own, campaign, ONE, group=8):
            late.extend(before & {each.phone for each in claims})
            before = set(gone)

    beside_each_other(home, opt_out, claim)
    assert late == []
    tally = ledger.campaigns.tally(campaign.id)
    assert tally[State.DELIVERED] + tally[State.SUPPRESSED] == len(everybody)
    assert tally[State.DELIVERED] >= 100


def test_a_receipt_of_an_earlier_attempt_and_a_later_claim_do_not_pass_each_other(
    ledger: Ledger, home: Home
) -> None:
    campaign = start(ledger, row(2, ANNA))
    claim = claim_one(ledger, campaign)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M1")
    ledger.leftovers.resolve(campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW)
    seen = [Confirmation(ONE, "M1", ReceiptKind.DELIVERED)]

    def confirm(own: Ledger) -> None:
        with own.turn():
            own.outcomes.receipts(seen, NOW)

    with ledger.turn():
        assert ledger.work.claim(campaign, [want(claim.delivery, TWO)], now=NOW)[0]
        thread, _ = waits(home, confirm)
    thread.join()
    assert states(ledger, campaign) == {ANNA: State.SENDING}


def test_turns_over_the_same_people_in_two_campaigns_do_not_lock_each_other_out(
    ledger: Ledger, home: Home
) -> None:
    names = ("one", "two")
    campaigns = [enrolled(ledger, 320, name) for name in names]
    for device in (ONE, TWO):
        ledger.devices.add(device, jid_of(device), None, NOW)

    def send(campaign: Campaign, device: DeviceId) -> Callable[[Ledger, threading.Barrier], None]:
        def work(own: Ledger, gate: threading.Barrier) -> None:
            gate.wait(PATIENCE)
            for claims in turns(own, campaign, device, group=16):
                with own.turn():
                    for each in claims:
                        own.people.learn(each.phone, f"{each.phone[1:]}@lid")
                    own.people.suppress_listed(campaign.id, NOW)

        return work

    work = [send(each, device) for each, device in zip(campaigns, (ONE, TWO), strict=True)]
    beside_each_other(home, *work)
    for campaign in campaigns:
        assert ledger.campaigns.tally(campaign.id)[State.DELIVERED] == 320


def test_three_workers_never_exceed_the_rate_of_all(ledger: Ledger, home: Home) -> None:
    campaign = enrolled(ledger, 60)
    rates = [(20, 60.0)]

    def claim(number: int) -> Callable[[Ledger, threading.Barrier], None]:
        def work(own: Ledger, gate: threading.Barrier) -> None:
            for _ in range(4):
                gate.wait(PATIENCE)
                with own.turn():
                    left, opens = own.history.left_of(rates, NOW)
                    assert (left > 0) == (opens <= NOW)
                    due = own.work.due(campaign.id, None, NOW, min(left, 4)) if left else []
                    wants = [want(each.delivery, DeviceId(f"d{number}")) for each in due]
                    own.work.claim(campaign, wants, now=NOW)

        return work

    beside_each_other(home, *(claim(number) for number in range(3)))
    assert ledger.campaigns.tally(campaign.id)[State.SENDING] == 20
    assert ledger.history.left_of(rates, NOW + 1) == (0, NOW + 61)


def test_three_workers_never_exceed_a_recipients_own_limit(ledger: Ledger, home: Home) -> None:
    campaigns = [start(ledger, row(2, ANNA), name=name) for name in ("one", "two", "three")]
    claimed: list[int] = []

    def claim(campaign: Campaign) -> Callable[[Ledger, threading.Barrier], None]:
        def work(own: Ledger, gate: threading.Barrier) -> None:
            gate.wait(PATIENCE)
            with own.turn():
                (due,) = own.work.due(campaign.id, None, NOW, 1)
                wants = [want(due.delivery)]
                if own.history.held([(due.delivery, ANNA, None)], NOW - 1) == [[]]:
                    claims, _ = own.work.claim(campaign, wants, now=NOW, held=True)
                    claimed.extend(each.delivery for each in claims)

        return work

    beside_each_other(home, *(claim(each) for each in campaigns))
    assert len(claimed) == 1


def reworded(ledger: Ledger, campaign: Campaign, *rows: Planned) -> Enrolled:
    with ledger.enrolling(campaign.name):
        return ledger.enrolment.enroll(campaign.id, rows, now=NOW, digest=None)


def test_an_enrolment_leaves_whom_a_turn_has_in_hand_and_the_next_one_takes_them(
    ledger: Ledger, home: Home
) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    new = row(2, ANNA, "new"), row(3, BERT, "new")
    with open_ledger(home) as second:
        with second.turn():
            (due,) = second.work.due(campaign.id, None, NOW, 1)
            assert reworded(ledger, campaign, *new).changed == 1  # and waits for nothing
            (claim,), _ = second.work.claim(campaign, [want(due.delivery)], now=NOW)
        assert (claim.phone, claim.content.text) == (ANNA, "hello")
        second.outcomes.settle(due.delivery, 1, State.PENDING, now=NOW, due=NOW)
    assert reworded(ledger, campaign, *new).changed == 1
    assert {each.content.text for each in ledger.work.due(campaign.id, None, NOW, 2)} == {"new"}


def test_turns_go_on_while_their_campaign_is_enrolled_anew(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    first, _ = ledger.work.due(campaign.id, None, NOW, 2)
    (sent,), _ = ledger.work.claim(campaign, [want(first.delivery)], now=NOW)
    with (
        open_ledger(home) as other,
        other.enrolling("c"),
        other.enrolment.merging(lambda: campaign.id, NOW) as merge,
    ):
        merge.add([row(9, ANNA, "new"), row(3, BERT, "new"), row(4, CARL, "new")])
        (left,) = ledger.work.due(campaign.id, None, NOW, 3)
        assert (left.phone, left.content.text) == (BERT, "hello")  # nothing before all is read
        with ledger.turn():
            assert ledger.outcomes.settle(sent.delivery, 1, State.SENT, now=NOW, message_id="M1")
        assert list(merge.merged()) == [3]
        with ledger.turn():
            ledger.outcomes.receipt(ONE, ["M1"], ReceiptKind.READ, NOW)
        merge.finish("d", whole=True)
    due = ledger.work.due(campaign.id, None, NOW, 3)
    assert [(each.phone, each.content.text) for each in due] == [(BERT, "new"), (CARL, "new")]
    rows = {each.phone: (each.row, each.state) for each in ledger.recipients.rows(campaign.id)}
    assert rows[ANNA] == (9, State.READ)


def test_two_enrolments_of_one_campaign_queue_and_those_of_two_do_not(
    ledger: Ledger, home: Home
) -> None:
    campaigns = [start(ledger, row(2, ANNA), name=name) for name in ("one", "two")]

    def again(own: Ledger) -> None:
        reworded(own, campaigns[0], row(2, ANNA, "second"), row(3, CARL))

    with ledger.enrolling("one"), open_ledger(home) as other:
        ledger.enrolment.enroll(
            campaigns[0].id, [row(2, ANNA, "first"), row(3, BERT)], now=NOW, digest=None
        )
        assert reworded(other, campaigns[1], row(2, ANNA), row(3, BERT)).added == 1
        thread, _ = waits(home, again)
    thread.join()
    found = {each.phone: each.state for each in ledger.recipients.rows(campaigns[0].id)}
    assert found == {ANNA: State.PENDING, BERT: State.EXPIRED, CARL: State.PENDING}
