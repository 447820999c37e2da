"""What `waheal/cli/README.md` promises operators is what the commands do, table by table."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import typer

from tests.cli.support import ROOT, Waheal
from tests.kit.readme import code_words, section, table
from waheal import documents, events
from waheal.acts import parsing
from waheal.acts.workspace import open_home
from waheal.cli import common, options
from waheal.cli.app import ENTRIES, build
from waheal.cli.codes import open_shown
from waheal.cli.scene import Scene
from waheal.cli.sources import key_of
from waheal.findings import Finding, Preview, Problem, ok
from waheal.model import (
    EXIT_PRECEDENCE,
    ChatHold,
    Content,
    DeviceId,
    ExitCode,
    Phone,
    Quarantine,
    ReplyKind,
    State,
)
from waheal.policy.pacing import parse_frequency, parse_rate
from waheal.policy.windows import parse_days, parse_window
from waheal.reckoning.summing import sum_up
from waheal.records import Recipient, Suppression, Tally
from waheal.sandbox.inbox import InboxEntry
from waheal.store.home import Home
from waheal.store.lock import HomeLock

ROOM = ROOT / "waheal" / "cli"
README = ROOM / "README.md"
ANN, DEVICE = Phone("+12025550100"), DeviceId("shop")
CLASSES = {
    f"{entry.name} {member}".strip(): common_options
    for entry in ENTRIES
    for member, common_options in (
        [(each.name, each.common) for each in entry.members] or [("", entry.common)]
    )
}
"""The class of each command, by its words."""
ORDERING = {"send", "check", "cluster schedule"}
"""Those that take the options of `send`."""

EVENTS: tuple[events.Event, ...] = (
    events.RunStarted("c", 1, 1, 1),
    events.Settled(ANN, DEVICE, State.SENT, 1, "M", None),
    events.Receipt(ANN, "M", State.READ),
    events.Replied(ANN, DEVICE, ReplyKind.TEXT),
    events.DeviceHealed(DEVICE, 1.0, "connection lost"),
    events.DeviceQuarantined(DEVICE, Quarantine.BANNED, None),
    events.NewChatsHeld(DEVICE, ChatHold.REFUSED, 1_800_000_000.0),
    events.HostRestarted(0, "recycled", 0),
    events.Paused("its limit is reached", 1.0, "run it again"),
    events.Resumed("sending goes on"),
    events.RunFinished(Tally(), 1.0, ExitCode.OK),
    events.Claimed(ANN, DEVICE),
    events.NextAt(1_800_000_000.0),
    events.DeviceHealing(DEVICE, "first message"),
    events.OptedOut(ANN, "stop"),
    events.Draining(1, "Ctrl-C"),
    events.Note("a note"),
)
RECIPIENT = Recipient(
    2, ANN, State.FAILED, 1, DEVICE, None, "why", False, 1.0, 1.0, 1.0, None, None, "Hi"
)


def _objects() -> Iterator[tuple[str, tuple[str, ...]]]:
    states = ", ".join(f"`{state}`" for state in State)
    yield "states", tuple(State)
    for row in table(README, "What is in them"):
        fields = row["fields"].replace("*states*", states)
        yield row["object"].strip("*"), tuple(code_words(fields))


OBJECTS = dict(_objects())
"""The fields of each object that a document holds."""


def keys(cell: str) -> tuple[str, ...]:
    """Give the names in a cell: each in backticks, and those of each object in italics."""
    found = re.findall(r"`(\w+)`|\*(\w+)\*", cell)
    return tuple(name for plain, of in found for name in ([plain] if plain else OBJECTS[of]))


def first_of(listed: object) -> tuple[str, ...]:
    """Give the names in the first of a list of objects."""
    assert isinstance(listed, list)
    return tuple(listed[0])


def keys_of(document: object) -> tuple[str, ...]:
    """Give the names in an object."""
    assert isinstance(document, dict)
    return tuple(document)


def inside(document: object, *names: str) -> object:
    """Give what stands in an object under these names, one within the other."""
    for name in names:
        assert isinstance(document, dict)
        document = document[name]
    return document


def summed_up() -> dict[str, object]:
    """Sum a campaign up that has something of everything."""
    told = [replace(RECIPIENT, row=row) for row in range(2, 44)]
    told += [replace(each, state=State.READ, delivered=2.0, read=3.0) for each in told]
    results = sum_up(
        "c", told, now=2.0, zone=UTC, column="half", value_of=lambda each: "AB"[each.row % 2]
    )
    return documents.results_fields(results)


def words_of(cell: str, *, with_options: bool = False) -> str:
    """Give a command out of its line in the table, without what stands for something else."""
    words = code_words(cell)[0].split()[1:]
    return " ".join(
        word for word in words if word.islower() and (with_options or not word.startswith("-"))
    )


def flags_of(name: str) -> set[str]:
    """Give every option of a command, the common ones too."""
    command = typer.main.get_command(build(name.split()))
    for word in name.split():
        members = getattr(command, "commands", {})
        command = members[word]
    return _flags(each.opts for each in command.get_params(typer.Context(command)))


def flags_of_class(name: str) -> set[str]:
    """Give the options that a class of `common.py` brings along."""
    app = typer.Typer(add_completion=False)
    app.command(cls=getattr(common, name))(lambda: None)
    command = typer.main.get_command(app)
    return _flags(each.opts for each in command.get_params(typer.Context(command)))


def _flags(names: Iterable[Iterable[str]]) -> set[str]:
    return {name for each in names for name in each if name.startswith("--")}


def test_every_command_is_listed() -> None:
    assert {words_of(row["command"]) for row in table(README, "Commands")} == set(CLASSES)


def test_each_row_names_the_options_that_are_its_commands_own() -> None:
    told = {name: set[str]() for name in CLASSES}
    for row in table(README, "Commands"):
        spans = " ".join(code_words(" ".join(row.values())))
        told[words_of(row["command"])] |= set(re.findall(r"--[\w-]+", spans))
    for name in set(CLASSES) - ORDERING:  # in their help, by groups
        assert told[name] == flags_of(name) - flags_of_class(CLASSES[name]), name


def test_the_common_options_are_those_of_the_commands_class() -> None:
    flags: set[str] = set()
    listed = dict[str, str]()
    for row in table(README, "The options of all of them"):
        (name,) = code_words(row["class in `common.py`"])
        flags |= set(code_words(row["options"]))  # each class has those of the one before
        assert flags_of_class(name) - {"--help"} == flags, name
        listed |= dict.fromkeys(code_words(row["commands"]), name)
    assert listed == CLASSES | dict.fromkeys(ORDERING, "CampaignCommand")  # by ordering.py


def test_a_variable_and_a_key_stand_beside_the_option_that_they_set() -> None:
    for row in table(README, "Where a value comes from"):
        key = key_of(code_words(row["in the environment"])[0].partition("=")[0])
        assert key in options.known()
        in_file = code_words(row["in `waheal.toml`"])
        assert [each.partition(" =")[0] for each in in_file] in ([key], [])


def test_values_are_written_as_it_says() -> None:
    read: dict[str, Callable[[str], object]] = {
        "a time": lambda text: parsing.duration(text, "--for"),
        "a moment": lambda text: parsing.moment(text, "--until", datetime.now(UTC)),
        "a share": lambda text: parsing.share(text, "--jitter"),
        "a rate": parse_rate,
        "how often": parse_frequency,
        "hours, days": lambda text: parse_window(text) if ":" in text else parse_days(text),
    }
    such = {row["what"]: code_words(row["such as"]) for row in table(README, "How it is written")}
    for what, reader in read.items():
        assert such[what]
        assert all(reader(text) for text in such[what])


def test_every_event_of_a_run_has_its_fields() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(events.Event))
    printed = [documents.event_fields(event) for event in EVENTS]
    assert {name: tuple(fields) for name, fields in filter(None, printed)} == {
        code_words(row["event"])[0]: tuple(code_words(row["more fields"]))
        for row in table(README, "A run")
    }


def test_every_line_of_a_pairing_has_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    with open_shown(Scene(open_home("home"), json=True)) as shown:
        for event in (
            events.QrShown(DEVICE, "code"),
            events.CodeShown(DEVICE, "code"),
            events.DevicePaired(DEVICE, "jid", salt=True),
            events.PairingFailed(DEVICE, "why", "what helps"),
            events.PairedAlready(DEVICE),
        ):
            shown.show(event)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["event"]: list(line) for line in lines} == {
        code_words(row["event"])[0]: ["event", *code_words(row["more fields"])]
        for row in table(README, "A pairing")
    }


def test_objects_have_the_fields_that_are_told() -> None:
    report = summed_up()
    comparison = inside(report, "comparison")
    objects = {
        "device": documents.DEVICE_FIELDS,
        "recipient": tuple(documents.recipient_fields(RECIPIENT)),
        "reply": documents.REPLY_FIELDS,
        "suppression": tuple(documents.suppression_fields(Suppression(ANN, None, 1.0, "reply"))),
        "problem": tuple(documents.problem_fields(Problem(1, None, "why"))),
        "preview": tuple(documents.preview_fields(Preview(2, ANN, Content("Hi")))),
        "check": tuple(documents.finding_fields(Finding("disk", "disk", ok("room")))),
        "failure": first_of(report["failures"]),
        "share": first_of(report["devices"]),
        "step": first_of(report["funnel"]),
        "course": keys_of(report["course"]),
        "point": first_of(inside(report, "course", "points")),
        "delay": keys_of(report["read_after"]),
        "comparison": keys_of(comparison),
        "variant": first_of(inside(comparison, "variants")),
        "judgement": first_of(inside(comparison, "judgements")),
        "message": tuple(InboxEntry(ANN, "jid", ANN, "M", 1.0).to_row()),
    }
    assert {name: OBJECTS[name] for name in objects} == objects


def documented() -> dict[str, tuple[str, ...]]:
    """Give the keys of each command's document."""
    return {
        command: keys(row["keys"])
        for row in table(README, "Documents")
        for command in code_words(row["command"])
    }


