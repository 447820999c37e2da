import shlex
import tracemalloc
from datetime import UTC
from pathlib import Path

import pytest

from waheal.campaign.checking import KEPT, Checked, check
from waheal.campaign.choices import Choices
from waheal.model import DeviceId, MessageKind

NOW = 1_800_000_000.0  # 2027-01-15
SHARED = Path(__file__).parents[1] / "data" / "campaigns"
SAMPLES = Path(__file__).parents[2] / "campaigns"
NO_DEVICES: frozenset[DeviceId] = frozenset()


def choices(
    message: str | None = None, region: str | None = None, template_text: str | None = None
) -> Choices:
    return Choices(
        now=NOW,
        zone=UTC,
        message=message,
        region=region,
        template_text=template_text,
        known_devices=NO_DEVICES,
    )


def marks(checked: Checked) -> tuple[list[int | None], list[int | None]]:
    return [p.row for p in checked.problems], [w.row for w in checked.warnings]


def test_the_clinics_reminders_are_ok() -> None:
    checked = check(SHARED / "clinic-reminders.csv", choices())
    assert (checked.ok, checked.rows, marks(checked)) == (True, 60, ([], []))


def test_a_european_excels_file_is_ok_with_its_template() -> None:
    template = (SHARED / "excel-semicolon.txt").read_text("utf-8-sig")
    chosen = Choices(now=NOW, region="US", phone_column="Telefon", template_text=template)
    checked = check(SHARED / "excel-semicolon.csv", chosen, previews=3)
    assert (checked.ok, checked.rows, marks(checked)) == (True, 120, ([], []))
    assert "\nZeile eins\nZeile zwei\nAntworten" in checked.preview[2].content.text


def test_excels_unicode_text_is_ok() -> None:
    checked = check(SHARED / "utf16-tab.csv", choices("Hi {{ Name }}"))
    assert checked.rows == 30


def test_windows_1252_is_ok_with_accents_in_its_variables() -> None:
    checked = check(SHARED / "windows-1252.csv", choices("Hi {{ prénom }}"))
    assert (checked.ok, checked.rows, checked.preview[0].content.text) == (True, 25, "Hi Chloé")
    (told,) = [each for each in checked.warnings if "encoding" in each.problem]
    assert "'Lefèvre'" in told.problem


def test_a_messy_file_is_told_everything_at_once() -> None:
    checked = check(SHARED / "messy.csv", choices("Hi {{ name }}", "US"))
    assert [(p.row, p.column) for p in checked.problems] == [
        (8, "phone"),
        (9, "phone"),
        (10, "phone"),
        (11, "phone"),
        (12, "phone"),
        (15, "device"),
        (17, "send_after"),
        (19, "phone"),
        (20, "name"),
        (23, "name"),
        (24, "name"),
    ]
    assert [(w.row, w.column) for w in checked.warnings] == [(16, "expires"), (22, "phone")]
    assert (checked.ok, checked.rows, checked.declined) == (False, 23, 1)
    assert all(p.hint for p in checked.problems)


def test_a_messy_file_without_a_region_has_two_more_problems() -> None:
    with_region, _ = marks(check(SHARED / "messy.csv", choices("Hi {{ name }}", "US")))
    without, _ = marks(check(SHARED / "messy.csv", choices("Hi {{ name }}")))
    assert without == [3, 4, *with_region]


@pytest.mark.parametrize(
    ("name", "rows", "problems", "warnings"),
    [
        ("messy-ragged.csv", 3, [2], []),
        ("messy-columns.csv", 1, [], [1]),
        ("messy-empty.csv", 0, [None], []),
        ("messy-header-only.csv", 0, [None], []),
        ("messy-no-phone.csv", 1, [1], []),
    ],
)
def test_odd_files_are_told_as_expected(
    name: str, rows: int, problems: list[int | None], warnings: list[int | None]
) -> None:
    message = "Hi" if name == "messy-ragged.csv" else None
    checked = check(SHARED / name, choices(message))
    assert (checked.rows, *marks(checked)) == (rows, problems, warnings)
    assert checked.ok is not bool(problems)


def peak(path: Path, chosen: Choices, rejected: Path | None = None) -> tuple[Checked, int]:
    tracemalloc.start()
    try:
        return check(path, chosen, rejected=rejected), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


