"""`waheal stop`: ask the run that holds the home to drain and end."""

from typing import Annotated

import typer

from waheal.acts import stop as acts
from waheal.cli.completion import campaigns
from waheal.cli.console import say, write_json
from waheal.cli.scene import Scene, scene_of
from waheal.model import ExitCode

Campaign = Annotated[
    str | None,
    typer.Argument(
        help="End its order on all machines that share the ledger.", autocompletion=campaigns
    ),
]


def stop(context: typer.Context, campaign: Campaign = None) -> int:
    """Ask the run that holds the home to finish what is in flight, and end.

    Run it again to go on. Nothing happens when no run holds the home. With a campaign, all
    machines that share the ledger are asked to end their part of it.
    """
    if campaign is not None:
        return _stop_order(scene_of(context), campaign)
    here = scene_of(context)
    asked = acts.stop(here.workspace)
    if here.json:
        write_json({"stopping": asked is not None, "pid": None if asked is None else asked.pid})
    elif not here.quiet:
        say(
            "no run holds the home"
            if asked is None
            else f"asked {asked.what} (pid {asked.pid}) to end"
        )
    return ExitCode.OK


def _stop_order(here: Scene, campaign: str) -> ExitCode:
    machines = acts.stop_order(here.workspace, campaign)
    if here.json:
        write_json({"stopping": bool(machines), "machines": machines})
    elif not here.quiet:
        say(f"asked {', '.join(machines)} to end" if machines else "no machine works on it")
    return ExitCode.OK
