import pytest

from waheal.campaign.header import Known, Wanted, find_phone, read_header
from waheal.findings import Caution, Problem


def test_finds_the_phone_column_in_any_case_and_the_first_name_first() -> None:
    assert find_phone(["Name", " PHONE "], None) == 1
    assert find_phone(["to", "number"], None) == 1
    assert find_phone(["MSISDN"], None) == 0
    assert find_phone(["name"], None) is None


def test_a_named_phone_column_is_taken_exactly_before_any_case() -> None:
    assert find_phone(["telefon", "Telefon"], "Telefon") == 1
    assert find_phone(["Telefon"], "telefon") == 0
    assert find_phone(["phone"], "Telefon") is None


def test_known_columns_are_found_in_any_case_and_the_rest_are_variables() -> None:
    header = read_header(1, ["Phone", "Message", "SEND_AFTER", "name", "Name", " city"])
    assert header.known == {Known.MESSAGE: 1, Known.SEND_AFTER: 2}
    assert header.variables == {"name": 3, "Name": 4, "city": 5}
    assert header.findings == ()


def test_a_column_beside_the_named_phone_column_is_a_variable() -> None:
    header = read_header(1, ["phone", "Telefon"], Wanted("Telefon"))
    assert header.variables == {"phone": 0}
    assert header.findings == ()


def test_no_phone_column_is_a_problem_of_the_header() -> None:
    (problem,) = read_header(1, ["name"]).findings
    assert isinstance(problem, Problem)
    assert (problem.row, problem.skippable) == (1, False)
    (problem,) = read_header(1, ["name"], Wanted("Telefon")).findings
    assert "'Telefon'" in problem.problem


@pytest.mark.parametrize(
    ("names", "prose"),
    [
        (["Dear Anna", " hello there."], True),
        (["Welcome to our spring sale!"], True),
        ([" ".join(["and"] * 16), "so"], True),
        (["name", "text"], False),
        (["Kunden Nr.", "Name"], False),
        (["Name", "Kd. Nr."], False),
        (["What is your name?", "What shall we call you then?"], False),
    ],
)
def test_a_text_is_told_from_a_header_without_a_phone_column(
    names: list[str], *, prose: bool
) -> None:
    (problem,) = [f for f in read_header(1, names).findings if isinstance(f, Problem)]
    assert problem.problem.startswith("there is no phone column")
    assert ("reads like a text" in problem.problem) is prose


def test_two_columns_of_one_meaning_are_a_problem() -> None:
    for names in (["phone", "Phone"], ["phone", "message", "MESSAGE"]):
        (problem,) = [f for f in read_header(1, names).findings if isinstance(f, Problem)]
        assert problem.column == names[-1]


def test_two_variables_of_one_name_are_a_warning_and_can_not_be_used() -> None:
    header = read_header(1, ["phone", "name", "name "])
    assert header.ambiguous == {"name"}
    (warning,) = header.findings
    assert isinstance(warning, Caution)


def test_a_column_without_a_name_is_left_out_with_a_warning() -> None:
    header = read_header(3, ["phone", "", " "])
    assert header.variables == {}
    assert [type(finding) for finding in header.findings] == [Caution, Caution]
    assert [finding.row for finding in header.findings] == [3, 3]


def test_a_column_that_its_cells_prove_is_taken_and_told() -> None:
    header = read_header(1, ["N\u00famero", "nombre"], Wanted(proven=0))
    assert (header.phone, header.variables) == (0, {"nombre": 1})
    (told,) = header.findings
    assert isinstance(told, Caution)
    assert told.whole
    assert "'N\u00famero'" in told.problem


def test_a_name_of_telephones_needs_no_proof() -> None:
    assert read_header(1, ["N\u00famero", "phone"], Wanted(proven=0)).phone == 1
