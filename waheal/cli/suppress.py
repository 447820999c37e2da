"""`waheal suppress`: who must not be written to, over all campaigns; knows nothing of sending."""

import csv
import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from waheal.cli import options as o
from waheal.cli.console import say, say_error, show, whole_file, write_json
from waheal.cli.numbers import read_phone
from waheal.cli.scene import Scene, scene
from waheal.documents import SUPPRESSION_FIELDS, suppression_fields
from waheal.errors import UsageError
from waheal.model import ExitCode, Phone
from waheal.views import words
from waheal.views.tables import suppressions_table

Numbers = Annotated[list[str], typer.Argument(help="Phone numbers, with their country codes.")]


def add(
    phones: Numbers,
    region: o.Region = None,
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Write to these numbers no more, from any device; also reaches a run that is under way."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    return _suppress(here, [read_phone(phone, region) for phone in phones], "operator")


def remove(
    phones: Numbers,
    region: o.Region = None,
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Allow these numbers again, because their owners said so.

    A campaign whose file still has them writes to them at its next send.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    numbers = [read_phone(phone, region) for phone in phones]
    with here.ledger() as ledger, ledger.transaction():
        removed = [number for number in numbers if ledger.people.unsuppress(number)]
    if removed and not here.quiet and not here.json:
        say("campaigns that left them out write to them at their next `waheal send`")
    return _told(here, removed, len(numbers), "allowed again", "not on the list")


def list_suppressed(
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Who must not be written to, since when, and who said so."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    with here.ledger(readonly=True) as ledger:
        found = list(ledger.people.suppressed())
    if here.json:
        write_json({"suppressed": [suppression_fields(each) for each in found]})
    else:
        show(suppressions_table(found))
    return ExitCode.OK


def import_suppressed(
    file: Annotated[Path, typer.Argument(help="CSV with a phone column, or a number a line.")],
    region: o.Region = None,
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Suppress every number of a file; nothing is changed when one of them can't be read."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    return _suppress(here, _read(file, region), f"import {file.name}")


def export_suppressed(
    output: o.Output = None,
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Write the list as CSV, in the form that import reads."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    with here.ledger(readonly=True) as ledger:
        rows = [suppression_fields(each).values() for each in ledger.people.suppressed()]
    if output is None:
        csv.writer(sys.stdout).writerows([SUPPRESSION_FIELDS, *rows])
    else:
        with whole_file(output) as file:
            csv.writer(file).writerows([SUPPRESSION_FIELDS, *rows])
    return ExitCode.OK


def forget(
    phones: Numbers,
    region: o.Region = None,
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Erase what is kept about a person, save that they opted out."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    numbers = [read_phone(phone, region) for phone in phones]
    with here.ledger() as ledger:
        for number in numbers:
            ledger.people.forget(number, time.time())
    return _told(here, numbers, len(numbers), "forgotten", "")


def _suppress(here: Scene, numbers: list[Phone], source: str) -> ExitCode:
    now = time.time()
    with here.ledger() as ledger, ledger.transaction():
        added = [number for number in numbers if ledger.people.suppress(number, now, source=source)]
    return _told(here, added, len(numbers), "suppressed", "on the list already")


def _told(here: Scene, changed: list[Phone], asked: int, what: str, otherwise: str) -> ExitCode:
    if here.json:
        write_json({"changed": len(changed), "phones": changed})
    elif not here.quiet:
        same = asked - len(changed)
        rest = f"; {same:,} {otherwise}" if same else ""
        say(f"{words.count(len(changed), 'number')} {what}{rest}")
    return ExitCode.OK


def _read(file: Path, region: str | None) -> list[Phone]:
    """Every number of the file.

    Raises:
        UsageError: it can't be read, or one of its numbers can't.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} can't be read", hint="it is to be UTF-8 text with a number a line"
        ) from error
    numbers, bad = list[Phone](), 0
    for line, cell in _cells(text):
        try:
            numbers.append(read_phone(cell, region))
        except UsageError as error:
            bad += 1
            say_error(f"line {line}: {error.message}", None)
    if bad:
        raise UsageError(
            f"{words.count(bad, 'line')} of {file} can't be read, nothing was changed",
            hint="mend them, or give --region for numbers without a country code",
        )
    return numbers


def _cells(text: str) -> Iterator[tuple[int, str]]:
    column = 0
    for line, row in enumerate(csv.reader(io.StringIO(text)), 1):
        names = [cell.strip().lower() for cell in row]
        if line == 1 and "phone" in names:
            column = names.index("phone")
        elif len(row) > column and row[column].strip():
            yield line, row[column].strip()
