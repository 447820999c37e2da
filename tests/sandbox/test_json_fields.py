import pytest

from waheal.sandbox.json_fields import FieldError, Fields, parse_row


@pytest.mark.parametrize(
    "data", ["", "{", "[1]", "1", "[" * 100_000, '{"a":' * 100_000, "1" * 5_000, b"\xff"]
)
def test_what_is_no_object_is_refused(data: str | bytes) -> None:
    with pytest.raises(FieldError, match=r"not JSON|not a JSON object"):
        parse_row(data)


@pytest.mark.parametrize("real", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 400])
def test_a_number_has_an_end(real: str) -> None:
    with pytest.raises(FieldError, match="no number"):
        Fields(parse_row(f'{{"seconds": {real}}}')).real("seconds")


def test_a_text_is_one_that_can_be_written() -> None:
    with pytest.raises(FieldError, match="lone surrogate"):
        Fields(parse_row(r'{"text": "a\ud800b"}')).text("text")
    assert Fields(parse_row(r'{"text": "\ud83d\ude00"}')).text("text") == "\U0001f600"
