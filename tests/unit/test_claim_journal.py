import os
from pathlib import Path

import pytest

from waheal.errors import HomeUnusableError
from waheal.store.claim_journal import WIDTH, ClaimJournal


def made(number: int) -> bytes:
    return number.to_bytes(WIDTH)


def kept(journal: ClaimJournal, mark: int = 0) -> list[int]:
    return [int.from_bytes(each) for portion in journal.since(mark) for each in portion]


def test_what_is_added_is_read_back_since_a_mark(tmp_path: Path) -> None:
    journal = ClaimJournal(tmp_path / "journal")
    assert (journal.count(), kept(journal)) == (0, [])
    journal.append(map(made, range(5)))
    journal.append([])
    journal.append([made(5)])
    assert (journal.count(), kept(journal, 4), kept(journal, 6)) == (6, [4, 5], [])
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


def test_more_than_a_portion_is_read_whole(tmp_path: Path) -> None:
    journal = ClaimJournal(tmp_path / "journal")
    journal.append(map(made, range(10_000)))
    assert kept(journal) == list(range(10_000))


def test_half_a_witness_that_a_crash_left_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = ClaimJournal(path)
    journal.append([made(1)])
    with path.open("ab") as file:
        file.write(b"half")
    assert kept(journal) == [1]
    journal.append([made(2)])
    assert kept(journal) == [1, 2]


def test_an_older_one_in_its_place_is_read_from_its_start(tmp_path: Path) -> None:
    journal = ClaimJournal(tmp_path / "journal")
    journal.append(map(made, range(3)))
    assert kept(journal, 7) == [0, 1, 2]


def test_one_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HomeUnusableError, match="journal"):
        ClaimJournal(tmp_path / "journal").append([made(1)])
    assert not os.path.lexists(tmp_path / "elsewhere")
