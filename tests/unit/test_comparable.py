"""A column of the campaign's file, found again for each recipient."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.kit.ledgers import ANNA, BERT, CARL, NOW, on_both, open_home, open_ledger, row, start
from waheal.acts.comparable import Column
from waheal.acts.orders import Reading
from waheal.errors import UsageError
from waheal.model import Phone
from waheal.reckoning.variants import MOST_VALUES
from waheal.records import Campaign

pytestmark = on_both


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "news.csv"


def written(file: Path, *rows: Iterable[str]) -> None:
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows)


def found(
    tmp_path: Path, file: Path, name: str = "Text", reading: Reading | None = None
) -> list[str | None]:
    """Give the values of a campaign's recipients: Anna in row 2, Bert in 3, Carl in 4."""
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
        own = Campaign(campaign.id, "news", str(file), None, NOW, None, None, campaign.kind)
        column = Column(own, name, reading or Reading(), tmp_path)
        return [column.value_of(each) for each in ledger.recipients.rows(campaign.id)]


@pytest.mark.parametrize("name", ["Text", "text", " TEXT "])
def test_a_recipient_has_the_value_of_their_row(tmp_path: Path, file: Path, name: str) -> None:
    written(file, ("phone", "Text"), (ANNA, "A"), (BERT, " B "), (CARL,))
    assert found(tmp_path, file, name) == ["A", "B", ""]


@pytest.mark.parametrize("cell", ["(202) 555-0100", "tel: 202-555-0100", "12025550100@c.us"])
def test_the_number_may_be_written_as_the_list_has_it(
    tmp_path: Path, file: Path, cell: str
) -> None:
    written(file, ("phone", "text"), (cell, "A"), (BERT, "B"), (CARL, "A"))
    assert found(tmp_path, file) == ["A", "B", "A"]


def test_who_moved_or_was_taken_out_gets_no_neighbours_value(tmp_path: Path, file: Path) -> None:
    written(file, ("phone", "text"), (BERT, "B"), (CARL, "A"), (CARL, "A"))
    assert found(tmp_path, file) == [None, None, "A"]
    written(file, ("phone", "text"), (ANNA, "A"))
    assert found(tmp_path, file) == ["A", None, None]


def test_options_of_send_say_how_it_is_read(tmp_path: Path, file: Path) -> None:
    numbers = [Phone("+442079460000")] * 3
    rows = zip((ANNA, BERT, CARL), numbers, "ABA", strict=True)
    written(file, ("private", "phone", "text"), *rows)
    assert found(tmp_path, file) == [None] * 3
    assert found(tmp_path, file, reading=Reading(phone_column="private")) == ["A", "B", "A"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("txt", "meant 'text'? its columns are text, city"),
        ("phone", "its columns are text, city"),
    ],
)
def test_a_column_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, file: Path, name: str, hint: str
) -> None:
    written(file, ("phone", "text", "city"), (ANNA, "A", "Rome"))
    with pytest.raises(UsageError, match="no column") as caught:
        found(tmp_path, file, name)
    assert caught.value.hint == hint


def test_a_file_that_is_gone_is_told(tmp_path: Path, file: Path) -> None:
    with pytest.raises(UsageError, match="needs the campaign's file"):
        found(tmp_path, file)


def test_a_column_of_many_values_is_no_variant(tmp_path: Path, file: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        numbers = [Phone(f"+120255501{number:02}") for number in range(MOST_VALUES + 1)]
        campaign = start(ledger, *(row(at, phone) for at, phone in enumerate(numbers, 2)))
        written(file, ("phone", "text"), *((phone, f"v{phone}") for phone in numbers))
        own = Campaign(campaign.id, "news", str(file), None, NOW, None, None, campaign.kind)
        column = Column(own, "text", Reading(), tmp_path)
        with pytest.raises(UsageError, match="more than 20 values"):
            [column.value_of(each) for each in ledger.recipients.rows(campaign.id)]
