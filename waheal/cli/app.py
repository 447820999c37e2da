"""Which commands there are, and the application that knows the ones being called.

A command's module is imported only when its name is among the words, so that `waheal --help`
costs no more than typer itself.
"""

import importlib
import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from typer.core import TyperCommand

from waheal.cli.examples import with_examples
from waheal.cli.help_words import HELP_FLAGS, PlainGroup

SUMMARY = "Send WhatsApp campaigns; each message heals its device on the way."
EXIT_CODES = """\
Exit codes:
0  everything settled, nothing failed
1  finished, some recipients failed; pair: refused or timed out
2  wrong usage, or a campaign that does not check
3  stopped with something left: uncertain, paused, out of window, over a limit
10  no device can send
11  another run holds the home
12  the home or the machine can't be used: full, read-only, corrupt, newer
70  a fault of waheal's own, with where its report is
130  interrupted; run it again to go on"""
DOCTOR_EXIT_CODES = """\
Exit codes:
0  all ok
1  a warning
2  a failure, or wrong usage
11  another run holds the home
12  the home can't be used
70  a fault of waheal's own, with where its report is
130  interrupted"""
SETTINGS = "Options can also be set in the environment or in waheal.toml: see waheal help settings."

_ORDER, _SWAPPABLE = "OrderCommand", "Swappable"
_SANDBOX, _HOME, _ANY_HOME = "SandboxCommand", "HomeCommand", "AnyHomeCommand"
_PLAIN, _CLUSTER = "PlainCommand", "ClusterCommand"
_ORDERING = "waheal.cli.ordering"
_ELSEWHERE = {_ORDER: _ORDERING, _SWAPPABLE: _ORDERING, _PLAIN: "waheal.cli.help_words"}

SENDING = "Sending"
KEEPING = "Looking after it"


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A command of a group: its name, its function in the group's module, its common options."""

    name: str
    function: str
    common: str = "TargetCommand"


@dataclass(frozen=True, slots=True)
class Entry:
    """One command, as `waheal --help` shows it; `members` makes it a group of commands.

    `by_itself`: the member that is meant where none is named.

    `common` names the class in `cli.common` (`_ELSEWHERE` says which are not there) that brings
    its common options.
    """

    name: str
    help: str
    panel: str
    common: str = "TargetCommand"
    members: tuple[GroupMember, ...] = ()
    by_itself: str | None = None

    @property
    def module(self) -> str:
        """The module that has the command, as a function of its name."""
        return f"waheal.cli.{'report' if self.name == 'export' else self.name}"


ENTRIES = (
    Entry("send", "Send a campaign, or go on where the last run stopped.", SENDING, _ORDER),
    Entry("check", "Every row's problems, a preview, the time it will take.", SENDING, _SWAPPABLE),
    Entry("status", "Where campaigns stand.", SENDING),
    Entry("stop", "Ask the run that holds the home to drain and end.", SENDING, _SANDBOX),
    Entry("resolve", "Settle what is left over: --resend or --accept.", SENDING),
    Entry("recall", "Take back for everyone what a campaign sent.", SENDING),
    Entry("amend", "Give texts that a campaign sent another wording.", SENDING),
    Entry("sync", "Collect receipts and replies.", SENDING),
    Entry("replies", "Who replied, and what they wrote.", SENDING),
    Entry("report", "Summary of a campaign, or a page of its own.", SENDING),
    Entry("export", "One row a recipient, as CSV or JSON.", SENDING),
    Entry(
        "devices",
        "Pair, list, import, rename, move, pause and remove devices.",
        KEEPING,
        members=(
            GroupMember("list", "list_devices"),
            GroupMember("pair", "pair"),
            GroupMember("import", "import_devices"),
            GroupMember("rename", "rename", _SANDBOX),
            GroupMember("move", "move", _CLUSTER),
            GroupMember("remove", "remove"),
            GroupMember("pause", "pause", _SANDBOX),
            GroupMember("resume", "resume", _SANDBOX),
        ),
    ),
    Entry(
        "suppress",
        "Who must not be written to.",
        KEEPING,
        members=(
            GroupMember("add", "add", _SANDBOX),
            GroupMember("remove", "remove", _SANDBOX),
            GroupMember("list", "list_suppressed", _SANDBOX),
            GroupMember("import", "import_suppressed", _SANDBOX),
            GroupMember("export", "export_suppressed", _SANDBOX),
            GroupMember("forget", "forget", _SANDBOX),
        ),
    ),
    Entry("doctor", "Find what is wrong, and mend what can be mended.", KEEPING, _ANY_HOME),
    Entry(
        "cluster",
        "Several machines with one ledger, in PostgreSQL.",
        KEEPING,
        members=(
            GroupMember("status", "cluster_status", _CLUSTER),
            GroupMember("init", "init", _CLUSTER),
            GroupMember("join", "join", _CLUSTER),
            GroupMember("retire", "retire", _CLUSTER),
            GroupMember("schedule", "schedule", _ORDER),
            GroupMember("unschedule", "unschedule", _CLUSTER),
            GroupMember("try", "try_out", _HOME),
        ),
        by_itself="status",
    ),
    Entry("worker", "Do this machine's part of what is ordered, until it is stopped.", KEEPING),
    Entry("bench", "What this machine will do, by runs in a sandbox.", KEEPING, _HOME),
    Entry("config", "Each option's value and where it comes from.", KEEPING, _HOME),
    Entry(
        "sandbox",
        "A local WhatsApp to rehearse against.",
        KEEPING,
        members=(
            GroupMember("serve", "serve", _HOME),
            GroupMember("scan", "scan"),
            GroupMember("phones", "phones"),
            GroupMember("reply", "reply"),
            GroupMember("vote", "vote"),
        ),
    ),
    Entry("help", "Pages about exit codes, states, pace, backups and more.", KEEPING, _PLAIN),
)
GROUPS = [[entry.name] for entry in ENTRIES if entry.members and not entry.by_itself]
"""The words that name a group of commands, and none of them."""


