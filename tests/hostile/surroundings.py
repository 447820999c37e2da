"""What a process is born with: its environment, its streams, its folder."""

import shutil
from collections.abc import Iterator
from random import Random

from tests.hostile.words import BYTES, FIGURES, GREAT, word
from tests.hostile.world import Command, World

_FIGURES = [*FIGURES, *map(str, GREAT), "80", "1", "3", "1000000", "99999999", ""]
_CODES = ["C", "POSIX", "C.UTF-8", "de_DE.ISO-8859-1", "x" * 300, "\x1b[2J", ""]
_ENCODINGS = ["ascii", "latin-1", "cp037", "utf-16-le", "utf-7", "utf-8:ignore", "cp437"]
_VARIABLES = {
    "COLUMNS": _FIGURES, "LINES": _FIGURES, "TERM": ["", "dumb", "unknown", "xterm", "\x1b[2J"],
    "LANG": _CODES, "LC_ALL": _CODES, "LC_CTYPE": _CODES, "HOME": ["", "/gone", "x", "~", "/"],
    "TMPDIR": ["", "/gone", "x", "/proc"], "TZ": ["", "x", "/etc/passwd", "../x", ":", "\x1b[2J"],
    "PYTHONIOENCODING": _ENCODINGS, "NO_COLOR": ["", "1"], "FORCE_COLOR": ["1", ""],
    "COLORTERM": ["truecolor", "\x1b[2J"], "XDG_DATA_HOME": ["", "x", "/gone", "\x1b[2J"],
    "_WAHEAL_COMPLETE": ["complete_bash", "complete_zsh", "source_zsh", "x_y", "x", "_", ""],
    "COMP_WORDS": ["waheal 'open", "waheal send \x1b[2J", 'waheal "', ""],
    "COMP_CWORD": ["x", "-1", "99999999", ""], "_TYPER_COMPLETE_ARGS": ["waheal 'x", "\x1b[2J"],
    "WAHEAL_HOME": ["", "~who", "/proc", "/dev/null", "../outside/victim", "x" * 300],
    "TTY_COMPATIBLE": ["1"], "TTY_INTERACTIVE": ["0"], "UNICODE_VERSION": ["x", "1", "\x1b[2J"],
    "JUPYTER_COLUMNS": ["x"], "PYTHONUTF8": ["0", "1"], "PYTHONWARNINGS": ["default"],
    "TERMINAL_WIDTH": _FIGURES, "_TYPER_FORCE_DISABLE_TERMINAL": ["1"], "PAGER": ["x"],
    "BASH_VERSION": ["\x1b[2J"], "SHELL": ["x", ""], "TYPER_USE_RICH": ["0", "x"],
}  # fmt: skip
_COMMANDS = [
    ("--help",), (), ("status",), ("check", "names.csv", "--message", "Hi"), ("config",),
    ("devices", "list"), ("send", "names.csv", "--message", "Hi", "--dry-run"), ("send", "--help"),
    ("suppress", "add", "+12025550100"), ("suppress", "export"), ("report", "x"), ("none",),
]  # fmt: skip


def surroundings(random: Random, world: World) -> Iterator[Command]:
    """Call a command in an interpreter of its own, born into something odd."""
    env = {
        name: random.choice(_VARIABLES[name])
        for name in random.sample([*_VARIABLES], random.randrange(1, 5))
    }
    if random.random() < 0.2:
        env[f"WAHEAL_{random.choice(['RATE', 'JSON', 'DAILY', 'SANDBOX', 'X'])}"] = random.choice(
            [word(random), random.choice(BYTES).decode(errors="surrogateescape")]
        )
    closed = random.sample([0, 1, 2], random.randrange(1, 4)) if random.random() < 0.3 else []
    gone = random.random() < 0.1
    folder = "tmp/gone" if gone else random.choice(["cwd", "cwd", "outside"])
    (world.tmp / "gone").mkdir()
    if not gone and random.random() < 0.1:
        shutil.rmtree(world.outside)
        world.outside.symlink_to("/proc")
        folder = "outside"
    yield Command(
        random.choice(_COMMANDS),
        env=env,
        apart=random.random() < 0.5 or "PYTHONIOENCODING" in env,
        terminal=random.random() < 0.6,
        closed=closed,
        folder=folder,
        gone=gone,
    )
