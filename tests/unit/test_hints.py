"""The commands that waheal tells: they can be typed as they stand."""

import ast
import re
import shlex
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console
from rich.text import Text

from tests.kit.commands import what_it_lacks
from waheal.cli.app import build
from waheal.cli.typed import typed
from waheal.views.screen import Screen
from waheal.views.talk import Talk

pytestmark = pytest.mark.once

PACKAGE = Path(__file__).parents[2] / "waheal"
BEGUN = re.compile(r"`(?:waheal [a-z]|(?:chmod|chown|fuser|ls|rm) )")
COMMAND = re.compile(r"`(waheal [a-z][^`]*|(?:chmod|chown|fuser|ls|rm) [^`]*)`")
HOLE = "\N{REPLACEMENT CHARACTER}"
SAFE = {"holder.pid", "phone", "pid", "verb"}
"""What is put into a command as it is: numbers, and words of our own."""


def strings() -> Iterator[tuple[str, str, list[str]]]:
    """Give where each text stands that is told, with holes, and what is filled into them."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if path.is_relative_to(PACKAGE / "sandbox") or BEGUN.search(source) is None:
            continue  # parsed are few: each worker of a run reads this when it begins
        tree = ast.parse(source)
        inner = {
            id(part)
            for each in ast.walk(tree)
            if isinstance(each, ast.JoinedStr)
            for part in each.values
        }
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        module = path.relative_to(PACKAGE.parent)
        for node in ast.walk(tree):
            where = f"{module}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.JoinedStr):
                filled = [
                    ast.unparse(each.value)
                    for each in node.values
                    if isinstance(each, ast.FormattedValue)
                ]
                text = "".join(
                    str(each.value) if isinstance(each, ast.Constant) else HOLE
                    for each in node.values
                )
                yield where, text, filled
            elif isinstance(node, ast.Constant) and id(node) not in inner | docs:
                yield where, str(node.value), []


def commands() -> Iterator[tuple[str, str, list[str]]]:
    for where, text, filled in strings():
        rest = list(filled)
        end = 0
        for found in COMMAND.finditer(text):
            del rest[: text[end : found.start()].count(HOLE)]
            holes = found[1].count(HOLE)
            yield where, found[1], rest[:holes]
            del rest[:holes]
            end = found.end()


TOLD = list(commands())


def test_there_are_some() -> None:
    assert len(TOLD) > 60


@pytest.mark.parametrize(("where", "command", "filled"), TOLD, ids=[each[0] for each in TOLD])
def test_each_name_in_a_command_is_quoted_for_a_shell(
    where: str, command: str, filled: list[str]
) -> None:
    """A campaign may be called anything, and so may a folder."""
    module = (PACKAGE.parent / where.partition(":")[0]).read_text(encoding="utf-8")
    for name in filled:
        quoted = "quote" in name or re.search(rf"\b{re.escape(name)} = .*quote", module)
        assert quoted or name in SAFE, (command, name)


@pytest.mark.parametrize(
    ("where", "command"), [each[:2] for each in TOLD if each[1].startswith("waheal")]
)
def test_each_command_is_whole(where: str, command: str) -> None:
    words = shlex.split(command.replace(HOLE, "X").replace("{}", "X"))[1:]
    assert what_it_lacks(words) == [], where
    found, rest = typer.main.get_command(build(words)), list(words)
    while rest and (members := getattr(found, "commands", None)):
        found = members[rest.pop(0)]
    named = [each for each in rest if not each.startswith("-")]
    wanted = [each for each in found.params if each.param_type_name == "argument" and each.required]
    assert len(named) >= len(wanted), f"{where}: {command} takes {[each.name for each in wanted]}"


PLACE = ["--home", "/my home", "--sandbox"]


@pytest.mark.parametrize(
    ("told", "words", "reads"),
    [
        ("`waheal status`", ["send", "x.csv"], "`waheal status`"),
        ("see `waheal status`", PLACE, "see `waheal status --home '/my home' --sandbox`"),
        ("`waheal sync`, then `waheal export news`", ["--home=h"],
         "`waheal sync --home h`, then `waheal export news --home h`"),
        ("`waheal devices pair LABEL`", ["--trust", "t.json"],
         "`waheal devices pair LABEL --trust t.json`"),
        ("`waheal devices resume a`", ["--trust", "t.json", "--home", "h"],
         "`waheal devices resume a --home h`"),
        ("`waheal stop`", ["--sandbox", "--trust", "t.json"], "`waheal stop --sandbox`"),
        ("`waheal sandbox serve`", ["--sandbox"], "`waheal sandbox serve`"),
        ("`waheal help cron`", PLACE, "`waheal help cron`"),
        ("`waheal status`", ["--ledger", "postgresql://u:s@h/d", "--ledger-plain"],
         "`waheal status --ledger postgresql://u@h/d --ledger-plain`"),
        ("`waheal cluster init`", ["--sandbox", "--ledger=postgresql://u@h/d"],
         "`waheal cluster init --ledger postgresql://u@h/d`"),
        ("`pip install --upgrade waheal`", PLACE, "`pip install --upgrade waheal`"),
    ],
)  # fmt: skip
def test_a_command_is_told_with_what_says_where_it_works(
    told: str, words: list[str], reads: str
) -> None:
    assert typed(told, words) == reads
    assert typed(reads, words) == reads


def test_a_block_on_a_terminal_is_left_as_it_was_fitted() -> None:
    """A line that grew would take two rows, and leave one behind at each drawing."""
    stream = StringIO()
    console = Console(file=stream, force_terminal=True, width=40, height=9, legacy_windows=False)
    screen = Screen(console, Talk(stream, lambda text: text.replace("`", "`more ")))
    screen.draw([Text("paused: `waheal devices list`")])
    assert "more" not in stream.getvalue()
    screen.finish(Text("see `waheal status`"))
    assert "see `more waheal status" in stream.getvalue()
