"""Windows as the operator writes them, laid over the recipients' own clocks."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from waheal.errors import UsageError
from waheal.model import Phone
from waheal.policy.windows import Hours, Window, Zones, parse_days, parse_window, window_of

UTC = ZoneInfo("UTC")
NEW_YORK = Phone("+12125550100")
LOS_ANGELES = Phone("+13105550100")
LONDON = Phone("+447700900123")
NOWHERE = Phone("+99955501000")  # no such calling code
TOLL_FREE = Phone("+18005550100")  # any of North America's zones


def at(zone: str, text: str, *, fold: int = 0) -> float:
    clock = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return clock.timestamp()


def hours(window: str, days: str | None = None, machine: str = "UTC") -> Hours:
    read = window_of(window, days)
    assert read is not None
    return Hours(read, ZoneInfo(machine))


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("09:00-18:00", Window(540, 1080)),
        ("9:30 - 24:00", Window(570, 1440)),
        ("22:00\u201302:00", Window(1320, 120)),
    ],
)
def test_reads_a_window(text: str, window: Window) -> None:
    assert parse_window(text) == window


@pytest.mark.parametrize(
    "text", ["", "9-18", "09:00", "09:60-18:00", "24:00-02:00", "08:00-24:01", "09:00-09:00"]
)
def test_refuses_a_window_that_it_does_not_understand(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_window(text)
    assert "09:00-18:00" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat,sun", {5, 6}),
        ("Mon, Wed", {0, 2}),
        ("fri-mon", {4, 5, 6, 0}),
        ("monday-tuesday,sun", {0, 1, 6}),
    ],
)
def test_reads_days(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "mon-", "mo", "monda", "fridax", "1-5"])
def test_refuses_days_that_it_does_not_understand(text: str) -> None:
    with pytest.raises(UsageError):
        parse_days(text)


def test_a_window_can_be_days_only_and_may_be_left_out() -> None:
    assert window_of(None, None) is None
    assert window_of(None, "sat") == Window(days=frozenset({5}))
    assert str(window_of("09:00-18:00", "sat,mon")) == "09:00-18:00 mon,sat"


def test_opens_at_the_recipients_hour() -> None:
    office = hours("09:00-18:00")
    night = at("UTC", "2025-06-02T06:00")
    assert office.next_open(NEW_YORK, night) == at("America/New_York", "2025-06-02T09:00")
    assert office.next_open(LOS_ANGELES, night) == at("America/Los_Angeles", "2025-06-02T09:00")
    assert office.next_open(LONDON, night) == at("Europe/London", "2025-06-02T09:00")


def test_is_open_from_its_start_until_before_its_end() -> None:
    office = hours("09:00-18:00")
    start, end = at("Europe/London", "2025-06-02T09:00"), at("Europe/London", "2025-06-02T18:00")
    assert office.next_open(LONDON, start) == start
    assert office.next_open(LONDON, end - 1) == end - 1
    assert office.closes(LONDON, start) == end
    assert office.next_open(LONDON, end) == at("Europe/London", "2025-06-03T09:00")
    assert office.closes(LONDON, end) == end


def test_waits_for_a_day_that_is_allowed() -> None:
    friday_night = at("Europe/London", "2025-06-06T20:00")
    assert hours("09:00-18:00", "mon-fri").next_open(LONDON, friday_night) == at(
        "Europe/London", "2025-06-09T09:00"
    )


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    late = hours("22:00-02:00", "fri")
    saturday = at("Europe/London", "2025-06-07T01:00")
    assert late.next_open(LONDON, saturday) == saturday
    assert late.closes(LONDON, saturday) == at("Europe/London", "2025-06-07T02:00")
    assert late.next_open(LONDON, saturday + 3600) == at("Europe/London", "2025-06-13T22:00")


def test_whole_days_that_touch_are_one_window() -> None:
    weekend = hours("00:00-24:00", "sat,sun")
    saturday = at("Europe/London", "2025-06-07T12:00")
    assert weekend.closes(LONDON, saturday) == at("Europe/London", "2025-06-09T00:00")
    assert hours("00:00-24:00").closes(LONDON, saturday) is None


def test_an_unknown_zone_is_the_machines() -> None:
    tokyo = hours("09:00-18:00", machine="Asia/Tokyo")
    night = at("Asia/Tokyo", "2025-06-02T06:00")
    assert tokyo.next_open(NOWHERE, night) == at("Asia/Tokyo", "2025-06-02T09:00")


def test_a_number_of_several_zones_waits_until_all_are_open() -> None:
    zones = Zones(UTC).of(TOLL_FREE)
    assert {"America/New_York", "Pacific/Honolulu", "Pacific/Guam"} <= set(zones)
    morning = at("UTC", "2025-06-02T12:00")
    opened = hours("06:00-05:00").next_open(TOLL_FREE, morning)
    for zone in zones:
        clock = datetime.fromtimestamp(opened, ZoneInfo(zone))
        assert not 5 <= clock.hour < 6


@pytest.mark.parametrize(
    ("calling", "zones"), [("+1876", {"America/Jamaica"}), ("+1787", {"America/Puerto_Rico"})]
)
def test_a_country_that_shares_its_calling_code_has_its_own_zone(
    calling: str, zones: set[str]
) -> None:
    assert set(Zones(UTC).of(Phone(f"{calling}5550100"))) == zones


def test_a_number_that_tells_its_place_has_the_zone_of_that_place() -> None:
    assert Zones(UTC).of(Phone("+442079460100")) == ("Europe/London",)
    assert "Asia/Vladivostok" not in Zones(UTC).of(Phone("+77000000000"))  # Kazakh, not Russian


def test_a_mobile_number_has_every_zone_of_its_country() -> None:
    example = Phone("+61412345678")  # phonenumbers' own, for Australia
    assert {"Australia/Sydney", "Australia/Perth"} <= set(Zones(UTC).of(example))


def test_zones_that_never_agree_are_told_as_never_and_put_off() -> None:
    office, now = hours("09:00-18:00"), at("UTC", "2025-06-02T12:00")
    assert office.never(TOLL_FREE, now)
    assert not office.never(LONDON, now)
    assert office.next_open(TOLL_FREE, now) == now + 7 * 86400
    assert office.closes(TOLL_FREE, now) == now


def test_a_recipients_own_zone_wins_over_those_of_the_number() -> None:
    office, now = hours("09:00-18:00"), at("UTC", "2025-06-02T12:00")
    assert not office.never(TOLL_FREE, now, "America/Denver")
    opens = at("America/Denver", "2025-06-02T09:00")
    assert office.next_open(TOLL_FREE, now, "America/Denver") == opens
    assert office.closes(LONDON, now, "Asia/Omsk") == at("Asia/Omsk", "2025-06-02T18:00")


def test_a_start_that_the_clock_skips_is_the_moment_of_the_skip() -> None:
    # London skipped 01:00-02:00 on 2025-03-30.
    before = at("Europe/London", "2025-03-30T00:30")
    assert hours("01:30-05:00").next_open(LONDON, before) == at("Europe/London", "2025-03-30T02:00")
    assert hours("00:00-01:30").closes(LONDON, before) == at("Europe/London", "2025-03-30T02:00")
    assert hours("01:10-01:50").next_open(LONDON, before) == at("Europe/London", "2025-03-31T01:10")


def test_an_hour_that_comes_twice_opens_late_and_closes_early() -> None:
    # London had 01:00-02:00 twice on 2025-10-26.
    before = at("Europe/London", "2025-10-26T00:30")
    second = at("Europe/London", "2025-10-26T01:30", fold=1)
    assert hours("01:30-05:00").next_open(LONDON, before) == second
    assert hours("00:00-01:30").closes(LONDON, before) == second - 3600


def test_keeps_up_with_a_clock_that_jumps() -> None:
    office = hours("09:00-18:00")
    for day in ("2025-06-02", "2027-01-04", "2024-02-29", "2025-06-10", "2025-07-08"):
        night = at("Europe/London", f"{day}T03:00")
        assert office.next_open(LONDON, night) == at("Europe/London", f"{day}T09:00")


def test_forgets_number_blocks_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waheal.policy.windows._MOST_KEPT", 2)
    zones = Zones(UTC)
    for phone in (NEW_YORK, LOS_ANGELES, LONDON, NEW_YORK):
        assert zones.of(phone)
    assert len(zones._unplaced) <= 2


@pytest.mark.parametrize("phone", ["+", "+1", "", "+0"])
def test_what_is_no_number_has_no_zone_of_its_own(phone: str) -> None:
    assert hours("09:00-18:00").next_open(Phone(phone), 0.0) >= 0.0
