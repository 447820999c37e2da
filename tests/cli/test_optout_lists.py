"""`suppress import`: whatever a campaign file may be; who can be read counts, the rest is named."""

import zipfile
from pathlib import Path

import pytest

from tests.cli.support import Waheal
from waheal.model import ExitCode, Phone

ANN, BOB = Phone("+12025550100"), Phone("+12025550101")


def write_workbook(path: Path, rows: list[list[str]]) -> None:
    """Write the least that is a workbook."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    cells = "".join(
        f'<row r="{number}">'
        + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row)
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
        f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def suppressed(waheal: Waheal) -> list[str]:
    listed = waheal("suppress", "list", "--json").document["suppressed"]
    assert isinstance(listed, list)
    return [each["phone"] for each in listed]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (f"{ANN}\n# left in 2025\n{BOB}\n", "utf-8"),
        (f"Mobile Phone;Status\n{ANN};unsub\nnobody;unsub\n{BOB};unsub\n", "utf-8"),
        (f"phone\tname\n{ANN}\tÄ\nnobody\tB\n{BOB}\t\n", "utf-16"),
        (f"name,phone\nJürgen,{ANN}\nnobody,\nB,{BOB}\n", "cp1252"),
        (f"id,name\n7,{ANN}\n8,{BOB}\n9,\n", "utf-8"),
        (f"phone\n{ANN} / {BOB}\n12\n", "utf-8"),
        (f'phone,name\n{ANN},A\n{BOB},"B\n', "utf-8"),
    ],
)
def test_what_of_a_list_can_be_read_counts_and_the_rest_is_named(
    waheal: Waheal, tmp_path: Path, text: str, encoding: str
) -> None:
    (tmp_path / "list.csv").write_text(text, encoding=encoding)
    done = waheal("suppress", "import", "list.csv")
    assert (done.code, "error: row " in done.err) == (ExitCode.USAGE, True)
    assert suppressed(waheal) == [ANN, BOB]
    again = waheal("suppress", "import", "list.csv", "--json")
    assert (again.code, again.document["changed"]) == (ExitCode.USAGE, 0)
    assert again.document["problems"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"Rufnummern\n{ANN}\n", ExitCode.OK),
        (f"{ANN}\n", ExitCode.OK),
        ("phone\n", ExitCode.USAGE),
        ("nobody\n", ExitCode.USAGE),
        ("", ExitCode.USAGE),
    ],
)
def test_a_list_needs_no_header_that_is_known_but_a_number(
    waheal: Waheal, tmp_path: Path, text: str, code: ExitCode
) -> None:
    (tmp_path / "list.txt").write_text(text)
    assert waheal("suppress", "import", "list.txt").code == code
    assert suppressed(waheal) == ([ANN] if code is ExitCode.OK else [])


def test_a_list_may_be_a_workbook_and_its_column_is_named(waheal: Waheal, tmp_path: Path) -> None:
    write_workbook(tmp_path / "list.xlsx", [["Kontakt", "Name"], [ANN, "A"], [BOB, "B"]])
    done = waheal("suppress", "import", "list.xlsx", "--phone-column", "kontakt", "--json")
    assert (done.code, done.document["phones"]) == (ExitCode.OK, [ANN, BOB])
    assert done.document["problems"] == []
    refused = waheal("suppress", "import", "list.xlsx", "--phone-column", "Handy", "--json")
    assert (refused.code, refused.document["changed"]) == (ExitCode.USAGE, 0)


@pytest.mark.parametrize("number", ["+52 1 55 1234 5678", "+5215512345678", "+525512345678"])
def test_mexicos_own_form_is_no_error(waheal: Waheal, tmp_path: Path, number: str) -> None:
    (tmp_path / "list.txt").write_text(f"phone\n{number}\n")
    assert waheal("suppress", "import", "list.txt").code == ExitCode.OK
    assert waheal("suppress", "add", "+525512345678", "--json").document["changed"] == 0
