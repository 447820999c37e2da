import os
from dataclasses import replace
from pathlib import Path

import pytest

from waheal.campaign.campaign_file import Judged, open_campaign_file
from waheal.campaign.choices import Choices
from waheal.findings import Caution, Problem
from waheal.model import DeviceId, Planned

NOW = 1_800_000_000.0
CHOICES = Choices(now=NOW, message="Hi")
CAMPAIGNS = Path(__file__).parents[2] / "campaigns"


def judge(path: Path, data: bytes, choices: Choices = CHOICES) -> list[Judged]:
    path.write_bytes(data)
    return list(open_campaign_file(path, choices).rows())


def only(found: list[Judged]) -> Problem:
    (problem,) = found
    assert isinstance(problem, Problem)
    assert not problem.skippable
    return problem


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "campaign.csv"


def test_knows_its_header_and_dialect(path: Path) -> None:
    path.write_bytes(b"phone;name\r\n+12025550100;A\r\n")
    file = open_campaign_file(path, CHOICES)
    assert file.header == ("phone", "name")
    assert file.header_row == 1
    assert file.dialect is not None
    assert (file.dialect.separator, file.dialect.line_end) == (";", "\r\n")
    assert file.encoding is not None


@pytest.mark.parametrize("name", ["Número", "Nummer", "Nr.", "番号", "Номер", "Contact"])
def test_a_name_of_any_number_means_a_telephones_where_the_cells_are_some(
    path: Path, name: str
) -> None:
    path.write_text(f"{name};city\n+12025550100;A\n+1 202 555 0101;B\n;C\n", encoding="utf-8")
    assert open_campaign_file(path, CHOICES).phone == 0
    path.write_text(f"{name};city\n+12025550100;A\n10023;B\n", encoding="utf-8")
    assert open_campaign_file(path, CHOICES).phone is None
    path.write_text(f"{name};city\n2025550100;A\n", encoding="utf-8")
    assert open_campaign_file(path, CHOICES).phone is None
    assert open_campaign_file(path, replace(CHOICES, region="US")).phone == 0


def test_counts_records_as_it_goes(path: Path) -> None:
    path.write_bytes(b"phone\n+12025550100\n\n+12025550101\nbad\n")
    file = open_campaign_file(path, CHOICES)
    rows = file.rows()
    next(rows)
    assert file.records == 1
    assert len(list(rows)) == 2
    assert file.records == 3
    assert len(list(file.rows())) == 3


def test_a_header_below_blank_lines_keeps_the_spreadsheets_numbers(path: Path) -> None:
    (row,) = judge(path, b"\n,\nphone,name\n\n+12025550100,a\n")
    assert isinstance(row, Planned)
    assert row.row == 5


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b",,\n ,\n"])
def test_nothing_in_it_is_a_problem_of_the_file(path: Path, data: bytes) -> None:
    assert only(judge(path, data)).row is None


def test_a_file_that_is_not_there_or_no_file_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("gone.csv", "", "pipe"):
        assert only(list(open_campaign_file(tmp_path / name, CHOICES).rows())).row is None


def test_a_header_that_is_never_closed_is_a_problem_of_its_row(path: Path) -> None:
    assert only(judge(path, b'phone,"name\n+12025550100,a\n')).row == 1


def test_no_phone_column_is_one_problem_and_rows_are_counted(path: Path) -> None:
    path.write_bytes(b"name\nA\n\nB\n")
    file = open_campaign_file(path, CHOICES)
    assert only(list(file.rows())).row == 1
    assert file.records == 2


def test_a_file_without_any_text_is_a_problem(path: Path) -> None:
    found = judge(path, b"phone,name\n+12025550100,a\n", replace(CHOICES, message=None))
    assert "no text" in only([f for f in found if f.row is None]).problem


def test_a_text_beside_a_message_column_is_refused_and_both_are_named(path: Path) -> None:
    data = b"name,phone,Message\nAda,+447700900001,Where is my order??\n"
    problem = only(judge(path, data)[:1])
    assert (problem.row, problem.column) == (1, "Message")
    assert "--message" in problem.problem
    assert "--no-message-column" in str(problem.hint)
    from_file = replace(CHOICES, message=None, template_text="Hi")
    assert "--template" in only(judge(path, data, from_file)[:1]).problem


def texts(found: list[Judged]) -> list[str]:
    return [each.content.text for each in found if isinstance(each, Planned)]


def test_no_message_column_makes_it_a_variable_like_any_other(path: Path) -> None:
    data = b"phone,message\n+447700900001,Where?\n"
    given = replace(CHOICES, message="You wrote: {{ message }}", own_texts=False)
    assert texts(judge(path, data, given)) == ["You wrote: Where?"]


def test_a_named_message_column_has_the_texts(path: Path) -> None:
    data = b"phone,message,Texto\n+447700900001,Where?,Hola {{ message }}\n"
    given = replace(CHOICES, message=None, message_column="texto")
    assert texts(judge(path, data, given)) == ["Hola Where?"]
    gone = replace(given, message_column="Texte")
    problem = next(each for each in judge(path, data, gone) if isinstance(each, Problem))
    assert "'Texte'" in problem.problem
    assert "'Texto'" in str(problem.hint)


