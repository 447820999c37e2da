"""A host's log: what may stand in it, and what not."""

import pytest

from waheal.host import log_lines


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("15555550142@s.whatsapp.net", "…42@s.whatsapp.net"),
        ("+15555550142", "+…42"),
        ("15555550142:12@s.whatsapp.net", "…42:12@s.whatsapp.net"),
        ("777000111222333@lid", "…33@lid"),
        ("15555550142_1:3 and 15555550143.0", "…42_1:3 and …43.0"),
        ("for15555550142d", "for…42d"),
        ("a15555550142e", "a…42e"),
        ("1234567", "…67"),
        ("123456 of 99", "123456 of 99"),
        ("message 3EB0123456789ABCDEF0", "message 3EB0123456789ABCDEF0"),
    ],
)
def test_numbers_are_masked_and_message_ids_are_not(words: str, left: str) -> None:
    assert log_lines.masked(words) == left


def test_a_warning_is_one_line() -> None:
    line = log_lines.warning(
        "2026-01-02T03:04:05", "WARN", "Client", "Failed for 15555550142:\n\rforged\u2028line"
    )
    assert line == ("2026-01-02T03:04:05 WARN Client: Failed for …42:  forged line\n".encode())


def test_a_warning_that_is_no_unicode_is_written_all_the_same() -> None:
    assert log_lines.warning("t", "WARN", "Client", "x\udc80y") == b"t WARN Client: x?y\n"


def test_last_words_tell_the_places_and_the_kinds_and_no_values() -> None:
    try:
        try:
            raise KeyError("+15555550142: a private text")  # noqa: TRY301 - quoted
        except KeyError as error:
            raise RuntimeError("another private text") from error
    except RuntimeError as error:
        words = log_lines.last_words(error).splitlines()
    assert words[-1] == "RuntimeError"
    assert "KeyError" in words
    assert words.index("KeyError") < len(words) - 1
    assert sum("test_log_lines.py" in line for line in words) == 2


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (ImportError("failed to find libmagic"), "ImportError: failed to find libmagic"),
        (
            FileNotFoundError(2, "gone", "/x/+15555550142"),
            "FileNotFoundError: [Errno 2] gone: '/x/+…42'",
        ),
    ],
)
def test_what_an_operator_can_mend_is_named(error: Exception, last: str) -> None:
    assert log_lines.last_words(error).splitlines() == [last]
