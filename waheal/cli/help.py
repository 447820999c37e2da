"""`waheal help`: the pages in the terminal, as one HTML page, and as the manual page."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer._click import Context  # typer says it nowhere else
from typer.core import TyperGroup

from waheal.acts.pages import TOPICS, page, pages
from waheal.cli import options as o
from waheal.cli.app import ENTRIES, SUMMARY, build
from waheal.cli.console import say, show, whole_file, write_lines
from waheal.cli.examples import EXAMPLES, without_examples
from waheal.model import ExitCode
from waheal.views.booklet import Command, Described, as_html, as_manual, in_terminal
from waheal.views.tables import topics_table

_EVERYWHERE = frozenset({o.COMMON, o.TARGET})

Topic = Annotated[
    list[str] | None,
    typer.Argument(
        help="A page, or a command such as: devices pair.",
        autocompletion=lambda: [*TOPICS, *(entry.name for entry in ENTRIES)],
        show_default=False,
    ),
]
Man = Annotated[Path | None, typer.Option("--man", help="Write the manual page to this file.")]


def help(topic: Topic = None, html: o.Html = None, man: Man = None) -> int:  # noqa: A001 - the command's name
    """Show a page about exit codes, states, faults, pace, backups, cron and more.

    Without a topic, which pages there are. A command's name shows its --help.
    """
    if html is not None:
        _write(html, as_html({each.topic: each.text for each in pages()}))
    if man is not None:
        _write(man, manual())
    if not topic:
        if html is None and man is None:
            _list()
    elif len(topic) == 1 and topic[0] in TOPICS:
        _show(topic[0])
    elif any(entry.name == topic[0] for entry in ENTRIES):
        _help_of(topic)
    else:
        _show(" ".join(topic))
    return ExitCode.OK


def manual() -> str:
    """Write the manual page of this release: every command, and every page."""
    told = {each.topic: each.text for each in pages()}
    return as_manual(told, SUMMARY, _commands())


def _write(path: Path, text: str) -> None:
    with whole_file(path) as file:
        file.write(text)
    say(f"{path} is written")


def _list() -> None:
    titles = [(each.topic, each.title) for each in pages()]
    if sys.stdout.isatty():
        show(topics_table(titles))
    else:
        write_lines(f"{topic}\t{title}" for topic, title in titles)


def _show(topic: str) -> None:
    text = page(topic).text
    if sys.stdout.isatty():
        show(in_terminal(text))
    else:
        write_lines(text.splitlines())


def _help_of(words: Sequence[str]) -> None:
    command = typer.main.get_command(build(words))
    command.main(args=[*words, "--help"], prog_name="waheal", standalone_mode=False)


def _commands() -> Iterator[Command]:
    """Give each command with its own options, and at last what all of them take."""
    everywhere = dict[str, str]()
    for entry in ENTRIES:
        for words in [[entry.name, member.name] for member in entry.members] or [[entry.name]]:
            context = _context(words)
            own = list[Described]()
            for each in context.command.get_params(context):
                if record := each.get_help_record(context):
                    shared = getattr(each, "rich_help_panel", None) in _EVERYWHERE
                    everywhere.update([record] if shared else [])
                    own.extend([] if shared else [record])
            usage = context.command.get_usage(context).removeprefix("Usage: ")
            does = without_examples(context.command.help or "")
            yield Command(usage, does, EXAMPLES[" ".join(words)], own)
    yield Command(
        "every command", "What all take that have to do with it.", (), [*everywhere.items()]
    )


def _context(words: Sequence[str]) -> Context:
    context = Context(typer.main.get_command(build(words)), info_name="waheal")
    for word in words:
        if isinstance(context.command, TyperGroup):
            context = Context(context.command.commands[word], parent=context, info_name=word)
    return context
