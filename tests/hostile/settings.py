"""`waheal.toml`: what is in it, and whose it is."""

import os
from collections.abc import Callable, Iterator
from random import Random

from tests.hostile.places import lay_out
from tests.hostile.words import BYTES, GREAT, LONG, spoiled, text
from tests.hostile.world import Command, World
from waheal.cli.options import known

_NOBODY = 65_534
_COMMANDS = [
    ("config",), ("config", "--json"), ("status",), ("devices", "list"), ("suppress", "list"),
    ("check", "names.csv"), ("check", "names.csv", "--message", "Hi"),
    ("send", "names.csv", "--message", "Hi", "--dry-run"), ("report", "old"), ("stop",),
    ("export", "old"), ("suppress", "export"), ("check", "bad.csv"), ("resolve", "old", "--resend"),
]  # fmt: skip
_WRITERS = [("report", "old"), ("export", "old"), ("suppress", "export"), ("check", "bad.csv")]


def settings(random: Random, world: World) -> Iterator[Command]:
    """Write a hostile file into the home, and call commands that read it."""
    lay_out(random, world)
    path = world.home / "waheal.toml"
    match random.randrange(20):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to(random.choice(["/dev/zero", "../outside/victim", "waheal.toml"]))
        case 2:
            path.mkdir()
        case 3:
            path.write_bytes(_file(random))
            path.chmod(random.choice([0o666, 0o620, 0o000, 0o777]))
        case 4 if os.geteuid() == 0:
            path.write_text('rate = "1/d"\nhtml = "../outside/victim"\n')
            os.chown(random.choice([path, world.home]), _NOBODY, _NOBODY)
        case _:
            path.write_bytes(_file(random))
    for words in random.sample(_COMMANDS, 2):
        # Where it is to write is for its own settings to say.
        obeyed = [".", "../outside"] if words in _WRITERS else []
        yield Command(words, writes=obeyed, terminal=random.random() < 0.7)


def _file(random: Random) -> bytes:
    depth = random.choice([50, 400, 5_000, 50_000])
    if random.random() < 0.5:
        return _lines(random)
    odd: list[Callable[[], bytes]] = [
        lambda: random.randbytes(random.randrange(200)),
        lambda: b"rate = " + b"[" * depth + b"]" * depth,
        lambda: b"a" + b".a" * depth + b" = 1",
        lambda: b"#" * (random.choice([1, 40]) << 20),
        lambda: b'"%b" = 1' % (b"k" * random.choice([300, 60_000, 200_000])),
        lambda: b"[" + b"[a]]\n[[".join([b"x"] * depth) + b"]",
        lambda: spoiled(random, _lines(random)),
    ]
    return random.choice(odd)()


def _lines(random: Random) -> bytes:
    lines = (_line(random) for _ in range(random.randrange(1, 4)))
    return "\n".join(lines).encode(errors="surrogatepass")


def _line(random: Random) -> str:
    keys = [*sorted(known())] * 3 + ["home", "HOME", "nothing", '"\\u001b[2J"', '"a\\nb"', "''"]
    return f"{random.choice(keys)} = {_value(random)}"


def _value(random: Random) -> str:
    odd = ["1979-05-27T07:32:00Z", "07:32:00", "nan", "-inf", "0xff", "1e400"]
    lists = ["[]", "[[]]", "{a = 1}", '["a", 1, true]', "[nan, 1979-05-27]"]
    plain = ["true", "false", "1", '"yes"', '"maybe"']
    bare = [f"'{random.choice(LONG)}'", random.choice(BYTES).decode("latin-1").join("''")]
    kinds = [odd, lists, plain, bare, [repr(random.choice(GREAT))], [_quoted(text(random))]]
    return random.choice(random.choice([*kinds, kinds[-1], kinds[-1]]))


def _quoted(told: str) -> str:
    plain = "".join(
        char if char.isalnum() or char in " ./-%:" else f"\\U{ord(char):08x}" for char in told
    )
    return f'"{plain}"'
