"""The scheduler: whose turn it is, over a real ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import NOW, ONE, TWO, jid_of, on_both, open_home, open_ledger, start
from tests.kit.stage import phone
from waheal.engine.scheduler import CLAIMS_A_DEVICE, Member, Scheduler
from waheal.model import Content, DeviceId, Planned
from waheal.policy.pacing import Limits
from waheal.store.ledger import Ledger

pytestmark = on_both


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as ledger:
        yield ledger


def member(
    device: DeviceId, limits: Limits | None = None, load: int = 0, *, own: bool = True
) -> Member:
    pace = (limits or Limits()).pace(())
    return Member(device, jid_of(device), 0, pace, load=load, own=own)


def scheduler(
    ledger: Ledger, members: list[Member], *rows: Planned, most_ahead: int = 1
) -> Scheduler:
    return Scheduler(ledger.work, start(ledger, *rows).id, members, most_ahead=most_ahead)


def rows(count: int, pinned: DeviceId | None = None) -> list[Planned]:
    return [Planned(n + 2, phone(n), Content("hello"), pinned=pinned) for n in range(count)]


def taken(made: Scheduler, now: float = NOW) -> list[tuple[int, DeviceId]]:
    """Take all there is: rows with their devices."""
    found = []
    while got := made.take(now):
        found.append((got[0].row, got[1].device))
    return found


def test_recipients_are_dealt_out_in_file_order_and_two_to_a_device(ledger: Ledger) -> None:
    made = scheduler(ledger, [member(ONE), member(TWO)], *rows(6))
    assert taken(made) == [(2, ONE), (3, TWO), (4, ONE), (5, TWO)]


def test_the_least_loaded_device_comes_first(ledger: Ledger) -> None:
    made = scheduler(ledger, [member(ONE, load=5), member(TWO, load=4)], *rows(2))
    assert taken(made)[0] == (2, TWO)


def test_a_claim_that_ended_gives_the_device_its_next_turn(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(3))
    assert len(taken(made)) == CLAIMS_A_DEVICE
    made.done(one, NOW)
    assert taken(made) == [(4, ONE)]


def test_a_pinned_recipient_waits_for_its_device(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one, member(TWO)], *rows(1, pinned=ONE))
    made.withdraw(one)
    assert taken(made) == []
    made.restore(one, NOW)
    assert taken(made) == [(2, ONE)]


def test_what_was_read_ahead_for_a_device_goes_back_when_it_is_withdrawn(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(2, pinned=ONE))
    first = made.take(NOW)
    assert first is not None
    assert len(one.ahead) == 1
    made.withdraw(one)
    made.restore(one, NOW)
    made.refresh()
    assert taken(made) == [(3, ONE)]


def test_a_resting_device_says_when_it_opens(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(2))
    one.rest(NOW + 10.0)
    assert made.take(NOW) is None
    assert made.opens() == NOW + 10.0
    assert made.take(NOW + 9.0) is None
    assert made.take(NOW + 10.0) is not None


def test_pace_rests_a_device(ledger: Ledger) -> None:
    one = member(ONE, Limits(gap=5.0))
    made = scheduler(ledger, [one], *rows(2))
    assert made.take(NOW) is not None
    one.pace.note(NOW)
    assert made.take(NOW + 100.0) is None  # the first may leave at any time
    assert made.opens() is None
    one.pace.landed(NOW, NOW + 100.0)
    made.done(one, NOW + 100.0)
    assert made.take(NOW + 100.0) is None
    assert made.opens() == NOW + 105.0
    assert made.take(NOW + 105.0) is not None


def test_a_device_that_is_withdrawn_while_it_rests_opens_never(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(1))
    one.rest(NOW + 10.0)
    assert made.take(NOW) is None
    made.withdraw(one)
    assert made.opens() is None
    assert not made.any_usable()


def test_a_held_device_is_given_nothing_until_it_is_let_go(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(1))
    made.hold(one, NOW, held=True)
    assert made.take(NOW) is None
    assert made.any_usable()
    made.hold(one, NOW, held=False)
    assert taken(made) == [(2, ONE)]


def test_a_device_held_while_it_rests_goes_on_where_it_was(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(1))
    one.rest(NOW + 5.0)
    assert made.take(NOW) is None
    made.hold(one, NOW, held=True)
    assert made.take(NOW + 6.0) is None
    made.hold(one, NOW + 6.0, held=False)
    assert taken(made, NOW + 6.0) == [(2, ONE)]


def test_a_device_without_work_is_parked_until_a_look(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], Planned(2, phone(0), Content("later"), not_before=NOW + 10.0))
    assert made.take(NOW) is None
    assert made.take(NOW + 11.0) is None
    made.refresh()
    assert taken(made, NOW + 11.0) == [(2, ONE)]


def test_what_was_put_back_is_found_again_after_a_look(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(1))
    got = made.take(NOW)
    assert got is not None
    assert made.take(NOW) is None
    made.put_back(*got, NOW)
    made.refresh()
    assert taken(made) == [(2, ONE)]
    assert one.load == 1


def test_nothing_is_dealt_twice_before_it_is_claimed(ledger: Ledger) -> None:
    made = scheduler(ledger, [member(ONE), member(TWO)], *rows(3))
    first = made.take(NOW)
    made.refresh()
    assert first is not None
    assert first[0].row not in [number for number, _ in taken(made)]


def test_a_restored_device_takes_no_more_than_its_share(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(6))
    for _ in range(3):
        made.withdraw(one)
        made.restore(one, NOW)
    made.refresh()
    assert len(taken(made)) == CLAIMS_A_DEVICE


def test_a_device_added_in_mid_run_takes_part(ledger: Ledger) -> None:
    made = scheduler(ledger, [], *rows(1))
    assert made.take(NOW) is None
    made.add(member(ONE))
    assert taken(made) == [(2, ONE)]


# Dealing several at a time.


def all_taken(made: Scheduler) -> list[tuple[int, DeviceId]]:
    """Take all there is, each over at once."""
    found = []
    while got := made.take(NOW):
        due, by = got
        made.done(by, NOW)
        found.append((due.row, by.device))
    return found


def test_each_device_has_rows_of_its_own_in_file_order_and_all_are_dealt(ledger: Ledger) -> None:
    made = scheduler(ledger, [member(ONE), member(TWO)], *rows(20), most_ahead=5)
    found = all_taken(made)
    assert sorted(row for row, _ in found) == list(range(2, 22))
    for device in (ONE, TWO):
        theirs = [row for row, by in found if by == device]
        assert theirs == sorted(theirs)
    first = {row for row, by in found if by == found[0][1]}
    assert {2, 3, 4, 5, 6} <= first


def test_what_was_dealt_together_is_told_once(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(10), most_ahead=5)
    got = made.take(NOW)
    assert got is not None
    assert one.dealt
    assert [due.row for due in one.ahead] == [3, 4, 5, 6]


def test_nobody_is_dealt_more_than_an_equal_share_of_what_is_left(ledger: Ledger) -> None:
    one, two = member(ONE), member(TWO)
    made = scheduler(ledger, [one, two], *rows(10), most_ahead=50)
    made.take(NOW)
    assert len(one.ahead) + len(two.ahead) == 4


def test_where_few_are_left_they_are_dealt_one_by_one_in_file_order(ledger: Ledger) -> None:
    made = scheduler(ledger, [member(ONE), member(TWO)], *rows(6), most_ahead=50)
    assert [row for row, _ in taken(made)] == [2, 3, 4, 5]


def test_who_is_free_takes_over_what_another_has_not_come_to(ledger: Ledger) -> None:
    one, two = member(ONE), member(TWO)
    made = scheduler(ledger, [one, two], *rows(8), most_ahead=50)
    first, second = made.take(NOW), made.take(NOW)
    assert first is not None
    assert second is not None
    slow = first[1]  # it never ends
    found = []
    while got := made.take(NOW):
        if got[1] is slow:
            continue
        made.done(got[1], NOW)
        found.append(got[0].row)
    assert len(found) >= 3
    assert not one.ahead
    assert not two.ahead


def test_who_is_pending_once_more_comes_before_what_was_dealt(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one], *rows(10), most_ahead=5)
    got = made.take(NOW)
    assert got is not None
    made.claimed(got[0])
    made.done(one, NOW)  # it did not leave
    made.refresh()
    again = made.take(NOW)
    assert again is not None
    assert again[0].row == got[0].row


def test_a_device_that_is_out_keeps_nobody(ledger: Ledger) -> None:
    one, two = member(ONE), member(TWO)
    made = scheduler(ledger, [one, two], *rows(8), most_ahead=50)
    got = made.take(NOW)
    assert got is not None
    made.withdraw(got[1])
    made.refresh()
    assert len(all_taken(made)) == 7


def test_a_lane_is_dealt_as_many_at_a_time(ledger: Ledger) -> None:
    one = member(ONE)
    made = scheduler(ledger, [one, member(TWO)], *rows(8, pinned=ONE), most_ahead=5)
    got = made.take(NOW)
    assert got is not None
    assert len(one.ahead) == 4
    assert one.dealt


def test_who_is_given_to_a_device_is_taken_over_by_no_other(ledger: Ledger) -> None:
    one, two = member(ONE), member(TWO)
    made = scheduler(ledger, [one, two], *rows(1), most_ahead=50)
    due, first = made.take(NOW) or pytest.fail("nobody is dealt anything")
    other = two if first is one else one
    made.put_back(due, first, NOW, to=other)
    assert taken(made) == [(2, other.device)]
