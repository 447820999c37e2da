import pytest

from waheal.client_version import ANNOUNCED, ClientVersion, parse_client_version
from waheal.errors import UsageError

LATER = f"2.3000.{ANNOUNCED.tertiary + 1}"


def test_a_later_version_of_the_same_line_is_read_and_written() -> None:
    found = parse_client_version(f" {LATER} ")
    assert found == ClientVersion(2, 3000, ANNOUNCED.tertiary + 1)
    assert str(found) == LATER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2.3000",
        "2.3001.1050000000",
        "3.3000.1050000000",
        "2.3000.x",
        "2.3000.4294967296",
        "2.3000.\uff11",
    ],
)
def test_what_is_no_version_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError, match="no version") as refused:
        parse_client_version(text)
    assert "2.3000.N" in (refused.value.hint or "")


@pytest.mark.parametrize("text", [str(ANNOUNCED), "2.3000.1", "2.3000.0"])
def test_none_is_taken_that_is_not_later(text: str) -> None:
    with pytest.raises(UsageError, match="no later than"):
        parse_client_version(text)
