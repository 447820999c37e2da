"""Whatever the moment and the window: open means that every zone's clock stands within it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from waheal.model import Phone
from waheal.policy.windows import Hours, Window, Zones

MACHINE = ZoneInfo("Asia/Kathmandu")
PHONES = st.sampled_from(
    [Phone(f"+1{area}5550123") for area in (212, 310, 808, 907, 602, 306, 709)]
    + [Phone("+447700900456"), Phone("+99955501000")]
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
WINDOWS = st.builds(
    Window,
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.none() | st.frozensets(st.integers(0, 6), min_size=1),
).filter(lambda window: window.start != window.end)


def inside(window: Window, clock: datetime) -> bool:
    """The window's promise, read off a wall clock."""
    minute = clock.hour * 60 + clock.minute
    days = window.days if window.days is not None else frozenset(range(7))
    if window.start < window.end:
        return clock.weekday() in days and window.start <= minute < window.end
    begun = clock.weekday() in days and minute >= window.start
    return begun or ((clock.weekday() - 1) % 7 in days and minute < window.end)


def clocks(phone: Phone, moment: float) -> list[datetime]:
    zones = [ZoneInfo(zone) for zone in Zones(MACHINE).of(phone)] or [MACHINE]
    return [datetime.fromtimestamp(moment, zone) for zone in zones]


@given(PHONES, WINDOWS, MOMENTS)
def test_what_is_open_is_inside_in_every_zone(
    phone: Phone, window: Window, moment: datetime
) -> None:
    now = moment.timestamp()
    hours = Hours(window, MACHINE)
    opened = hours.next_open(phone, now)
    assert opened >= now
    if not hours.never(phone, now):
        assert all(inside(window, clock) for clock in clocks(phone, opened))


@given(PHONES, WINDOWS, MOMENTS, st.floats(0, 1))
def test_it_stays_open_until_it_closes(
    phone: Phone, window: Window, moment: datetime, part: float
) -> None:
    hours = Hours(window, MACHINE)
    opened = hours.next_open(phone, moment.timestamp())
    if hours.never(phone, moment.timestamp()):
        return
    closes = hours.closes(phone, opened)
    assert closes is None or closes > opened
    later = opened + part * ((closes or opened + 86400) - opened)
    if closes is None or later < closes:
        assert hours.next_open(phone, later) == later
        assert all(inside(window, clock) for clock in clocks(phone, later))


@given(PHONES, WINDOWS, MOMENTS)
def test_it_is_shut_only_outside_or_near_a_change_of_the_clock(
    phone: Phone, window: Window, moment: datetime
) -> None:
    now = moment.timestamp()
    if not all(inside(window, clock) for clock in clocks(phone, now)):
        assert Hours(window, MACHINE).next_open(phone, now) > now
        return
    if not any(_changes(clock) for clock in clocks(phone, now)):
        assert Hours(window, MACHINE).next_open(phone, now) == now


def _changes(clock: datetime) -> bool:
    at = clock.timestamp()
    near = (at - timedelta(days=2).total_seconds(), at, at + timedelta(days=2).total_seconds())
    return len({datetime.fromtimestamp(each, clock.tzinfo).utcoffset() for each in near}) > 1


@given(WINDOWS, st.lists(st.tuples(PHONES, MOMENTS), max_size=12))
def test_what_it_remembers_changes_no_answer(
    window: Window, asked: list[tuple[Phone, datetime]]
) -> None:
    hours = Hours(window, MACHINE)
    for phone, moment in asked:
        now = moment.timestamp()
        assert hours.next_open(phone, now) == Hours(window, MACHINE).next_open(phone, now)
