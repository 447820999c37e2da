"""Completes the commands that are told, so that they work as they stand; tells nothing itself.

Whoever named a home, a ledger, a sandbox or a trust file with their command has to name it with the
next one, too. What the environment says holds for that one anyway.
"""

import re
import shlex
import sys
from collections.abc import Iterator, Sequence

from waheal.cli.app import ENTRIES
from waheal.ledger_url import without_password

_COMMAND = re.compile(r"`waheal ([a-z][^`]*)`")
_TAKES = {
    "HomeCommand": {"--home"},
    "SandboxCommand": {"--home", "--sandbox", "--ledger", "--ledger-plain"},
    "ClusterCommand": {"--home", "--ledger", "--ledger-plain"},
    "PlainCommand": set[str](),
}
_ALL = {"--home", "--sandbox", "--trust", "--ledger", "--ledger-plain"}
_ALONE = {"--sandbox", "--ledger-plain"}


def typed(text: str, words: Sequence[str] | None = None) -> str:
    """Let each `waheal …` in a text say where it works, as the operator's own `words` did."""
    if "`waheal " not in text:
        return text
    said = dict(_places(sys.argv[1:] if words is None else words))

    def whole(found: re.Match[str]) -> str:
        takes = _taken(found[1].split())
        missing = (each for option, each in said.items() if option in takes - {*found[1].split()})
        return f"`waheal {' '.join([found[1], *missing])}`"

    return _COMMAND.sub(whole, text)


def _places(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give the options that say where a command works, as they are to be typed."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        if option in _ALONE:
            yield option, option
        elif option in _ALL:
            named = value if equals else following
            told = without_password(named) if option == "--ledger" else named
            yield option, f"{option} {shlex.quote(told)}"


def _taken(words: Sequence[str]) -> set[str]:
    """Tell which of them a command takes."""
    for entry in ENTRIES:
        if entry.name == words[0]:
            members = {each.name: each.common for each in entry.members}
            common = members.get(words[1], entry.common) if len(words) > 1 else entry.common
            return _TAKES.get(common, _ALL)
    return set()
