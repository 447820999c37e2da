"""Command lines that documents and examples show, held against the commands that there are."""

from collections.abc import Sequence

import typer

from waheal.cli.app import build


def what_it_lacks(words: Sequence[str]) -> list[str]:
    """Give those words after `waheal` that are no command and no option of the command."""
    command, rest = typer.main.get_command(build(words)), list(words)
    while rest and (members := getattr(command, "commands", None)):
        if rest[0].startswith("-"):
            break
        if rest[0] not in members:
            return rest[:1]
        command = members[rest.pop(0)]
    parameters = command.get_params(typer.Context(command))
    flags = {flag for each in parameters for flag in (*each.opts, *each.secondary_opts)}
    return [word for word in rest if word.startswith("-") and word.partition("=")[0] not in flags]
