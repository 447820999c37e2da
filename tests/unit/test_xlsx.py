import zipfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from waheal.campaign.xlsx import Workbook, WorkbookError, _text

SAMPLE = Path(__file__).parents[2] / "campaigns" / "workbook.xlsx"


def test_gives_the_rows_that_its_csv_would_have() -> None:
    rows = [(record.row, record.cells[:3]) for record in Workbook(SAMPLE).records()]
    assert rows == [
        (1, ["phone", "name", "seats"]),
        (2, ["18015550193", "Tāne", "2"]),
        (3, ["+18015550194", "李雷", "1.5"]),
        (4, ["18015550195", "Zoë", "3"]),
    ]


def moved(path: Path) -> Path:
    """Write the sample with its table beginning in B3."""
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name.endswith("sheet1.xml"):
                for row in (4, 3, 2, 1):
                    for old, new in ("DE", "CD", "BC", "AB"):
                        body = body.replace(f'"{old}{row}"'.encode(), f'"{new}{row + 2}"'.encode())
                    body = body.replace(f'<row r="{row}"'.encode(), f'<row r="{row + 2}"'.encode())
            target.writestr(name, body)
    return path


def test_rows_and_columns_before_the_table_count(tmp_path: Path) -> None:
    header, *_ = Workbook(moved(tmp_path / "moved.xlsx")).records()
    assert header.row == 3
    assert header.cells[:2] == ["", "phone"]


@pytest.mark.parametrize("keep", [4, 100, 2000])
def test_a_damaged_workbook_is_told_off(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.xlsx"
    path.write_bytes(SAMPLE.read_bytes()[:keep])
    with pytest.raises(WorkbookError):
        Workbook(path)


def test_another_archive_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(WorkbookError):
        Workbook(path)


NOON = datetime(2026, 1, 2, 12, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12025550100.0, "12025550100"),
        (1.5, "1.5"),
        (0.0, "0"),
        (7, "7"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("x ", "x "),
        (NOON, "2026-01-02 12:00:00"),
        (NOON.replace(hour=0), "2026-01-02"),
        (NOON.date(), "2026-01-02"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=1), "1:00:00"),
    ],
)
def test_cells_arrive_as_excel_shows_them(cell: str | float | datetime, text: str) -> None:
    assert _text(cell) == text
