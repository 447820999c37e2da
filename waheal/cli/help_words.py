"""Commands and groups whose `--help` speaks the operator's words: no types, examples on top."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from typer.core import TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter  # typer says them nowhere else

HELP_FLAGS = {"help_option_names": ["-h", "--help"]}
"""Settings of the whole application: every command takes `-h`, too."""

_KINDS: dict[object, str] = {bool: "", int: "N", str: "TEXT", Path: "PATH"}


class PlainCommand(TyperCommand):
    """A command that takes nothing but what is its own."""

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """Give its parameters, each with a plain word for what it takes."""
        return in_plain_words(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A group of commands."""

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """Give its parameters, likewise."""
        return in_plain_words(super().get_params(ctx))


def in_plain_words(params: "Sequence[Parameter]") -> "list[Parameter]":
    """Say what each option takes in a word, and nothing for one that is said or not."""
    for each in params:
        if isinstance(each, TyperOption) and each.metavar is None:
            annotation = each.type_descriptor.annotation
            of_list = get_args(annotation)
            each.metavar = _KINDS.get(of_list[0] if of_list else annotation, "TEXT")
    return list(params)
