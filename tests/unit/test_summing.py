"""A campaign, summed up in one pass."""

from dataclasses import replace
from datetime import UTC

import pytest

from waheal.model import DeviceId, Phone, State
from waheal.reckoning.summing import (
    MOST_LEFTOVERS,
    MOST_REASONS,
    Delay,
    Results,
    steps_of,
    sum_up,
)
from waheal.records import Recipient

NOW = 1_800_000_000.0


def phone(number: int) -> Phone:
    return Phone(f"+1202555{100 + number % 100:04}")


def recipient(
    row: int,
    state: State,
    device: str | None = None,
    ended: float | None = None,
    reason: str | None = None,
    *,
    unreadable: bool = False,
    delivered: float | None = None,
    read: float | None = None,
    replied: float | None = None,
    opted_out: float | None = None,
) -> Recipient:
    label = None if device is None else DeviceId(device)
    return Recipient(
        row, phone(row - 2), state, 1, label, None, reason, unreadable, NOW, None, ended,
        delivered, read, "", replied, None, opted_out,
    )  # fmt: skip


def rows() -> list[Recipient]:
    device = "berlin-01"
    return [
        recipient(2, State.READ, device, NOW, delivered=NOW + 2, read=NOW + 60),
        recipient(3, State.SENT, device, NOW + 70, unreadable=True),
        recipient(4, State.FAILED, device, NOW + 80, "<b>not</b> on WhatsApp"),
        recipient(5, State.UNCERTAIN, "a&b", NOW + 90, "its host died"),
        recipient(6, State.PENDING),
        recipient(7, State.SUPPRESSED, reason="no consent"),
    ]


@pytest.fixture
def results() -> Results:
    return sum_up("spring <menu>", rows(), now=NOW + 3600, zone=UTC)


def test_counts_every_recipient_once(results: Results) -> None:
    assert results.tally.total == 6
    assert results.tally.unreadable == 1
    assert results.failures == (("<b>not</b> on WhatsApp", 1),)
    assert (results.first, results.last) == (NOW, NOW + 90)
    assert [(line.device, line.steps, line.failed) for line in results.devices] == [
        ("berlin-01", (2, 1, 1, 0, 0), 1),
        ("a&b", (0, 0, 0, 0, 0), 0),
    ]


def test_the_funnel_has_each_step_beside_the_one_before(results: Results) -> None:
    assert list(results.funnel) == [
        ("sent", 2, 6),
        ("delivered", 1, 2),
        ("read", 1, 1),
        ("replied", 0, 1),
        ("opted_out", 0, 0),
    ]


def test_whoever_replied_has_read_it_whatever_their_phone_tells() -> None:
    silent = recipient(2, State.SENT, "one", NOW, replied=NOW + 9)
    gone = recipient(3, State.SENT, "one", NOW, replied=NOW + 5, opted_out=NOW + 6)
    again = recipient(4, State.PENDING, "one", NOW, replied=NOW + 9)  # to an earlier attempt
    made = sum_up("c", [silent, gone, again], now=NOW, zone=UTC)
    assert made.steps == (3, 3, 3, 3, 1)
    assert made.tally.replied == 3
    assert made.tally[State.READ] == 0
    assert steps_of(gone) == 5


def test_the_curves_end_where_the_funnel_does() -> None:
    told = rows()
    told.append(recipient(8, State.DELIVERED, "one", NOW + 1, replied=NOW + 300))
    made = sum_up("c", told, now=NOW, zone=UTC)
    assert made.curves is not None
    ends = {name: counts[-1] for name, counts in made.curves.lines.items()}
    assert ends == {"sent": 3, "delivered": 2, "read": 2, "replied": 1, "failed": 2}


def test_delays_are_those_that_phones_told_by_the_nearest_rank() -> None:
    told = [
        recipient(row, State.DELIVERED, "one", NOW, delivered=NOW + row) for row in range(1, 11)
    ]
    told.append(recipient(20, State.SENT, "one", NOW))
    told.append(recipient(21, State.READ, "one", NOW, read=NOW - 1))  # it overtook the answer
    made = sum_up("c", told, now=NOW, zone=UTC)
    assert made.to_delivered == Delay(10, 5.0, 9.0)
    assert made.to_read == Delay(1, 0.0, 0.0)


def test_a_delay_counts_from_the_servers_answer_in_whatever_order_they_are_read() -> None:
    waits = (60.0, 3.0, 5.0, 1.0, 4.0)
    told = [
        recipient(2, State.READ, "one", NOW, delivered=NOW + 2, read=NOW + wait) for wait in waits
    ]
    told.append(recipient(3, State.DELIVERED, "one", NOW, delivered=NOW - 1))  # it overtook that
    made = sum_up("c", told, now=NOW, zone=UTC)
    assert made.to_read == Delay(5, 4.0, 60.0)
    assert made.to_delivered == Delay(6, 2.0, 2.0)
    (early,) = [sum_up("c", told[-1:], now=NOW, zone=UTC)]
    assert early.to_delivered == Delay(1, 0.0, 0.0)


def test_no_curve_runs_ahead_of_the_step_before_it() -> None:
    """A phone may tell that it was read before it tells that it was delivered."""
    told = [recipient(2, State.READ, "one", NOW, delivered=NOW + 60, read=NOW + 2)]
    made = sum_up("c", told, now=NOW, zone=UTC)
    assert made.curves is not None
    lines = made.curves.lines
    assert lines["read"][-1] == 1
    assert all(each >= after for each, after in zip(lines["delivered"], lines["read"], strict=True))


def test_only_who_chose_something_has_voted() -> None:
    asked = [
        replace(recipient(row, State.READ), options=("Yes", "No"), vote=vote)
        for row, vote in enumerate((("Yes",), (), None, ("No", "Yes")), start=2)
    ]
    made = sum_up("c", asked, now=NOW, zone=UTC)
    assert (made.votes, made.voters) == ((("Yes", 2), ("No", 1)), 2)


def test_reasons_that_are_left_out_are_counted_with_their_recipients() -> None:
    told = [
        recipient(row, State.FAILED, ended=NOW, reason=f"no {row % (MOST_REASONS + 3)}")
        for row in range(2 * (MOST_REASONS + 3))
    ]
    assert sum_up("c", told, now=NOW, zone=UTC).other_failures == (3, 6)


def test_only_so_many_are_listed_and_all_are_counted() -> None:
    many = MOST_LEFTOVERS + 50
    told = [recipient(2, State.FAILED, ended=NOW, reason=f"no {n}") for n in range(many)]
    told += [recipient(3, State.UNCERTAIN, ended=NOW) for _ in range(many)]
    made = sum_up("spring", told, now=NOW, zone=UTC)
    assert len(made.leftovers) == 2 * MOST_LEFTOVERS
    assert len(made.failures) == MOST_REASONS
    assert made.other_failures == (many - MOST_REASONS, many - MOST_REASONS)


def test_recipients_are_compared_by_what_is_said_of_them() -> None:
    made = sum_up(
        "c", rows(), now=NOW, zone=UTC, column="half",
        value_of=lambda each: None if each.row == 7 else "AB"[each.row % 2],
    )  # fmt: skip
    assert made.comparison is not None
    assert [(each.value, each.total, each.sent) for each in made.comparison.variants] == [
        ("A", 3, 1),
        ("B", 2, 1),
    ]
    assert made.comparison.unknown == 1


def test_of_nobody_there_is_nothing() -> None:
    made = sum_up("c", [], now=NOW, zone=UTC)
    assert (made.steps, made.curves, made.first, made.devices) == ((0, 0, 0, 0, 0), None, None, ())
