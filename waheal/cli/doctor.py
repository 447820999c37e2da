"""`waheal doctor`: shows what the checks find, what was mended, and who answers."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path

import typer

from waheal.acts import doctor as acts
from waheal.acts.doctor import Mended, RecordedStanza, Trying
from waheal.acts.parsing import AUTO
from waheal.acts.wishes import Pacing, ReplyWords
from waheal.cli import options as o
from waheal.cli.console import say, show, talk_on, whole_file, write_json, write_lines
from waheal.cli.scene import Scene, scene_of
from waheal.cli.sources import read_file
from waheal.cli.typed import typed
from waheal.documents import finding_fields
from waheal.findings import Finding, Status
from waheal.model import ExitCode
from waheal.views.opening import pad_for
from waheal.views.progress import Progress
from waheal.views.tables import doctor_table

_CODES = {Status.OK: 0, Status.WARN: 1, Status.FAIL: 2}


def doctor(
    context: typer.Context,
    list_checks: o.ListChecks = False,
    fix: o.Fix = False,
    connect_all: o.ConnectAll = False,
    record: o.Record = None,
    devices: o.Devices = None,
    daily: o.Daily = None,
    new_chats: o.NewChats = None,
    ramp: o.Ramp = None,
    max_open: o.MaxOpen = AUTO,
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    keep_replies: o.KeepReplies = False,
) -> int:
    """Find what is wrong with this machine and the home, each with a hint that can be followed.

    Works offline and beside a run. --connect logs every device in; --fix mends modes, journal
    modes and left-over rows. --record writes how a device (the first, or one of --devices) logs in
    and sends a note to its own account, without numbers, texts, keys or ids, to be sent with a
    report. All three wait for no run: they need the home for themselves.

    Replies that come meanwhile are taken as waheal sync takes them.
    """
    here = scene_of(context)
    if list_checks:
        return _list(here)
    findings, mended = list[Finding](), None
    replies = ReplyWords(stop_words, start_words)
    pace = Pacing(daily=daily, new_chats=new_chats, ramp=ramp)
    for each in acts.examine(here.workspace, lambda: _check_config(here), fix=fix, pace=pace):
        if isinstance(each, Mended):
            mended = each
        else:
            findings.append(each)
    if connect_all:
        tried = acts.try_devices(here.workspace, max_open, replies, keep_replies=keep_replies)
        findings += _shown(tried)
    if record is not None:
        told = acts.record(here.workspace, devices, replies, keep_replies=keep_replies)
        findings += _recorded(here, record, told)
    _tell(here, findings, mended)
    return _CODES[acts.worst(finding.result for finding in findings)]


def _list(here: Scene) -> ExitCode:
    known = acts.checks()
    if here.json:
        write_json(
            {
                "checks": [
                    {
                        "id": check.id,
                        "name": check.name,
                        "explanation": check.explanation,
                        "mends": check.mends,
                    }
                    for check in known
                ]
            }
        )
    else:
        mends = {check.id: " (--fix mends it)" if check.mends else "" for check in known}
        write_lines(f"{each.id:<20} {each.explanation}{mends[each.id]}" for each in known)
    return ExitCode.OK


def _check_config(here: Scene) -> None:
    workspace = here.workspace
    root = workspace.root.parent if workspace.sandbox else workspace.root
    read_file(root, o.known() - {"home"})


def _shown(tried: Iterator[Trying | Finding]) -> Iterator[Finding]:
    """Let every device be logged in, and show how far that is."""
    with ExitStack() as stack:
        talk = stack.enter_context(closing(talk_on(sys.stderr)))
        bar: Progress | None = None
        for each in tried:
            if isinstance(each, Trying):
                console = pad_for(talk.stream)
                bar = stack.enter_context(
                    Progress(
                        "connecting", each.devices, console=console, talk=talk, clock=time.time
                    )
                )
                continue
            if bar is not None:
                bar.advance()
            yield each


def _recorded(
    here: Scene, path: Path, told: Iterator[RecordedStanza | Finding]
) -> Iterator[Finding]:
    """Write a recording, a stanza a line, and tell how it went."""
    with whole_file(path) as file:
        file.write(f"# waheal {version('waheal')}, neonize {version('neonize')}\n")
        for each in told:
            if isinstance(each, Finding):
                yield each
                continue
            way = "in" if each.received else "out"
            file.write(f"{each.seconds:.3f} {way} {each.skeleton}\n")
    if not here.quiet:
        say(f"{path} is written; look it through before you send it on")


def _tell(here: Scene, findings: list[Finding], mended: Mended | None) -> None:
    if here.json:
        document: dict[str, object] = {"checks": [finding_fields(each) for each in findings]}
        if mended is not None:
            document["mended"] = list(mended.done)
        write_json(document)
        return
    if mended is not None:
        for each in mended.done:
            say(f"mended: {each}")
        if not mended.done:
            say("nothing to mend")
    show(doctor_table((each for each in findings if _worth_telling(here, each)), typed))


def _worth_telling(here: Scene, finding: Finding) -> bool:
    if finding.result.status is not Status.OK:
        return True
    # Of thousands of devices, those that do not answer.
    return not here.quiet and (here.verbose or not finding.check.startswith("connect."))
