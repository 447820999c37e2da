from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from waheal.campaign.dates import NotADateError, parse_date


def at(text: str) -> datetime:
    return datetime.fromtimestamp(parse_date(text, UTC), UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-24",
        "20261224",
        " 2026-12-24 ",
        "2026/12/24",
        "24.12.2026",
        "24/12/2026",
        "12/24/2026",
        "24 Dec 2026",
        "24 December 2026",
        "December 24, 2026",
        "Dec 24 2026",
        "24-Dec-2026",
        "2026\u5e7412\u670824\u65e5",
        "2026\ub144 12\uc6d4 24\uc77c",
        "Thursday, December 24, 2026",
        "Thu 24 Dec 2026",
        "Do., 24.12.2026",
        "\u0447\u0442 24.12.2026",
    ],
)
def test_reads_a_day_however_it_is_written(text: str) -> None:
    assert at(text) == datetime(2026, 12, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-24 15:30",
        "2026-12-24T15:30:00",
        "2026-12-24T15:30:00Z",
        "2026-12-24T17:30+02:00",
        "2026-12-24T17:30:00+0200",
        "2026-12-24 15:30:00.000",
        "2026-12-24 15:30 UTC",
        "24.12.2026 15:30",
        "12/24/2026 3:30 PM",
        "24 Dec 2026, 3:30 p.m.",
        "24.12.2026 17:30 +02:00",
        "2026-12-24 15.30",
        "2026-12-24 15,30",
        "2026-12-24 15.30.00",
        "2026-12-24 1530",
        "2026-12-24T153000Z",
        "24.12.2026 15.30 Uhr",
        "24.12.2026 um 15:30",
        "24/12/2026 15h30",
        "24 Dec 2026 kl. 15.30",
        "2026-12-24 3.30 pm",
    ],
)
def test_reads_a_moment_with_and_without_an_offset(text: str) -> None:
    assert at(text) == datetime(2026, 12, 24, 15, 30, tzinfo=UTC)


def test_a_date_without_an_offset_is_in_the_zone() -> None:
    zone = ZoneInfo("America/Phoenix")
    assert parse_date("2026-12-24 09:00", zone) == parse_date("2026-12-24T16:00Z", None)


def test_the_machines_zone_is_that_of_none() -> None:
    naive = datetime(2026, 7, 1, 9, 0)  # noqa: DTZ001 - the machine's zone is what is tested
    assert parse_date("2026-07-01 09:00", None) == naive.timestamp()


def test_a_day_ends_when_it_is_over() -> None:
    start = parse_date("2026-12-24", UTC)
    assert parse_date("2026-12-24", UTC, end_of_day=True) == start + 86_400
    assert parse_date("2026-12-24 00:00", UTC, end_of_day=True) == start


NO_DAYS = ["tomorrowish", "2026-13-01", "2026-02-30", "30.02.2026", "12/2026", "24 Foo 2026"]
NO_TIMES = [
    "2026-12-24 25:00",
    "2026-12-24 13:00 pm",
    "2026-12-24Tnever",
    "2026-12-24 3pm!",
    "2026-12-24 15.3",
]
NO_TIMES += ["2026-12-24 15,5", "2026-12-24 15.5", "2026-12-24 15.60"]
NO_DATES = ["1", "0", "2026", "46000", "1e9", "-", "T", "\u0662", "9999-12-31 23:59 nowhere"]


@pytest.mark.parametrize("text", [*NO_DAYS, *NO_TIMES, *NO_DATES])
def test_says_what_is_no_date(text: str) -> None:
    with pytest.raises(NotADateError):
        parse_date(text, UTC)


def test_never_guesses_which_is_the_month() -> None:
    with pytest.raises(NotADateError, match="told apart"):
        parse_date("01/12/2026", UTC)
    assert at("05/05/2026") == datetime(2026, 5, 5, tzinfo=UTC)


def test_the_ends_of_the_calendar_are_no_crash() -> None:
    for text in ("0001-01-01", "9999-12-31"):
        for zone in (UTC, None, ZoneInfo("Pacific/Auckland")):
            try:
                parse_date(text, zone, end_of_day=True)
            except NotADateError:
                continue