ASKED: dict[str, tuple[object, ...]] = {
    "status": ("status",),
    "status NAME": ("status", "news"),
    "stop": ("stop",),
    "resolve": ("resolve", "news", "--accept"),
    "check": ("check", "news.csv"),
    "report": ("report", "news"),
    "export": ("export", "news"),
    "sync": ("sync",),
    "replies": ("replies", "news"),
    "replies --forget": ("replies", "--forget"),
    "suppress add": ("suppress", "add", ANN),
    "suppress list": ("suppress", "list"),
    "suppress remove": ("suppress", "remove", ANN),
    "suppress import": ("suppress", "import", "list.txt"),
    "suppress forget": ("suppress", "forget", ANN),
    "doctor --list": ("doctor", "--list"),
    "config": ("config",),
}
"""Each command in an order in which all of them find what they ask for, without any WhatsApp."""

REHEARSED: dict[str, tuple[object, ...]] = {
    "devices list": ("devices", "list"),
    "devices pause": ("devices", "pause", "sandbox-1"),
    "devices resume": ("devices", "resume", "sandbox-1"),
    "doctor": ("doctor",),
    "doctor --connect": ("doctor", "--connect"),
    "doctor --record": ("doctor", "--record", "recording.txt"),
    "doctor --fix": ("doctor", "--fix"),
    "sandbox phones": ("sandbox", "phones"),
    "sandbox reply": ("sandbox", "reply", ANN, "sandbox-1", "Hi"),
    "devices import": ("devices", "import", "logins.db"),
    "devices rename": ("devices", "rename", "sandbox-1", "desk"),
    "devices remove": ("devices", "remove", "desk"),
}
ELSEWHERE = {"sandbox scan", "sandbox vote", "bench"}  # see test_rehearsal, test_kinds, test_bench


