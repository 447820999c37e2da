"""Durations, moments and counts in words."""

from datetime import UTC

import pytest

from waheal.model import DeviceId, ExitCode, Phone, Quarantine, mask
from waheal.views import words


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (192, "3 min 12 s"),
        (3600, "1 h"),
        (7500, "2 h 05 min"),
        (90000, "1 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_durations_take_two_units_at_most(seconds: float, told: str) -> None:
    assert words.duration(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (3, "about 10 s"),
        (100, "about 1 min 40 s"),
        (305, "about 5 min"),
        (4000, "about 1 h 07 min"),
    ],
)
def test_guesses_are_told_as_guesses(seconds: float, told: str) -> None:
    assert words.roughly(seconds) == told


def test_counts_agree_with_their_noun() -> None:
    assert words.count(1, "device") == "1 device"
    assert words.count(3000, "device") == "3,000 devices"


def test_a_share_is_all_only_when_it_is_all() -> None:
    assert words.share(9999, 10000) == "99.9 %"
    assert words.share(399, 400) == "99.8 %"
    assert words.share(1, 90_000) == "0.1 %"
    assert words.share(0, 400) == "0 %"
    assert words.share(10, 10) == "100 %"
    assert words.share(0, 0) == "100 %"


def test_moments_are_named_as_near_as_needed() -> None:
    now = 1_800_000_000.0  # a Friday, 08:00
    assert words.until(now + 3600, now, UTC) == "until 09:00"
    assert words.until(now + 86400, now, UTC) == "until Sat 08:00"
    assert words.until(now + 20 * 86400, now, UTC) == "until 4 Feb 08:00"
    assert words.until(now + 360 * 86400, now, UTC) == "until 10 Jan 08:00 2028"


def test_the_past_is_told_in_one_unit() -> None:
    assert words.ago(None, 0.0) == "never"
    assert words.ago(0.0, 5.0) == "just now"
    assert words.ago(0.0, 300.0) == "5 min ago"
    assert words.ago(0.0, 7300.0) == "2 h ago"
    assert words.ago(0.0, 86400.0 * 11) == "11 d ago"


@pytest.mark.parametrize("reason", list(Quarantine))
def test_every_quarantine_has_a_way_out(reason: Quarantine) -> None:
    assert words.way_out(DeviceId("berlin-01"), reason)


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_has_its_words(code: ExitCode) -> None:
    assert words.ending(code)


def test_text_from_elsewhere_becomes_one_plain_line() -> None:
    assert words.one_line("a\n\x1b[31mb\u202ec\t d") == "a [31mb c d"
    assert len(words.one_line("x" * 1000)) == 200


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+12025550100", "+1202•••0100"),
        ("+447700900123", "+4477•••0123"),
        ("+44770090012", "+4477•••0012"),
    ],
)
def test_a_masked_number_keeps_its_ends(phone: str, masked: str) -> None:
    assert mask(Phone(phone)) == masked


@pytest.mark.parametrize("length", range(6, 17))
def test_a_masked_number_hides_at_least_three_digits(length: int) -> None:
    phone = Phone("+" + "1202555010012345"[: length - 1])
    masked = mask(phone)
    assert phone not in masked
    assert len(masked.replace("•••", "")) <= length - 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\x1b[2J\x9b", "\\x1b[2J\\x9b"),
        ("a\0b\x7f\r", "a\\x00b\\x7f\\r"),
        ("\u202ea\u2066\u2028", "\\u202ea\\u2066\\u2028"),
        ("\udcff", "\\udcff"),
        ("Zo\xeb\xa0\U0001f468\u200d\U0001f469", "Zo\xeb\xa0\U0001f468\u200d\U0001f469"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, told: str) -> None:
    assert words.visible(text) == told


def test_lines_stay_lines_where_they_are_ones_own() -> None:
    assert words.visible("a\nb\tc") == "a\nb\\tc"
    assert words.visible("a\nb\tc", keep="") == "a\\nb\\tc"
