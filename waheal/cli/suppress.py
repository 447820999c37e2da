"""`waheal suppress`: who must not be written to, over all campaigns."""

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from waheal.acts import suppress as acts
from waheal.acts.numbers import read_person, read_phone
from waheal.acts.orders import Reading
from waheal.cli import options as o
from waheal.cli.console import say, say_error, show, whole_file, write_json
from waheal.cli.scene import Scene, scene_of
from waheal.documents import SUPPRESSION_FIELDS, problem_fields, suppression_fields
from waheal.identity import Lid
from waheal.model import ExitCode, Phone
from waheal.spreadsheet import harmless
from waheal.views import words
from waheal.views.tables import suppressions_table

_OUT_OF_REACH = """\
not erased, since it is out of reach: what the library keeps of them in sessions.db (contact, LID,
Signal session, message secrets), logs, backups, campaign files and exports"""
Numbers = Annotated[list[str], typer.Argument(help="Phone numbers, with their country codes.")]


def add(context: typer.Context, phones: Numbers, region: o.Region = None) -> int:
    """Write to these numbers no more, from any device; also reaches a run that is under way.

    A number stands for all its spellings (Brazil's and Argentina's 9, Mexico's 1).
    """
    here = scene_of(context)
    numbers = [read_person(phone, region) for phone in phones]
    added = acts.suppress(here.workspace, numbers)
    return _told(here, added, len(numbers), "suppressed", "on the list already")


def remove(context: typer.Context, phones: Numbers, region: o.Region = None) -> int:
    """Allow these numbers again, because their owners said so.

    A campaign whose file still has them writes to them at its next send.
    """
    here = scene_of(context)
    numbers = [read_person(phone, region) for phone in phones]
    removed = acts.unsuppress(here.workspace, numbers)
    if removed and here.talks:
        say("campaigns that left them out write to them at their next `waheal send`")
    return _told(here, removed, len(numbers), "allowed again", "not on the list")


def list_suppressed(context: typer.Context) -> int:
    """Who must not be written to, since when, and who said so.

    Numbers are listed as they were given. Whoever replied without WhatsApp telling the number is
    listed by the LID, WhatsApp's own name for them.
    """
    here = scene_of(context)
    found = list(acts.suppressed(here.workspace))
    if here.json:
        write_json({"suppressed": [suppression_fields(each) for each in found]})
    else:
        show(suppressions_table(found))
    return ExitCode.OK


def import_suppressed(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A CSV or .xlsx file with a phone column, or a number a line.")
    ],
    region: o.Region = None,
    international: o.International = False,
    phone_column: o.PhoneColumn = None,
    encoding: o.Encoding = None,
    sheet: o.Sheet = None,
) -> int:
    """Suppress every number of a file, whatever a campaign file may be.

    A row that can't be read is named, and ends with 2; the others count.
    """
    here = scene_of(context)
    reading = Reading(
        region=region,
        international=international,
        phone_column=phone_column,
        encoding=encoding,
        sheet=sheet,
    )
    imported = acts.import_list(here.workspace, file, reading)
    if here.json:
        problems = [problem_fields(each) for each in imported.problems]
        write_json(_changed(imported.changed) | {"problems": problems})
    elif imported.people or not imported.problem_count:
        _told(here, imported.changed, imported.people, "suppressed", "on the list already")
    if not imported.problem_count:
        return ExitCode.OK
    for each in imported.problems:
        where = "" if each.row is None else f"row {each.row:,}: "
        say_error(where + each.problem, each.hint if each.row is None else None)
    rows = words.count(imported.problem_count, "row")
    if any(each.row is not None for each in imported.problems):
        say_error(
            f"{rows} of {file} can't be read; whoever else is on the list is suppressed",
            "mend them and import the file again; numbers without a country code need --region",
        )
    return ExitCode.USAGE


def export_suppressed(context: typer.Context, output: o.Output = None) -> int:
    """Write the list as CSV, in the form that import reads."""
    here = scene_of(context)
    found = map(suppression_fields, acts.suppressed(here.workspace))
    cells = (tuple(map(_cell, each.values())) for each in found)
    rows = [SUPPRESSION_FIELDS, *cells]
    if output is None:
        csv.writer(sys.stdout).writerows(rows)
    else:
        with whole_file(output) as file:
            csv.writer(file).writerows(rows)
    return ExitCode.OK


def _cell(value: object) -> str:
    return "" if value is None else harmless(str(value))


def forget(context: typer.Context, phones: Numbers, region: o.Region = None) -> int:
    """Erase what the ledger keeps about a person, save that they opted out.

    Out of its reach: what the library keeps in the session database (contact,
    LID, Signal session, message secrets), logs, backups, campaign files and
    exports; and during a run, the ledger's write-ahead log.
    """
    here = scene_of(context)
    numbers = [read_phone(phone, region) for phone in phones]
    acts.forget(here.workspace, numbers)
    code = _told(here, numbers, len(numbers), "forgotten", "")
    if here.talks:
        say(_OUT_OF_REACH)
    return code


def _told(
    here: Scene, changed: Sequence[Phone | Lid], asked: int, what: str, otherwise: str
) -> ExitCode:
    if here.json:
        write_json(_changed(changed))
    elif not here.quiet:
        same = asked - len(changed)
        rest = f"; {same:,} {otherwise}" if same else ""
        say(f"{words.count(len(changed), 'number')} {what}{rest}")
    return ExitCode.OK


def _changed(changed: Sequence[Phone | Lid]) -> dict[str, object]:
    return {"changed": len(changed), "phones": list(changed)}
