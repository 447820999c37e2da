"""`waheal cluster`: several machines with one ledger."""

import typer

from waheal.acts import cluster as acts
from waheal.cli.console import say, write_json
from waheal.cli.scene import scene_of
from waheal.model import ExitCode


def init(context: typer.Context) -> int:
    """Make the ledger that machines will share, in a database of PostgreSQL's.

    Once for all of them, and again after an upgrade of waheal; what is in it stays.
    """
    here = scene_of(context)
    made = acts.initialise(here.workspace)
    if here.json:
        write_json({"ledger": str(made.at), "new": made.new})
    elif here.talks:
        say(
            f"made the ledger in {made.at}"
            if made.new
            else f"the ledger in {made.at} is of this version"
        )
    return ExitCode.OK
