"""The options that every command has, said once: a command's class brings them along.

A command takes the context, and `scene_of` gives what its common options say.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import typer

from waheal.acts.workspace import open_home
from waheal.cli import options as o
from waheal.cli.help_words import PlainCommand, in_plain_words
from waheal.cli.scene import Scene
from waheal.errors import UsageError

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter  # typer says them nowhere else


def _with_home(
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> Scene:
    return Scene(open_home(home), as_json, quiet, verbose)


def _with_ledger(
    home: o.Home = None,
    ledger: o.LedgerAt = None,
    ledger_plain: o.LedgerPlain = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> Scene:
    workspace = open_home(home, ledger=ledger, ledger_plain=ledger_plain)
    return Scene(workspace, as_json, quiet, verbose)


def _with_sandbox(
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    ledger: o.LedgerAt = None,
    ledger_plain: o.LedgerPlain = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> Scene:
    workspace = open_home(home, sandbox=sandbox, ledger=ledger, ledger_plain=ledger_plain)
    return Scene(workspace, as_json, quiet, verbose)


def _with_target(
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    client_version: o.ClientVersion = None,
    home: o.Home = None,
    ledger: o.LedgerAt = None,
    ledger_plain: o.LedgerPlain = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> Scene:
    workspace = open_home(
        home, sandbox=sandbox, trust=trust, client_version=client_version,
        ledger=ledger, ledger_plain=ledger_plain,
    )  # fmt: skip
    return Scene(workspace, as_json, quiet, verbose)


def _with_campaign(
    sandbox: o.Sandbox = False,
    sandbox_devices: o.SandboxDevices = 5,
    trust: o.Trust = None,
    client_version: o.ClientVersion = None,
    home: o.Home = None,
    ledger: o.LedgerAt = None,
    ledger_plain: o.LedgerPlain = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> Scene:
    workspace = open_home(
        home, sandbox=sandbox, trust=trust, client_version=client_version,
        ledger=ledger, ledger_plain=ledger_plain,
    )  # fmt: skip
    return Scene(workspace, as_json, quiet, verbose, sandbox_devices)


def _with_any_home(
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    client_version: o.ClientVersion = None,
    home: o.HomeAsItIs = None,
    ledger: o.LedgerAt = None,
    ledger_plain: o.LedgerPlain = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> Scene:
    return _with_target(
        sandbox, trust, client_version, home, ledger, ledger_plain, as_json, quiet, verbose
    )


def _see_to_the_ledger(ctx: "Context") -> None:
    """See whether a ledger that was typed will be used."""
    source = ctx.get_parameter_source("ledger")
    if source is None or source.name != "COMMANDLINE":
        return
    if ctx.params.get("sandbox"):
        raise UsageError(
            "--sandbox keeps its ledger in a file of its own, and not in the one of --ledger",
            hint="leave one out; `waheal sandbox serve` runs a sandbox that --trust attaches to",
        )


@cache
def _parameters(common: Callable[..., Scene]) -> "tuple[Parameter, ...]":
    app = typer.Typer(add_completion=False)
    app.command()(common)
    return tuple(typer.main.get_command(app).params)


class HomeCommand(PlainCommand):
    """Takes `--home`, and how to speak."""

    common: ClassVar[Callable[..., Scene]] = staticmethod(_with_home)

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """Give its own options, and then the common ones."""
        *own, help_option = super().get_params(ctx)
        return in_plain_words([*own, *_parameters(self.common), help_option])

    def invoke(self, ctx: "Context") -> object:
        """Make the scene of the common options, and call the command with its own."""
        names = [str(each.name) for each in _parameters(self.common)]
        _see_to_the_ledger(ctx)
        ctx.obj = self.common(**{name: ctx.params.pop(name) for name in names})
        return super().invoke(ctx)


class ClusterCommand(HomeCommand):
    """Takes `--ledger`, too: it is about the machines that share one."""

    common = staticmethod(_with_ledger)


class SandboxCommand(HomeCommand):
    """Takes `--sandbox`, too: it works on a home, and attaches to nothing."""

    common = staticmethod(_with_sandbox)


class TargetCommand(HomeCommand):
    """Takes `--sandbox` and `--trust`, too: it attaches, or minds whose home it is."""

    common = staticmethod(_with_target)


class CampaignCommand(HomeCommand):
    """Takes `--sandbox-devices`, too: it sends a campaign, or judges one that will be sent."""

    common = staticmethod(_with_campaign)


class AnyHomeCommand(HomeCommand):
    """Takes what `TargetCommand` takes, whatever is wrong with the home's settings."""

    common = staticmethod(_with_any_home)


COMMON = (
    _with_home, _with_ledger, _with_sandbox, _with_target, _with_campaign, _with_any_home,
)  # fmt: skip
"""Functions whose signatures are the common options, for whoever lists them all."""
