from pathlib import Path

import pytest

from waheal.sandbox.journal import Journal
from waheal.sandbox.json_fields import FieldError


def _written(path: Path) -> Journal:
    journal = Journal(path)
    journal.put("a", {"n": 1})
    journal.put("b", {"n": 2})
    journal.put("a", {"n": 3})
    journal.flush()
    journal.put("b", None)
    journal.put("c", {"text": "李雷"})
    journal.flush()
    return journal


def test_the_latest_of_a_key_wins(tmp_path: Path) -> None:
    _written(tmp_path / "j").close()
    journal = Journal(tmp_path / "j")
    assert journal.load() == {"a": {"n": 3}, "c": {"text": "李雷"}}
    journal.close()


def test_what_was_flushed_is_there_without_a_close(tmp_path: Path) -> None:
    journal = _written(tmp_path / "j")
    other = Journal(tmp_path / "j")
    assert other.load() == {"a": {"n": 3}, "c": {"text": "李雷"}}
    other.close()
    journal.close()


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    _written(tmp_path / "j").close()
    with (tmp_path / "j").open("ab") as file:
        file.write(b'{"k":"d","v":{"n"')
    journal = Journal(tmp_path / "j")
    assert "d" not in journal.load()
    journal.compact(journal.load())
    journal.put("e", {"n": 5})
    journal.flush()
    assert set(journal.load()) == {"a", "c", "e"}
    journal.close()


def test_a_damaged_line_in_the_middle_is_told_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(b'{"k":"a","v":{}}\nrubbish\n{"k":"b","v":{}}\n')
    journal = Journal(tmp_path / "j")
    with pytest.raises(FieldError, match="line 2"):
        journal.load()
    journal.close()


def test_compacting_keeps_what_counts(tmp_path: Path) -> None:
    journal = _written(tmp_path / "j")
    before, records = journal.size, journal.load()
    journal.compact(records)
    assert journal.load() == records
    assert journal.size < before
    assert (tmp_path / "j").stat().st_size == journal.size
    journal.close()


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    journal = _written(tmp_path / "j")
    journal.compact(journal.load())
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600
    journal.close()