def test_lines_above_the_header_are_left_out_and_told(path: Path) -> None:
    data = b"Customers of May\n\nExported,2027-05-31\nname;phone;city\nAda;+12025550101;Leeds\n"
    found = judge(path, data)
    (row,) = [each for each in found if isinstance(each, Planned)]
    assert row.row == 5
    (told,) = [each for each in found if isinstance(each, Caution)]
    assert told.row == 4
    assert "from row 1 on" in told.problem


def test_a_title_that_holds_a_number_is_no_title(path: Path) -> None:
    found = judge(path, b"+12025550101,Ada\nphone,name\n+12025550102,Bo\n")
    assert "no header" in only(found).problem


@pytest.mark.parametrize("first", ["447700900001", "Ada,+44 7700 900001", "Ada;0044 7700900001"])
def test_a_file_without_a_header_is_told_as_such(path: Path, first: str) -> None:
    assert "no header" in only(judge(path, f"{first}\n{first[:-1]}2\n".encode())).problem


def test_what_nobody_sees_in_a_header_is_ignored(path: Path) -> None:
    header = "\ufeff\u200b\u202aphone\u202c,first\u00a0name\u200e"
    given = replace(CHOICES, message='Hi {{ row["first name"] }}')
    data = f"{header}\n+447700900001,Ada\n".encode()
    assert texts(judge(path, data, given)) == ["Hi Ada"]


def test_a_header_that_is_repeated_is_left_out_and_told(path: Path) -> None:
    data = b"phone,name\n+12025550101,Ada\nphone,name\n+12025550102,Bo\n"
    found = judge(path, data)
    assert len(texts(found)) == 2
    assert [each.row for each in found if isinstance(each, Caution)] == [3]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("phone|name\n+447700900001|Ada\n", "Ada"),
        ("name|phone\nAda, or Bo; or both|+447700900001\n", "Ada, or Bo; or both"),
        ('phone, name\n+447700900001, "Doe, Ada"\n', "Doe, Ada"),
        ('"phone" , "name"\n"+447700900001" , "Doe, Ada"\n', "Doe, Ada"),
        ('"phone,name"\r\n"+447700900001,""Doe, Ada"""\r\n', "Doe, Ada"),
        ("phone,name\r\n+447700900001,Ada\r\n\x1a", "Ada"),
        ("phone,name\r\n+447700900001,Ada\x1a", "Ada"),
        ('"phone","name"\n"+447700900001","Ada \\"the Ada\\" L."\n', 'Ada "the Ada" L.'),
        ('"phone","name"\n"+447700900001","Ada"\n"+447700900002","\\"B\\""\n', "Ada"),
    ],
)
def test_reads_what_other_programs_write(path: Path, data: str, name: str) -> None:
    found = judge(path, data.encode(), replace(CHOICES, message="{{ name }}"))
    assert texts(found)[0] == name
    assert not [each for each in found if isinstance(each, Problem)]


def test_mysqls_nothing_is_nothing(path: Path) -> None:
    given = replace(CHOICES, message="Hi {{ name|default('you') }}")
    for data in (
        b'"phone","name"\n"+447700900001",\\N\n"+447700900002","\\"B\\""\n',
        b"phone\tname\n+447700900001\t\\N\n",
    ):
        assert texts(judge(path, data, given))[0] == "Hi you"


@pytest.mark.parametrize("text", ["{{ name", "{% for a in b %}{% endfor %}", "a\0b"])
def test_a_bad_template_is_told_once_for_all_rows(path: Path, text: str) -> None:
    data = b"phone,name\n+12025550100,a\n+12025550101,b\n"
    assert only(judge(path, data, replace(CHOICES, message=text))).row is None


def test_a_region_that_does_not_exist_is_a_problem(path: Path) -> None:
    found = judge(path, b"phone\n+12025550100\n", replace(CHOICES, region="XX"))
    assert isinstance(found[0], Problem)


def test_media_for_all_is_checked_once(path: Path) -> None:
    choices = replace(CHOICES, media=path.parent / "gone.png")
    found = judge(path, b"phone\n+12025550100\n", choices)
    assert isinstance(found[0], Problem)
    assert found[0].row is None
    (row,) = judge(
        path, b"phone\n+12025550100\n", replace(choices, media=CAMPAIGNS / "media" / "ticket.png")
    )
    assert isinstance(row, Planned)
    assert row.content.media is not None


def test_the_digest_follows_the_bytes_and_the_options(path: Path) -> None:
    path.write_bytes(b"phone,device\n+12025550100,\n")
    variants = [
        CHOICES,
        replace(CHOICES, message="Ho"),
        replace(CHOICES, region="US"),
        replace(CHOICES, opt_out_footer="STOP"),
        replace(CHOICES, known_devices=frozenset({DeviceId("a")})),
    ]
    digests = {open_campaign_file(path, choices).digest for choices in variants}
    assert None not in digests
    assert len(digests) == len(variants)
    assert open_campaign_file(path, replace(CHOICES, now=NOW + 1)).digest in digests
    path.write_bytes(b"phone,device\n+12025550101,\n")
    assert open_campaign_file(path, CHOICES).digest not in digests


