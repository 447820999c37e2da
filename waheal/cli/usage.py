"""What is wrong with the words of a command, told in our own; knows no command by name."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

import typer
from typer._click import Context
from typer._click import exceptions as click  # typer says them nowhere else
from typer.core import TyperGroup, TyperOption

_QUOTED = re.compile(r"'([^']*)'")
_EXTRA = re.compile(r"argument\(s\) \((.*)\)", re.DOTALL)


def in_own_words(error: typer.TyperException, path: str) -> tuple[str, str]:
    """Say what was wrong with a command's words, and the way out.

    `path`: the command as it was called, where the error does not know it.
    """
    context: Context | None = getattr(error, "ctx", None)
    path = path if context is None else context.command_path
    see = f"see `{path} --help`"
    match error:
        case click.BadParameter():
            return _of_value(error, path), see
        case click.BadOptionUsage() if "not take" in error.message:
            return f"{error.option_name} takes no value", see
        case click.BadOptionUsage():
            return f"{error.option_name} needs a value after it", see
        case click.NoSuchOption():
            what, known = f"option {error.option_name}", _options(context)
            return f"`{path}` has no {what}", _nearest(error.option_name, known, see)
        case _:
            return _of_words(error.format_message(), path, context, see)


def _of_words(message: str, path: str, context: Context | None, see: str) -> tuple[str, str]:
    if context is not None and isinstance(context.command, TyperGroup):
        known = list(context.command.commands)
        if asked := _QUOTED.search(message):
            return f"`{path}` has no command {asked[1]!r}", _nearest(asked[1], known, see)
        return f"`{path}` needs one more word: {', '.join(known)}", see
    if extra := _EXTRA.search(message):
        return (
            f"`{path}` has no use for {extra[1]!r}",
            f"a text with blanks in it stands in quotes; {see}",
        )
    return message, see


def _of_value(error: click.BadParameter, path: str) -> str:
    option = error.param
    if not isinstance(option, TyperOption):
        name = option.name if option else "argument"
        missing = isinstance(error, click.MissingParameter)
        return f"`{path}` needs its {name}" if missing else f"the {name}: {error.message}"
    flag = max(option.opts, key=len)
    if option.is_flag:
        return f"{flag} is yes or no: 1 or 0 in the environment, true or false in waheal.toml"
    least, most = option.min, option.max
    if least is None and most is None:
        return f"{flag}: {error.message}"
    bounds = [f" of at least {least}"] if least is not None else []
    bounds += [f" of at most {most}"] if most is not None else []
    return f"{flag} takes a whole number{' and'.join(bounds)}"


def _nearest(word: str, known: Sequence[str], see: str) -> str:
    near = get_close_matches(word, known, n=1)
    return f"meant {near[0]}? {see}" if near else see


def _options(context: Context | None) -> list[str]:
    if context is None:
        return []
    parameters = context.command.get_params(context)
    return [flag for each in parameters if isinstance(each, TyperOption) for flag in each.opts]
