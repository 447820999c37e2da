from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from waheal.acts import estimate, parsing
from waheal.acts.numbers import read_phone
from waheal.acts.wishes import Pacing
from waheal.errors import UsageError
from waheal.model import mask_label, mask_numbers
from waheal.policy.pacing import Limits
from waheal.policy.windows import Window

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400), ("1.5d", 129_600)],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parsing.duration(text, "--for") == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "-5s", "5 parsec", "1h junk", "h"])
def test_what_is_no_duration_is_refused_by_its_options_name(text: str) -> None:
    with pytest.raises(UsageError, match="--max-runtime"):
        parsing.duration(text, "--max-runtime")


def test_a_share_is_read() -> None:
    assert (
        parsing.share("20%", "--x"),
        parsing.share("0.2", "--x"),
        parsing.share("100%", "--x"),
    ) == (
        0.2,
        0.2,
        1.0,
    )


def test_an_encoding_is_known_by_its_many_names() -> None:
    for text in ("windows-1251", "CP1251", "win1251", "1251"):
        assert parsing.encoding(text) == "cp1251"
    assert [parsing.encoding(each) for each in ("GBK", "Shift_JIS", "macintosh", "latin1")] == [
        "gb18030", "cp932", "mac-roman", "cp1252"
    ]  # fmt: skip
    for text in ("morse", "rot13", "hex", "idna", "utf-7", ""):
        with pytest.raises(UsageError, match="--encoding"):
            parsing.encoding(text)


def test_a_zone_is_spelt_as_it_is_in_the_list_of_zones() -> None:
    assert parsing.zone("asia/omsk") == "Asia/Omsk"
    assert parsing.zone("America/New York") == "America/New_York"
    with pytest.raises(UsageError, match="--zone"):
        parsing.zone("Mars/Base")


@pytest.mark.parametrize("text", ["0", "0%", "101%", "2", "some", "%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parsing.share(text, "--x")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("17:30", "2026-11-23T17:30+01:00"),
        ("09:00", "2026-11-24T09:00+01:00"),
        ("2026-12-24", "2026-12-24T00:00+01:00"),
        ("2026-12-24T18:00", "2026-12-24T18:00+01:00"),
        ("2026-12-24T18:00Z", "2026-12-24T18:00+00:00"),
    ],
)
def test_a_moment_is_the_next_one_of_its_kind(text: str, told: str) -> None:
    assert parsing.moment(text, "--until", NOW) == datetime.fromisoformat(told).timestamp()