def test_rows_that_name_files_have_no_digest(path: Path) -> None:
    path.write_bytes(b"phone,media\n+12025550100,\n")
    assert open_campaign_file(path, CHOICES).digest is None


def test_a_file_that_changes_under_the_reader_is_told_off(path: Path) -> None:
    path.write_bytes(b"phone\n+12025550100\n+12025550101\n")
    rows = open_campaign_file(path, CHOICES).rows()
    next(rows)
    with path.open("ab") as file:
        file.write(b"+12025550102\n")
    assert any(isinstance(f, Problem) and "changed" in f.problem for f in rows)


def test_more_columns_than_any_spreadsheet_has_are_a_problem(path: Path) -> None:
    assert only(judge(path, b"phone" + b",a" * 20_000 + b"\n")).row == 1


def test_a_name_that_no_column_has_is_a_problem(path: Path) -> None:
    assert "longer" in only(judge(path, b"phone," + b"a" * 2_000 + b"\n1,2\n")).problem


def test_a_workbook_is_read_as_its_csv_would_be() -> None:
    choices = replace(CHOICES, region="US", message="{{ name }}: {{ seats }}")
    found = list(open_campaign_file(CAMPAIGNS / "workbook.xlsx", choices).rows())
    assert [f.content.text for f in found if isinstance(f, Planned)] == [
        "Tāne: 2",
        "李雷: 1.5",
        "Zoë: 3",
    ]
    assert len(found) == 3


def test_a_guessed_encoding_is_told_with_the_first_cell_that_depends_on_it(path: Path) -> None:
    data = "phone;city;name\r\n+12025550100;Omsk;Ada\r\n+12025550101;Omsk;Иван\r\n"
    told = judge(path, data.encode("cp1251"))[1]
    assert isinstance(told, Caution)
    assert (told.row, told.column) == (3, "name")
    assert "'Иван'" in told.problem
    assert "--encoding" in str(told.hint)


def test_a_header_alone_may_depend_on_the_encoding(path: Path) -> None:
    *_, told = judge(path, "phone,prénom\n+12025550100,Ada\n".encode("cp1252"))
    assert isinstance(told, Caution)
    assert (told.row, told.column) == (1, "prénom")


def test_a_named_encoding_settles_it(path: Path) -> None:
    given = replace(CHOICES, message="{{ name }}", encoding="koi8-r")
    data = "phone,name\n+12025550100,ИВАН\n".encode("koi8-r")
    (row,) = judge(path, data, given)
    assert isinstance(row, Planned)
    assert row.content.text == "ИВАН"


def test_a_row_that_can_not_be_right_in_the_encoding_is_a_problem(path: Path) -> None:
    given = replace(CHOICES, encoding="utf-8")
    found = judge(path, b"phone,name\n+12025550100,M\xfcller\n+12025550101,Ada\n", given)
    assert [(f.row, f.column) for f in found if isinstance(f, Problem)] == [(2, "name")]


@pytest.mark.parametrize(
    ("first", "second", "bad"),
    [
        (["Zoë", "Noël"], ["Müller"], [4]),
        (["Zoë"], ["Müller", "Jürgen", "Käthe Groß"], [2]),
        (["Иван"], ["Мария", "Сергей", "Ольга Кузнецова"], [2]),
    ],
)
def test_a_mix_of_two_encodings_is_the_problem_of_the_fewer_rows(
    path: Path, first: list[str], second: list[str], bad: list[int]
) -> None:
    other = "cp1252" if second[0].isascii() or "ü" in second[0] else "cp1251"
    rows = [name.encode() for name in first] + [name.encode(other) for name in second]
    lines = [b"+120255501%02d,%s\n" % (place, name) for place, name in enumerate(rows)]
    found = judge(path, b"phone,name\n" + b"".join(lines))
    assert [f.row for f in found if isinstance(f, Problem)] == bad


@pytest.mark.parametrize("cell", ["JosÃ©", "MÃ¼ller", "lâ€™eau", "Ð\x98Ð²Ð°Ð½"])
def test_what_was_read_in_a_wrong_encoding_before_is_told(path: Path, cell: str) -> None:
    found = judge(path, f"phone,name\n+12025550100,{cell}\n+12025550101,JOÃO\n".encode())
    assert [(f.row, f.column) for f in found if isinstance(f, Caution)] == [(2, "name")]


def test_placeholders_of_other_programs_are_told_of_the_text_and_the_footer(path: Path) -> None:
    given = replace(CHOICES, message="Hi {name}\\nBye", opt_out_footer="Reply {word}")
    found = judge(path, b"phone,name\n+12025550100,Ada\n", given)
    told = [each.problem for each in found if isinstance(each, Caution)]
    assert [word for word in ("'{word}'", "'{name}'", "'\\n'") if any(word in t for t in told)] == [
        "'{word}'", "'{name}'", "'\\n'"
    ]  # fmt: skip
