"""Finds the parts of a workbook in its archive, or tells what the archive is instead."""

import posixpath
from dataclasses import dataclass

from waheal.workbook.archive import Archive
from waheal.workbook.markup import elements
from waheal.workbook.refusal import WorkbookError

_USUAL = "xl/workbook.xml"
_TRUE = ("1", "true")
_OTHERS = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("index/document.iwa", "an Apple Numbers document"),
    ("index.zip", "an Apple Numbers document"),
    ("content.xml", "an OpenDocument file (.ods)"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with cells by its name; `part` is where it lies in the archive."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What a workbook is made of: `sheets` in the order of their tabs, and where the rest lies."""

    sheets: tuple[Sheet, ...]
    styles: str | None
    strings: str | None
    since_1904: bool


@dataclass(frozen=True, slots=True)
class _Related:
    kind: str
    part: str


def parts_of(archive: Archive) -> Parts:
    """Read the list of sheets.

    Raises: WorkbookError, OSError.
    """
    main = _main(archive)
    related = _related(archive, main)
    sheets = list[Sheet]()
    since_1904 = False
    for name, attributes in elements(archive.stream(main)):
        if name == "sheet":
            target = related.get(attributes.get("id", ""))
            if target is not None and target.kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append(Sheet(attributes.get("name", ""), hidden, target.part))
        elif name == "workbookPr":
            since_1904 = attributes.get("date1904") in _TRUE
    by_kind = {each.kind: each.part for each in related.values() if each.part in archive}
    return Parts(tuple(sheets), by_kind.get("styles"), by_kind.get("sharedStrings"), since_1904)


def _main(archive: Archive) -> str:
    for part, what in _OTHERS:
        if part in archive:
            raise WorkbookError(f"the file is {what}", "save the list as .xlsx or CSV")
    named = (each.part for each in _related(archive, "").values() if each.kind == "officeDocument")
    main = next(named, _USUAL)
    if main not in archive:
        raise WorkbookError("the file is a zip archive and no workbook", "unpack it first")
    return main


def _related(archive: Archive, part: str) -> dict[str, _Related]:
    """Tell by their ids which parts belong to one; the archive's own belong to none."""
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", f"{name}.rels")
    if listed not in archive:
        return {}
    return {
        attributes.get("Id", ""): _Related(
            attributes.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:],
        )
        for element, attributes in elements(archive.stream(listed))
        if element == "Relationship" and attributes.get("TargetMode") != "External"
    }
