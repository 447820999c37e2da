"""`waheal replies`: who replied, and what they wrote."""

import contextlib
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from waheal.acts import replies as acts
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.console import say, show, write_json, write_json_line, write_lines
from waheal.cli.scene import Scene, scene_of
from waheal.correspondents import Reply
from waheal.documents import REPLY_FIELDS, reply_fields
from waheal.errors import UsageError
from waheal.model import ExitCode, ReplyKind
from waheal.spreadsheet import harmless
from waheal.views.reply_pages import Pages, spoken
from waheal.views.words import count


def replies(
    context: typer.Context,
    campaign: Annotated[
        str | None,
        typer.Argument(help="Its name or its file; all without.", autocompletion=campaigns),
    ] = None,
    new: o.New = False,
    follow: o.Follow = False,
    forget: o.Forget = False,
) -> int:
    """Who replied: when, to which device, to which campaign, and what. Works beside a run.

    `send` and `sync` collect them. What they say is kept with --keep-replies only.
    """
    here = scene_of(context)
    if forget:
        if new or follow:
            raise UsageError("--forget shows nothing", hint="leave --new and --follow out")
        return _forget(here, campaign)
    pages = acts.replies(here.workspace, campaign, new=new, follow=follow)
    if follow:
        with contextlib.suppress(KeyboardInterrupt):  # its usual end
            _show(here, pages, named=campaign is not None, one_by_one=True)
    elif here.json:
        _write_document(pages, acts.waiting(here.workspace))
    else:
        _show(here, pages, named=campaign is not None)
    return ExitCode.OK


def _show(
    here: Scene, pages: Iterable[Sequence[Reply]], *, named: bool, one_by_one: bool = False
) -> None:
    total = unkept = 0
    table = Pages(named=named)
    plain = not sys.stdout.isatty()
    if plain and not here.json:
        write_lines(["\t".join(REPLY_FIELDS)])
    for page in pages:
        if here.json:
            for each in page:
                write_json_line({"event": "reply", **reply_fields(each)})
        elif plain:
            write_lines(map(_plain, page))
        elif page:
            show(table.page(page))
        total += len(page)
        unkept += sum(each.text is None and each.kind is ReplyKind.TEXT for each in page)
    if here.talks and not one_by_one:
        _sum_up(here, total, unkept)


def _sum_up(here: Scene, total: int, unkept: int) -> None:
    say(count(total, "reply", "replies") if total else "no reply")
    if unkept:
        say("what they say is kept from now on with --keep-replies, or keep-replies in waheal.toml")
    if waiting := acts.waiting(here.workspace):
        many = count(waiting, "more message")
        say(f"{many} without a number: to count once their writers are written to")


def _plain(reply: Reply) -> str:
    """Give a line for other programs, a spreadsheet among them; a text is in one line there."""
    values = reply_fields(reply).values()
    return "\t".join("" if value is None else harmless(spoken(str(value))) for value in values)


def _write_document(pages: Iterable[Sequence[Reply]], waiting: int) -> None:
    """Write a document as it is read: a million replies fit in any memory."""
    out = sys.stdout
    out.write('{"replies": [')
    separator = "\n"
    for page in pages:
        for each in page:
            out.write(separator + json.dumps(reply_fields(each)))
            separator = ",\n"
        out.flush()  # before it counts as looked at
    out.write(f'\n], "waiting": {waiting}}}\n')


def _forget(here: Scene, campaign: str | None) -> int:
    erased = acts.forget_texts(here.workspace, campaign)
    if here.json:
        write_json({"erased": erased})
    elif not here.quiet:
        say(f"{count(erased, 'text')} erased; that they replied is kept, and so are backups")
    return ExitCode.OK