def completed(words: Sequence[str]) -> list[str]:
    """Name the member of a group that is meant by itself, where none is named."""
    for entry in ENTRIES:
        bare = words[1:2] == [] or (words[1].startswith("-") and words[1] not in {"--help", "-h"})
        if entry.by_itself is not None and words[:1] == [entry.name] and bare:
            return [entry.name, entry.by_itself, *words[1:]]
    return [*words]


def called(words: Sequence[str]) -> str:
    """Give the command that these words call, such as `waheal devices pair`."""
    for entry in ENTRIES:
        if words[:1] == [entry.name]:
            members = [each.name for each in entry.members if words[1:2] == [each.name]]
            return " ".join(["waheal", entry.name, *members])
    return "waheal"


def build(words: Collection[str]) -> typer.Typer:
    """Give the application for these words of the command line."""
    app = typer.Typer(
        help=with_examples([], f"{SUMMARY}\n\n{SETTINGS}"),
        epilog=EXIT_CODES,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings=HELP_FLAGS,
        cls=PlainGroup,
    )
    app.callback(epilog=EXIT_CODES)(_versioned)
    for entry in ENTRIES:
        if entry.name not in words:
            app.command(entry.name, help=entry.help, rich_help_panel=entry.panel)(_describe)
        elif entry.members:
            app.add_typer(_group(entry), name=entry.name, rich_help_panel=entry.panel)
        else:
            epilog = DOCTOR_EXIT_CODES if entry.name == "doctor" else EXIT_CODES
            function = _function(entry.module, entry.name)
            app.command(
                entry.name,
                help=with_examples([entry.name], inspect.getdoc(function) or ""),
                epilog=epilog,
                rich_help_panel=entry.panel,
                cls=_class(entry.common),
            )(function)
    return app


def _class(name: str) -> type[TyperCommand]:
    module = importlib.import_module(_ELSEWHERE.get(name, "waheal.cli.common"))
    found: type[TyperCommand] = getattr(module, name)
    return found


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"waheal {version_of_waheal()}")
        raise typer.Exit


def version_of_waheal() -> str:
    """Give the version that is installed."""
    # Only here: it reads what is installed.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("waheal")
    except PackageNotFoundError:
        return "that is not installed"


def _versioned(
    version: Annotated[
        bool,
        typer.Option("--version", help="Say the version.", is_eager=True, callback=_tell_version),
    ] = False,
) -> None:
    """Take the options of waheal itself."""


def _describe() -> None:
    """Stand for a command that is only named, in a list or in a completion."""


def _group(entry: Entry) -> typer.Typer:
    group = typer.Typer(
        help=with_examples([entry.name], entry.help),
        epilog=EXIT_CODES,
        rich_markup_mode="rich",
        cls=PlainGroup,
    )
    for member in entry.members:
        function = _function(entry.module, member.function)
        group.command(
            member.name,
            help=with_examples([entry.name, member.name], inspect.getdoc(function) or ""),
            epilog=EXIT_CODES,
            cls=_class(member.common),
        )(function)
    return group


def _function(module: str, name: str) -> Callable[..., int]:
    function: Callable[..., int] = getattr(importlib.import_module(module), name)
    return function
