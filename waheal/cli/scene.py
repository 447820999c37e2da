"""What every command begins with: where it works, and how it may speak."""

import os
import sys
from dataclasses import dataclass

import typer

from waheal.acts.workspace import Workspace
from waheal.views.view import ViewKind, choose


@dataclass(frozen=True, slots=True)
class Scene:
    """A command's surroundings, as its common options say.

    `sandbox_devices`: so many are paired with the embedded sandbox, for a campaign.
    """

    workspace: Workspace
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    sandbox_devices: int = 0

    @property
    def talks(self) -> bool:
        """Whether words of talk may be said."""
        return not self.quiet and not self.json

    @property
    def view(self) -> ViewKind:
        """How a run is shown here."""
        return choose(
            json=self.json,
            quiet=self.quiet,
            stderr_isatty=sys.stderr.isatty(),
            term=os.environ.get("TERM", ""),
        )


def scene_of(context: typer.Context) -> Scene:
    """Give the scene of the command that is being run."""
    scene: object = context.obj
    if not isinstance(scene, Scene):
        raise TypeError(context.command_path)  # its class is none of `common`'s
    return scene