BODIES = {
    "many rows": b"1,\x01\n" * 60_000,
    "many cells": b"1" + b",\x01" * 500_000 + b"\n",
    "many names": b'1,"' + b"".join(b"{{a%x}}" % number for number in range(60_000)) + b'"\n',
    "many templates": b"".join(b'1,"%d%s"\n' % (i, b"{{ b }}" * 18_000) for i in range(20)),
    "an endless row": b'1,"\n",' * 800_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_file_takes_much_memory_however_much_is_wrong_with_it(
    tmp_path: Path, body: bytes
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b"phone,message\n" + body)
    checked, most = peak(path, choices())
    assert not checked.ok
    assert most < 96 << 20


def test_the_first_problems_are_told_and_all_are_counted(tmp_path: Path) -> None:
    path, rejected = tmp_path / "bad.csv", tmp_path / "rejected.csv"
    rows = KEPT + 2_000
    path.write_bytes(b"phone,message\n" + b"1,\x01\n" * rows)
    checked = check(path, choices(), rejected=rejected)
    assert (len(checked.problems), checked.problem_count) == (KEPT, 2 * rows)
    assert (checked.ok, checked.skippable, checked.rows) == (False, True, rows)
    assert [each.problem for each in checked.warnings] == ["14,000 more problems are not told"]
    written = rejected.read_bytes().splitlines()
    assert len(written) == 1 + rows
    assert all(b"phone: " in line and b"message: " in line for line in written[1:])


def test_the_first_warnings_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    body = "".join(f"+49301{i:06},2020-01-01,a\n" for i in range(KEPT + 5))
    path.write_text("phone,expires,message\n" + body)
    checked = check(path, choices())
    assert (checked.ok, len(checked.warnings)) == (True, KEPT + 1)
    assert checked.warnings[-1].problem == "5 more warnings are not told"


def test_what_stops_the_whole_file_is_told_however_many_rows_are_bad(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"

    def grow(_: object) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    path.write_bytes(b"phone\n+12025550100\n" + b"1\n" * (KEPT + 1))
    checked = check(path, choices("Hi"), watch=grow)
    assert not checked.skippable
    assert "changed" in checked.problems[-1].problem
    assert len(checked.problems) == KEPT + 1


def test_the_preview_leaves_out_who_did_not_consent() -> None:
    checked = check(SAMPLES / "consent.csv", choices("Hi {{ name }}"), previews=9)
    assert [preview.row for preview in checked.preview] == [2, 4]
    assert (checked.planned, checked.declined) == (4, 2)


EXPECTED = {
    "voice.csv": ([], [3]),
    "sep-line.csv": ([], [2]),
    "sheets.xlsx": ([], [None, 3]),
    "pinned.csv": ([2], []),
    "schedule.csv": ([], [6]),
    "problems.csv": ([3, 4, 5, 6, 7, 8, 8, 9], [10]),
}


def commands() -> list[list[str]]:
    """Every `waheal check` of the samples' README, as words."""
    lines = (SAMPLES / "README.md").read_text().splitlines()
    cells = [
        line.split("`waheal check ")[1].split("`")[0] for line in lines if "`waheal check " in line
    ]
    return [shlex.split(cell) for cell in cells]


@pytest.mark.parametrize("words", commands(), ids=lambda words: Path(words[0]).name)
def test_every_sample_does_what_its_readme_says(words: list[str]) -> None:
    path = SAMPLES.parent / words[0]
    given = dict(zip(words[1::2], words[2::2], strict=False))
    template = given.get("--template")
    chosen = Choices(
        now=NOW,
        zone=UTC,
        region=given.get("--region"),
        phone_column=given.get("--phone-column"),
        sheet=given.get("--sheet"),
        message=given.get("--message"),
        template_text=(SAMPLES.parent / template).read_text("utf-8-sig") if template else None,
        media=SAMPLES.parent / given["--media"] if "--media" in given else None,
        kind=MessageKind(given["--kind"]) if "--kind" in given else None,
        preview=SAMPLES.parent / given["--preview"] if "--preview" in given else None,
        require_consent="--require-consent" in words,
        known_devices=NO_DEVICES,
    )
    assert marks(check(path, chosen)) == EXPECTED.get(path.name, ([], []))


def test_the_demo_has_a_hundred_recipients_and_a_sample_exists_for_every_command() -> None:
    assert check(SAMPLES / "demo.csv", choices()).planned >= 100
    named = {Path(words[0]).name for words in commands()}
    there = {path.name for path in SAMPLES.iterdir() if path.suffix in {".csv", ".xlsx"}}
    assert named == there
