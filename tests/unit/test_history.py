from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    LONG,
    NOW,
    ONE,
    SHORT,
    claim_all,
    claim_one,
    on_both,
    open_home,
    open_ledger,
    row,
    start,
)
from waheal.model import State
from waheal.store.ledger import Ledger

pytestmark = on_both


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("state", "counts", "device", "recipient"),
    [
        (None, False, 1, 1),  # still under way
        (State.SENT, False, 1, 1),
        (State.UNCERTAIN, False, 1, 1),
        (State.FAILED, False, 1, 1),
        (State.PENDING, False, 0, 0),  # it never left
        (State.PENDING, True, 1, 0),  # the server saw it, the recipient did not
        (State.SUPPRESSED, False, 0, 0),
    ],
)
def test_limits_count_what_may_have_left(
    ledger: Ledger, state: State | None, *, counts: bool, device: int, recipient: int
) -> None:
    campaign = start(ledger, row(2, ANNA))
    claim = claim_one(ledger, campaign)
    if state is not None:
        ledger.outcomes.settle(claim.delivery, 1, state, now=NOW, counts=counts)
    assert len(ledger.history.claim_times(NOW).get(ONE, [])) == device
    assert len(ledger.history.recent(ANNA, NOW)) == recipient


def test_evidence_that_nothing_left_gives_the_turn_back(ledger: Ledger) -> None:
    claim = claim_one(ledger, start(ledger, row(2, ANNA)))
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW)
    assert ledger.history.claim_times(NOW) == {}


def test_a_recipients_messages_count_over_all_campaigns_and_since_then(ledger: Ledger) -> None:
    for hour, name in enumerate(("first", "second")):
        campaign = start(ledger, row(2, ANNA), row(3, BERT), name=name)
        claim_all(ledger, campaign, now=NOW + hour * 3600)
    assert ledger.history.recent(ANNA, NOW) == [NOW, NOW + 3600]
    assert ledger.history.recent(ANNA, NOW + 1) == [NOW + 3600]
    assert ledger.history.claim_times(NOW + 1) == {ONE: [NOW + 3600] * 2}


def test_a_message_left_when_its_call_was_over_or_may_leave_yet(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    one, _ = claim_all(ledger, campaign, now=NOW)[0]
    ledger.outcomes.settle(one.delivery, 1, State.UNCERTAIN, now=NOW + 7)
    ledger.outcomes.settle(one.delivery, 1, State.SENT, now=NOW + 50)  # found out later
    assert ledger.history.leaving_times(NOW, NOW + 100) == {ONE: [NOW + 7, NOW + 100]}
    assert ledger.history.leaving_times(NOW + 1, NOW + 100) == {}


def test_a_call_that_was_cut_loose_may_leave_until_it_is_over(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    for claim in claim_all(ledger, campaign, now=NOW)[0]:
        ledger.outcomes.running(claim.delivery, 1, running=True, now=NOW + 90)
        ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW + 90)
    ledger.outcomes.running(1, 1, running=False, now=NOW + 95)
    ledger.outcomes.clear_running(NOW + 99)  # of a run that was killed
    assert ledger.history.leaving_times(NOW, NOW + 100) == {ONE: [NOW + 95, NOW + 99]}


def test_a_clock_that_was_set_back_lets_no_message_leave_before_its_claim(ledger: Ledger) -> None:
    claim = claim_one(ledger, start(ledger, row(2, ANNA)))
    ledger.outcomes.settle(claim.delivery, 1, State.SENT, now=NOW - 60)
    assert ledger.history.leaving_times(NOW - 100, NOW) == {ONE: [NOW]}


def test_what_never_left_leaves_no_moment(ledger: Ledger) -> None:
    claim = claim_one(ledger, start(ledger, row(2, ANNA)))
    ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW + 1)
    assert ledger.history.leaving_times(NOW, NOW + 2) == {}


def test_marks_outlive_the_process(ledger: Ledger) -> None:
    assert ledger.marks.get("seen") == 0
    ledger.marks.set("seen", 7)
    ledger.marks.set("seen", 9)
    assert ledger.marks.get("seen") == 9


def test_a_persons_limit_counts_every_spelling_and_number(ledger: Ledger) -> None:
    for name, phone in (("a", LONG), ("b", SHORT), ("c", ANNA)):
        claim_one(ledger, start(ledger, row(2, phone), name=name))
    assert ledger.history.recent(SHORT, NOW - 1) == [NOW, NOW]
    assert ledger.history.recent(SHORT, NOW - 1, lid="77@lid") == [NOW, NOW]
    ledger.people.learn(ANNA, "77@lid")
    assert ledger.history.recent(SHORT, NOW - 1, lid="77@lid") == [NOW] * 3


def test_a_campaigns_messages_of_late_are_its_own_and_may_have_left(ledger: Ledger) -> None:
    first = start(ledger, row(2, ANNA), name="first")
    claim_one(ledger, first)
    second = start(ledger, row(2, BERT), name="second")
    assert ledger.history.lately(first.id, NOW - 60.0) == 1
    assert ledger.history.lately(first.id, NOW + 60.0) == 0
    assert ledger.history.lately(second.id, NOW - 60.0) == 0
