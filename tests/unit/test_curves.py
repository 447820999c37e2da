from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from waheal.reckoning.curves import MOST_BUCKETS, curves, ticks

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 27, 14, 3, 7, 500_000, UTC).timestamp()
SPANS = (
    *(10, 45, 61, 599, 3_600, 5_000, 40_000, 86_400, 200_000),
    *(86_400 * 9, 86_400 * 45, 86_400 * 900),
)


@pytest.mark.parametrize("span", SPANS)
def test_a_span_has_ten_to_twenty_buckets_and_all_that_came_is_in_them(span: int) -> None:
    moments = [NOW + span * step / 99 for step in range(100)]
    made = curves({"sent": moments, "read": []}, UTC)
    assert made is not None
    assert 10 <= len(made.edges) - 1 <= MOST_BUCKETS
    assert made.lines["sent"][-1] == 100
    assert set(made.lines["read"]) == {0}
    assert made.edges[0] <= NOW < made.edges[1]
    assert made.edges[-2] <= moments[-1] < made.edges[-1]


def test_a_bucket_counts_what_came_before_its_end() -> None:
    made = curves({"sent": [0.0, 0.5, 1.0, 4.0]}, UTC)
    assert made is not None
    assert made.edges == (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    assert made.lines["sent"] == (2, 3, 3, 3, 4)


def test_the_last_moment_lies_before_the_last_edge_also_on_a_round_time() -> None:
    made = curves({"sent": [0.0, float(MOST_BUCKETS)]}, UTC)
    assert made is not None
    assert made.edges[-1] > MOST_BUCKETS
    assert made.lines["sent"][-2:] == (1, 2)


def test_of_nothing_there_are_no_curves() -> None:
    assert curves({"sent": [], "read": []}, UTC) is None


@pytest.mark.parametrize("zone", [UTC, BERLIN, ZoneInfo("Asia/Kolkata")], ids=str)
@pytest.mark.parametrize("span", SPANS)
def test_edges_and_their_names_stand_at_round_times_of_the_place(span: int, zone: ZoneInfo) -> None:
    made = curves({"sent": [NOW, NOW + span]}, zone)
    assert made is not None
    clocks = [datetime.fromtimestamp(edge, zone) for edge in made.edges]
    for clock in clocks:
        since = clock - clock.replace(hour=0, minute=0, second=0, microsecond=0)
        assert since.total_seconds() % min(made.width, 86_400) == 0
    named = ticks(made, 5, zone)
    assert 1 <= len(named) <= 5
    assert {0 <= place < len(made.edges) for place in named} == {True}


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
@pytest.mark.parametrize("hours", [1, 3, 14, 40, 200])
def test_a_change_of_the_hour_loses_nothing(day: str, hours: int) -> None:
    begin = datetime.fromisoformat(f"{day}T22:30").replace(tzinfo=BERLIN)
    moments = [(begin + timedelta(hours=hours * step / 50)).timestamp() for step in range(51)]
    made = curves({"sent": moments}, BERLIN)
    assert made is not None
    assert made.lines["sent"][-1] == 51
    assert list(made.edges) == sorted(set(made.edges))
    if hours >= 200:
        midnights = {datetime.fromtimestamp(edge, BERLIN).hour % 12 for edge in made.edges}
        assert midnights == {0}