def test_documents_have_the_keys_that_are_told(waheal: Waheal, news: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(ANN)
    waheal("send", news)
    told = documented()
    assert set(told) == {*ASKED, *REHEARSED, *ELSEWHERE}
    for name, words in ASKED.items():
        document = json.loads(waheal(*words, "--json").out)
        assert first_of(document if isinstance(document, list) else [document]) == told[name], name


@pytest.mark.real
def test_documents_of_a_rehearsal_too(waheal: Waheal, home: Path, tmp_path: Path) -> None:
    sample = ROOT / "campaigns" / "template.csv"
    waheal("send", sample, "--message", "Hi", "--sandbox", "--sandbox-devices", 1)
    _copy(home / "sandbox" / "sessions.db", tmp_path / "logins.db")
    told = documented()
    for name, words in REHEARSED.items():
        assert tuple(waheal(*words, "--sandbox", "--json").document) == told[name], name


def _copy(database: Path, target: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def test_what_config_and_the_list_of_checks_hold_is_told(waheal: Waheal) -> None:
    assert first_of(waheal("config", "--json").document["options"]) == OBJECTS["option"]
    checks = waheal("doctor", "--list", "--json").document["checks"]
    assert first_of(checks) == OBJECTS["explanation"]


def test_every_exit_code_has_its_meaning_and_its_place() -> None:
    codes = {row["name in `waheal/model.py`"]: row["code"] for row in table(README, "Exit codes")}
    assert codes == {f"`{code.name}`": str(code.value) for code in ExitCode}
    order = re.search(r"the first of these is it: ([\d, ]+)\.", section(README, "Exit codes"))
    assert order is not None
    assert [int(code) for code in order[1].split(", ")] == list(EXIT_PRECEDENCE)


@pytest.mark.real
def test_what_needs_the_home_alone_ends_with_11_beside_a_run(
    waheal: Waheal, home: Path, news: Path
) -> None:
    waheal("send", news)
    more: dict[str, tuple[object, ...]] = {
        "send": (news,),
        "resolve": ("news", "--accept"),
        "recall": ("news",),
        "amend": ("news", "--message", "new"),
        "devices import": (news,),
        "devices remove": ("shop",),
        "devices rename": ("shop", "desk"),
        "doctor --record": (home / "recording.txt",),
    }
    listed = [row["command"] for row in table(README, "Commands") if row["alone"]]
    alone = {words_of(command, with_options=True) for command in listed}
    assert alone == {*more, "sync", "doctor --fix", "doctor --connect"}
    with HomeLock.acquire(Home.open(home, create=False), what="waheal send first"):
        for name in alone:
            assert waheal(*name.split(), *more.get(name, ())).code == ExitCode.HOME_BUSY, name


def test_the_map_of_the_room_has_every_module() -> None:
    rows = table(README, "How this room works")
    modules = {path.name for path in ROOM.glob("*.py")} - {"__init__.py"}
    assert sorted(word for row in rows for word in code_words(row["module"])) == sorted(modules)
