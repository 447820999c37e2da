"""Takes a password out of this process's own command line, which `ps` shows to everybody.

The kernel shows what a program was started with, and no program can change all of that. So it
starts itself anew in the same process, with the URL as it may be told, and the password where libpq
looks for one and only the same user may look (its manual, "Environment Variables"; proc(5)).
"""

import os
import sys
from collections.abc import Sequence

from waheal.cli.console import say
from waheal.ledger_url import has_password, password_in, without_password

_OPTION = "--ledger"
_QUIET = {"--quiet", "-q"}
_PASSWORD = "PGPASSWORD"  # noqa: S105 - a variable's name


def hide_password(words: Sequence[str]) -> None:
    """Start anew without a password in the words; returns where there is none.

    It returns as well where it stays: in a URL that libpq would not read, or in a process that
    somebody else's words have started.
    """
    urls = _urls(words)
    at = [place for place, url in urls if has_password(url)]
    if not at:
        return
    if not _QUIET.intersection(words):
        say(
            "warning: whoever is on this machine can see the password in --ledger as this begins"
            " (by ps), and the shell may keep it; keep it in ~/.pgpass, or say the URL in"
            " WAHEAL_LEDGER or in waheal.toml"
        )
    used, begun = urls[-1][1], len(sys.orig_argv) - len(words)
    password = password_in(used)
    stays = has_password(used) and password is None
    if stays or sys.orig_argv[begun:] != list(words):
        return
    told = [_told(word) if place in at else word for place, word in enumerate(words)]
    if password is not None:
        os.environ[_PASSWORD] = password
    os.execv(sys.executable, [*sys.orig_argv[:begun], *told])  # noqa: S606 - no shell is wanted


def _urls(words: Sequence[str]) -> list[tuple[int, str]]:
    """Find what is said as a ledger, as (place of the word, URL)."""
    after = [(n, words[n]) for n in range(1, len(words)) if words[n - 1] == _OPTION]
    joined = [(n, word.partition("=")[2]) for n, word in enumerate(words) if _is_joined(word)]
    return sorted(after + joined)


def _is_joined(word: str) -> bool:
    return word.startswith(f"{_OPTION}=")


def _told(word: str) -> str:
    option, equals, url = word.partition("=") if _is_joined(word) else ("", "", word)
    return f"{option}{equals}{without_password(url)}"
