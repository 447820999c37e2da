"""`waheal config`: each setting's value and where it comes from; knows no option by name."""

import importlib
import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo

from waheal.cli import options as o
from waheal.cli.app import ENTRIES
from waheal.cli.common import COMMON
from waheal.cli.console import show, write_json
from waheal.cli.ordering import ask
from waheal.cli.scene import scene_of
from waheal.cli.sources import FILE_NAME, key_of, read_file
from waheal.ledger_url import without_password
from waheal.model import ExitCode
from waheal.views.tables import ConfigRow, config_table

_PLACES = {"COMMANDLINE": "command line", "ENVIRONMENT": "environment", "DEFAULT_MAP": FILE_NAME}


@dataclass(frozen=True, slots=True)
class Value:
    """What an option is set to, and by whom."""

    option: str
    variable: str
    value: object
    source: str


def config(context: typer.Context) -> int:
    """Each option's value, and whether the environment, waheal.toml or nobody set it.

    The command line is stronger than the environment, and that is stronger than the file.
    """
    here = scene_of(context)
    root = here.workspace.root
    spoken = {"home": root, "json": here.json, "quiet": here.quiet, "verbose": here.verbose}
    filed = read_file(root, o.known() - {"home"})
    values = list[Value]()
    for key, variable, default in _every_setting():
        if key in spoken:
            values.append(Value(key, variable, spoken[key], _place(context, key)))
        elif os.environ.get(variable):
            values.append(Value(key, variable, _harmless(key, os.environ[variable]), "environment"))
        else:
            source = FILE_NAME if key in filed else "default"
            value = _harmless(key, filed.get(key, default))
            values.append(Value(key, variable, value, source))
    if here.json:
        document = {"file": str(root / FILE_NAME), "options": [_document(each) for each in values]}
        write_json(document)
    else:
        show(
            config_table(ConfigRow(each.option, _shown(each.value), each.source) for each in values)
        )
    return ExitCode.OK


def _harmless(key: str, value: object) -> object:
    return without_password(str(value)) if key == "ledger" and value else value


def _place(context: typer.Context, key: str) -> str:
    source = context.get_parameter_source("as_json" if key == "json" else key)
    return _PLACES.get(source.name if source else "", "default")


def _every_setting() -> Iterator[tuple[str, str, object]]:
    """Key, variable and default of every setting of every command, once, by its key."""
    found = dict[str, tuple[str, object]]()
    for function in _functions():
        hints = get_type_hints(function, include_extras=True)
        for parameter in inspect.signature(function).parameters.values():
            if (variable := _variable(hints[parameter.name])) is not None:
                found[key_of(variable)] = (variable, parameter.default)
    for key in sorted(found):
        yield key, *found[key]


def _functions() -> Iterator[Callable[..., object]]:
    """Every command, and the functions whose signatures are options of several."""
    yield from COMMON
    yield ask
    for entry in ENTRIES:
        module = importlib.import_module(entry.module)
        for name in [member.function for member in entry.members] or [entry.name]:
            yield getattr(module, name)


def _variable(hint: object) -> str | None:
    if get_origin(hint) is not Annotated:
        return None
    marks = [mark for mark in get_args(hint)[1:] if isinstance(mark, OptionInfo)]
    return str(marks[0].envvar) if marks and marks[0].envvar else None


def _document(each: Value) -> dict[str, object]:
    plain = (
        each.value
        if isinstance(each.value, bool | int | float | str | list | None)
        else str(each.value)
    )
    return {
        "option": each.option,
        "value": plain,
        "source": each.source,
        "variable": each.variable,
    }


def _shown(value: object) -> str:
    match value:
        case None | [] | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(item) for item in value)
        case _:
            return str(value)
