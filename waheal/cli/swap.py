"""Lets one command take the options of another, so that the verb can be swapped."""

from typing import TYPE_CHECKING

import typer
from typer.core import TyperOption

from waheal.cli.common import CampaignCommand
from waheal.cli.send import send

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter  # typer says them nowhere else


class Swappable(CampaignCommand):
    """Takes whatever `send` takes; what it has no use for is read, and then left aside."""

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """Give its own options, and then those of `send` that it lacks."""
        own = super().get_params(ctx)
        names = {each.name for each in own}
        app = typer.Typer(add_completion=False)
        app.command()(send)
        more = [each for each in typer.main.get_command(app).params if each.name not in names]
        for each in more:
            each.expose_value = False
            if isinstance(each, TyperOption):
                each.hidden = True
        return [*own, *more]
