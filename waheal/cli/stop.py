"""`waheal stop`: ask the run that holds the home to drain and end."""

import typer

from waheal.acts import stop as acts
from waheal.cli.console import say, write_json
from waheal.cli.scene import scene_of
from waheal.model import ExitCode


def stop(context: typer.Context) -> int:
    """Ask the run that holds the home to finish what is in flight, and end.

    Run it again to go on. Nothing happens when no run holds the home.
    """
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
