"""Where an option's value comes from, and reading `waheal.toml`; knows no single option.

Command line, then environment, then the file in the home, then the default: typer asks in this
order when the file is its context's default map.
"""

import difflib
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

import typer

from waheal.acts.location import config_of, default_home
from waheal.acts.parsing import spelled
from waheal.errors import UsageError

FILE_NAME = "waheal.toml"
_PREFIX = "WAHEAL_"


def key_of(envvar: str) -> str:
    """Give the key in `waheal.toml` of an option, by its environment variable."""
    return envvar.removeprefix(_PREFIX).lower().replace("_", "-")


def read_file(home: Path, known: frozenset[str]) -> dict[str, object]:
    """Tell what the home's file sets, by option name; nothing where there is no file.

    Raises:
        UsageError: it is no TOML, or sets something that is no setting, or that none takes.
        HomeUnusableError: the home is another user's, or others may have written the file.
    """
    path = home / FILE_NAME
    try:
        values: dict[str, object] = tomllib.loads((config_of(home) or b"").decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{path} is no TOML file: {error}", hint='a line looks like: rate = "20/min"'
        ) from error
    for key, value in values.items():
        _see_it_is_no_section(key, value, path, known)
    return {_checked(key, path, known): _fit(value, key, path) for key, value in values.items()}


def _see_it_is_no_section(key: str, value: object, path: Path, known: frozenset[str]) -> None:
    inside = value[0] if isinstance(value, list) and value else value
    if not isinstance(inside, dict):
        return
    options = [name for name in inside if str(name).replace("_", "-") in known]
    if key.replace("_", "-") in known and not options:
        return  # an option that is set to a table
    example = next(iter(options or inside), "rate")
    raise UsageError(
        f"{path} has a section [{key}], and options stand in none",
        hint=f"take the line [{key}] out, and write each option by itself: {example} = …;"
        " it holds for every command that has it",
    )


def _checked(key: str, path: Path, known: frozenset[str]) -> str:
    name = key.replace("_", "-")
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1, cutoff=0)
    raise UsageError(
        f"{path} sets {key!r}, which is no setting",
        hint=f"meant {near[0]!r}? what does one thing at one time is said on the command line only",
    )


def _fit(value: object, key: str, path: Path) -> object:
    """Let pass what an option can be set to; TOML has more, such as dates and tables."""
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, str | int | float) or not math.isfinite(
            each if isinstance(each, float) else 0
        ):
            raise UsageError(
                f"{path} sets {key!r} to what no option takes",
                hint="a text, a number, true or false, or a list of those",
            )
    return value


def read_home(text: str) -> Path:
    """Give the folder that `--home` names.

    Raises:
        UsageError: it names none, as an unset variable in a cron line does, or nobody's.
    """
    if not text:
        raise UsageError(
            "--home names no folder", hint="name one, or leave --home out for the default"
        )
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(
            f"--home {text!r} names the folder of nobody", hint="write its path in full"
        ) from error


def settle(home: Path | None) -> Path:
    """Give the home in use: the one that is named, or else the default.

    Raises:
        UsageError: its path is not UTF-8.
    """
    return spelled((home or default_home()).expanduser(), "the home")


def load_file(context: typer.Context, home: Path, known: frozenset[str]) -> None:
    """Make the home's file the defaults of the command that is being parsed.

    Raises:
        UsageError: as `read_file`.
        HomeUnusableError: likewise.
    """
    if not context.resilient_parsing:  # completion must not fail on a file
        context.default_map = _by_parameter(context, read_file(home, known))


def _by_parameter(context: typer.Context, values: Mapping[str, object]) -> dict[str, object]:
    found = dict[str, object]()
    for parameter in context.command.get_params(context):
        if isinstance(parameter.envvar, str) and (key := key_of(parameter.envvar)) in values:
            found[parameter.name or ""] = _as_typed(values[key], many=parameter.multiple)
    return found


def _as_typed(value: object, *, many: bool) -> object:
    # As the command line would have it: the option's own type reads text.
    if many:
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]
    return ",".join(str(item) for item in value) if isinstance(value, list) else value
