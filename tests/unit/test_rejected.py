import stat
from pathlib import Path

import pytest

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.campaign.rejected import rejecting
from waheal.findings import Problem

CHOICES = Choices(now=1_800_000_000.0, message="Hi")


def rejected(path: Path, choices: Choices = CHOICES) -> tuple[int, bytes]:
    file = open_campaign_file(path, choices)
    target = path.parent / "rejected.csv"
    with rejecting(file, target) as written:
        for found in file.rows():
            if isinstance(found, Problem):
                written.note(found)
    return written.rows, target.read_bytes()


@pytest.mark.parametrize(
    ("encoding", "separator", "end"),
    [
        ("utf-8", ",", "\n"),
        ("utf-8-sig", ";", "\r\n"),
        ("utf-16", "\t", "\r\n"),
        ("cp1252", ";", "\r"),
    ],
)
def test_bad_rows_are_written_in_the_files_own_dialect(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    path = tmp_path / "campaign.csv"
    rows = ["phone|name", "+12025550100|A", 'bad|"Zoë\r\n""x"" | é"', "+12025550100|B"]
    text = "".join(row.replace("|", separator) + end for row in rows)
    path.write_bytes(text.encode(encoding))
    count, data = rejected(path)
    assert count == 2
    head, *_ = data.decode(encoding).split(end)
    assert head == separator.join(["phone", "name", "problem"])
    assert separator.join(['"Zoë\r\n""x"" | é"'.replace("|", separator), ""]) in data.decode(
        encoding
    )
    assert "row 2" in data.decode(encoding)


def test_its_own_output_is_a_campaign_file_again(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    path.write_bytes(b"sep=|\nphone|name\nbad|a\n+12025550100|b\nworse\n")
    count, data = rejected(path)
    assert count == 2
    assert data.startswith(b"sep=|\nphone|name|problem\n")
    again = open_campaign_file(tmp_path / "rejected.csv", CHOICES)
    assert again.header == ("phone", "name", "problem")
    assert len(list(again.rows())) == 2


def test_only_what_is_said_of_a_row_is_made_harmless_for_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    cells = ["=1+1", "x;=1+1", "＝1"]  # noqa: RUF001 - the attack
    path.write_text(f"phone,{cells[0]}\nbad,{cells[1]}\nbad,{cells[2]}\n", encoding="utf-8")
    said = Problem(2, "=cmd", "says so")
    target = tmp_path / "rejected.csv"
    with rejecting(open_campaign_file(path, CHOICES), target) as rejected:
        rejected.note(said)
    head, row = target.read_text(encoding="utf-8").splitlines()
    assert head == f"phone,{cells[0]},problem"
    assert row == f"bad,{cells[1]},'=cmd: says so"


def test_stray_bytes_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    path.write_bytes("phone,name\n+12025550100,Zoë é ".encode() + b"\xff\n")
    assert b"\xff" in rejected(path)[1]


def test_a_row_that_is_never_closed_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    path.write_bytes(b'phone,name\n+12025550100,"a\n+12025550101,b\n')
    count, data = rejected(path)
    assert count == 1
    assert b"+12025550101" in data


def test_a_workbooks_bad_rows_are_written_as_utf_8_csv(tmp_path: Path) -> None:
    path = tmp_path / "workbook.xlsx"
    path.write_bytes((Path(__file__).parents[2] / "campaigns" / "workbook.xlsx").read_bytes())
    count, data = rejected(path)
    assert count == 2
    assert data.startswith(b"\xef\xbb\xbfphone,name,")


def test_nothing_of_it_stays_where_the_judging_ends_early(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    path.write_bytes(b"phone\nbad\n")
    file = open_campaign_file(path, CHOICES)
    with pytest.raises(KeyboardInterrupt), rejecting(file, tmp_path / "rejected.csv"):
        raise KeyboardInterrupt
    assert [entry.name for entry in tmp_path.iterdir()] == ["campaign.csv"]


def test_only_its_owner_can_read_it_and_no_half_of_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    path.write_bytes(b"phone\nbad\n")
    rejected(path)
    assert stat.S_IMODE((tmp_path / "rejected.csv").stat().st_mode) == 0o600
    assert {entry.name for entry in tmp_path.iterdir()} == {"campaign.csv", "rejected.csv"}