@pytest.mark.parametrize("text", ["25:00", "noon", "2026-13-01"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parsing.moment(text, "--until", NOW)


@pytest.mark.parametrize("text", ["shop", "shop-1", "447700900123", "büro", "a.b/c:d", "名前"])
def test_a_label_is_any_word(text: str) -> None:
    assert parsing.label(text) == text


@pytest.mark.parametrize("text", ["", "a,b", "a b", "a\tb", "a\u00a0b", "-a", "a\x00"])
def test_a_label_has_no_comma_blank_or_dash_in_front(text: str) -> None:
    with pytest.raises(UsageError):
        parsing.label(text)


def test_labels_are_a_list_with_commas() -> None:
    chosen = parsing.labels("a, b,,a")
    assert chosen is not None
    assert chosen.words == {"a", "b"}
    assert parsing.labels(None) is None


def test_a_typed_number_needs_its_country_or_a_region() -> None:
    assert read_phone("+44 7700 900123") == "+447700900123"
    assert read_phone("07700 900123", "gb") == "+447700900123"
    with pytest.raises(UsageError, match="no phone number"):
        read_phone("07700 900123")


def test_long_numbers_are_masked_and_short_ones_stay() -> None:
    assert mask_numbers("to +447700900123, code 4711, row 12") == "to …23, code 4711, row 12"


@pytest.mark.parametrize(
    "number",
    ["+44 7700 900123", "+1 (202) 555-0100", "1-202-555-0100", "202.555.0100", "07700-900 123",
     "٤٤٧٧٠٠٩٠٠١٢٣", "4477 00 90 01 23"],
)  # fmt: skip
def test_a_number_is_masked_however_it_is_written(number: str) -> None:
    masked = mask_numbers(f"to {number}, twice")
    assert masked == f"to …{number[-2:]}, twice"


@pytest.mark.parametrize(
    "text",
    ["until 2026-11-23 14:30", "dial 127.0.0.1: refused", "192.168.100.200", "12 of 3,000", "463",
     "0.5.2", "row 12, column 3"],
)  # fmt: skip
def test_what_is_no_number_of_a_persons_stays(text: str) -> None:
    assert mask_numbers(text) == text


@pytest.mark.parametrize(
    ("label", "masked"),
    [
        ("447700900123", "+4477•••0123"),
        ("+447700900123", "+4477•••0123"),
        ("447700900123-12", "…12"),
        ("list-447700900123", "list-…23"),
        ("shop-1", "shop-1"),
        ("12", "12"),
        ("spring-2026-11-23", "spring-2026-11-23"),
    ],
)
def test_a_label_that_is_a_number_is_masked_as_one(label: str, masked: str) -> None:
    assert mask_label(label) == masked


class TestEstimate:
    def test_without_devices_or_limits_there_is_nothing_to_tell(self) -> None:
        assert estimate.seconds(100, 0, Limits(per_minute=1)) is None
        assert estimate.seconds(100, 5, Limits()) == 0
        assert estimate.unlimited(Limits(total_per_minute=None))
        assert not estimate.unlimited(Limits(gap=1.0))

    def test_the_slowest_limit_decides(self) -> None:
        assert estimate.seconds(121, 1, Limits(per_minute=20)) == 360
        assert estimate.seconds(121, 11, Limits(per_minute=20)) == 30
        assert estimate.seconds(400, 1, Limits(per_minute=20, per_day=200)) == 86_400
        assert estimate.seconds(121, 60, Limits(total_per_minute=60)) == 120
        assert estimate.seconds(11, 1, Limits(gap=3.0)) == 30

    def test_in_a_burst_a_windows_number_goes_at_once(self) -> None:
        assert estimate.seconds(120, 1, Limits(per_minute=20, burst=True)) == 300
        assert estimate.seconds(120, 6, Limits(per_minute=20, burst=True)) == 0
        assert estimate.seconds(120, 60, Limits(total_per_minute=60, burst=True)) == 60

    def test_hours_stretch_it_and_a_day_is_spread_over_them(self) -> None:
        hours = Window(9 * 60, 10 * 60)
        weekdays = Window(days=frozenset(range(5)))
        rate = Limits(per_minute=1)
        assert estimate.seconds(31, 1, rate, hours) == 1_800
        assert estimate.seconds(121, 1, rate, hours) == 2 * 86_400
        assert estimate.seconds(101, 1, Limits(per_day=200), hours) == 1_800
        assert estimate.seconds(101, 1, Limits(per_day=200, burst=True), hours) == 0
        assert estimate.seconds(101, 1, Limits(per_day=200)) == 0  # no end, no spread
        assert estimate.seconds(401, 1, Limits(per_day=200), hours) == 2 * 86_400
        assert estimate.seconds(1_001, 1, Limits(per_day=200), weekdays) == 7 * 86_400


@pytest.mark.parametrize(
    ("text", "region"),
    [("UK", "GB"), ("uk", "GB"), ("U.K.", "GB"), ("usa", "US"), ("+44", "GB"), ("de", "DE")],
)
def test_a_region_may_be_called_as_people_call_it(text: str, region: str) -> None:
    assert parsing.region(text) == region
    assert read_phone("+44 7700 900123", text) == "+447700900123"


@pytest.mark.parametrize("name", ["none", "x" * 300, "a\0b", "loop", "file", "file/x", "~who/x"])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"--media-root .* is no folder"):
        parsing.folder(tmp_path / name, "--media-root")


@pytest.mark.parametrize(
    "pace",
    [
        Pacing(gap=""),
        Pacing(jitter=""),
        Pacing(per_recipient=""),
        Pacing(rate_total=""),
        Pacing(new_chats=""),
        Pacing(ramp=" "),
    ],
)
def test_an_empty_limit_is_refused_and_is_not_none(pace: Pacing) -> None:
    with pytest.raises(UsageError):
        _ = pace.limits(), pace.chats()
