"""The README's picture of `waheal check`: of a real run; WAHEAL_SNAPSHOTS=write draws it anew."""

import os
import pty
import re
import subprocess
from contextlib import suppress
from pathlib import Path

from rich.text import Text

from tests.cli.support import PATIENCE, ROOT, command, environment
from waheal.views.recording import WIDTH, picture

PICTURE = ROOT / "waheal" / "views" / "check.svg"
LIST = [
    "phone,first name",
    *(f"+1202555{number:04},{name}" for number, name in ((101, "Ada"), (102, "Zoë"))),
    *(f"0{7700900000 + number},Guest {number}" for number in range(58)),
    "+12025550101,Ada",
    "+12025550103,",
]
MESSAGE = 'Hi {{ row["first name"] }}, the spring menu is here.'


def at_a_terminal(home: Path, place: Path, words: tuple[str, ...]) -> str:
    """Run a command, and give all that it says, colours and all."""
    ours, theirs = pty.openpty()
    size = {"COLUMNS": str(WIDTH), "LINES": "40", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        command(words), cwd=place, env=environment(home, size), stdin=theirs, stdout=theirs,
        stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    told = b""
    with suppress(OSError):  # EIO: nobody has the other side open any more
        while data := os.read(ours, 65536):
            told += data
    os.close(ours)
    process.wait(PATIENCE)
    return told.decode()


def drawn(home: Path, place: Path) -> str:
    (place / "spring.csv").write_text("\n".join(LIST) + "\n", encoding="utf-8")
    (place / "spring.txt").write_text(MESSAGE, encoding="utf-8")
    words = ("check", "spring.csv", "--template", "spring.txt", "--rate", "20/min")
    told = at_a_terminal(home, place, words)
    lines = [Text.from_ansi(line.rstrip()) for line in told.splitlines()]
    return picture("waheal checks a campaign", f"waheal {' '.join(words)}", lines)


def test_the_picture_in_the_project_is_up_to_date(home: Path, tmp_path: Path) -> None:
    shown = drawn(home, tmp_path)
    if os.environ.get("WAHEAL_SNAPSHOTS") == "write":
        PICTURE.write_text(shown, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == shown, "WAHEAL_SNAPSHOTS=write draws it anew"


def test_the_picture_fetches_nothing() -> None:
    addresses = set(re.findall(r"https?://[^\"' )]+", PICTURE.read_text(encoding="utf-8")))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the namespace, which nobody fetches
