"""What a shell's completion offers where the home knows it: campaigns, labels, states.

Nothing is made for it, and whatever is wrong with the home only means that nothing is offered.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import typer

from waheal.acts.offers import campaign_names, device_labels
from waheal.acts.workspace import Workspace, open_home
from waheal.errors import WahealError


def campaigns(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the names of the home's campaigns."""
    return _offered(context, incomplete, campaign_names)


def labels(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the labels of the home's devices."""
    return _offered(context, incomplete, device_labels)


def _offered(
    context: typer.Context, incomplete: str, known: Callable[[Workspace], list[str]]
) -> list[str]:
    home, sandbox = context.params.get("home"), bool(context.params.get("sandbox"))
    with suppress(WahealError, OSError):
        found = known(open_home(Path(home) if home else None, sandbox=sandbox))
        return [each for each in found if each.startswith(incomplete)]
    return []
