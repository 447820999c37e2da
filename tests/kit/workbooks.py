"""Writes workbooks for tests, as a spreadsheet does or as a stranger might."""

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_IDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OWN_CODES = 164  # below it, numbers stand for codes that no file tells


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet: its rows as XML, what stands before and after them, and whether it is hidden."""

    name: str
    rows: Iterable[str]
    before: str = ""
    after: str = ""
    state: str = "visible"


def row(number: int, *cells: str, attributes: str = "") -> str:
    """Write a row of cells that follow each other, from column A on."""
    return f'<row r="{number}" {attributes}>{"".join(cells)}</row>'


def text(value: str, place: str = "") -> str:
    """Write a cell that holds a text."""
    return f'<c{_at(place)} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def shared(number: int, place: str = "") -> str:
    """Write a cell that refers to a shared text."""
    return f'<c{_at(place)} t="s"><v>{number}</v></c>'


def number(value: float | str, style: int = 0, place: str = "") -> str:
    """Write a cell that holds a number, in the workbook's style of that place from 1, or none."""
    return f'<c{_at(place)} s="{style}"><v>{value}</v></c>'


def _at(place: str) -> str:
    return f' r="{place}"' if place else ""


def table(rows: Iterable[Iterable[str]]) -> list[str]:
    """Write rows of texts, numbered from 1."""
    return [row(i, *map(text, cells)) for i, cells in enumerate(rows, 1)]


def write_workbook(
    path: Path,
    tabs: Iterable[Tab],
    *,
    codes: Iterable[str] = (),
    strings: Iterable[str] | None = None,
    since_1904: bool = False,
    more: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a workbook; `codes` are the number formats of its styles, from 1 on.

    `strings` are its shared texts, as XML. `more` are parts to be added, or put in the place of
    its own.
    """
    tabs = list(tabs)
    parts: dict[str, Iterable[str]] = {
        "[Content_Types].xml": [_types(len(tabs))],
        "_rels/.rels": [_relations([("officeDocument", "xl/workbook.xml")])],
        "xl/_rels/workbook.xml.rels": [
            _relations(
                [
                    *(("worksheet", f"worksheets/sheet{i}.xml") for i, _ in enumerate(tabs, 1)),
                    ("styles", "styles.xml"),
                    ("sharedStrings", "sharedStrings.xml"),
                ]
            )
        ],
        "xl/workbook.xml": [_list_of(tabs, since_1904=since_1904)],
        "xl/styles.xml": [_styles(list(codes))],
    }
    if strings is not None:
        parts["xl/sharedStrings.xml"] = _strings(strings)
    for i, tab in enumerate(tabs, 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = _sheet(tab)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in parts.items():
            if name not in (more or {}):
                with archive.open(name, "w") as part:
                    for piece in pieces:
                        part.write(piece.encode())
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return path


def _types(sheets: int) -> str:
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kinds = {
        "workbook": "sheet.main",
        "styles": "styles",
        "sharedStrings": "sharedStrings",
        **{f"worksheets/sheet{i}": "worksheet" for i in range(1, sheets + 1)},
    }
    each = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{office}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    default = f'<Default Extension="rels" ContentType="{relations}"/>'
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{default}{each}</Types>'


def _relations(targets: list[tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{i}" Type="{_IDS}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _list_of(tabs: list[Tab], *, since_1904: bool) -> str:
    each = "".join(
        f'<sheet name={quoteattr(tab.name)} sheetId="{i}" state="{tab.state}" r:id="rId{i}"/>'
        for i, tab in enumerate(tabs, 1)
    )
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_IDS}">'
        f'<workbookPr date1904="{since_1904:d}"/><sheets>{each}</sheets></workbook>'
    )


def _styles(codes: list[str]) -> str:
    own = "".join(
        f'<numFmt numFmtId="{i}" formatCode={quoteattr(code)}/>'
        for i, code in enumerate(codes, _OWN_CODES)
    )
    used = "".join(f'<xf numFmtId="{_OWN_CODES + i}"/>' for i in range(len(codes)))
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts>{own}</numFmts>'
        f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs></styleSheet>'
    )


def _strings(strings: Iterable[str]) -> Iterable[str]:
    yield f'{_HEAD}<sst xmlns="{_MAIN}">'
    yield from strings
    yield "</sst>"


def _sheet(tab: Tab) -> Iterable[str]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">{tab.before}<sheetData>'
    yield from tab.rows
    yield f"</sheetData>{tab.after}</worksheet>"
