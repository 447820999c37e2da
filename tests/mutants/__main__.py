"""`python -m tests.mutants [NAME …]`: breaks the code in small ways; some test must fail each time.

A name is a room's, a module's or a mutant's. Ends with 1 if any survived that isn't marked as
equivalent, or could not be tried.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.mutants.catalogue import select
from tests.mutants.mutant import Mutant
from tests.mutants.tryout import Fate, Tryout


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of them unless given")
    parser.add_argument("--list", action="store_true", help="tell what there is")
    read = parser.parse_args()
    try:
        rooms = select(read.names)
    except LookupError as error:
        parser.error(f"no room, module or mutant is called {error}; --list tells them")
    if read.list:
        say(*(f"{each.id:<40} {each.promise}" for mutants in rooms.values() for each in mutants))
        return 0
    with tempfile.TemporaryDirectory(prefix="waheal-mutants-") as folder:
        return run(Tryout(Path(folder)), rooms)


def run(tryout: Tryout, rooms: Mapping[str, tuple[Mutant, ...]]) -> int:
    """Try them all, say what became of each, and then the share that was killed in each room."""
    if not tryout.is_sound([each for mutants in rooms.values() for each in mutants]):
        say("their tests fail without any mutant: then a failure tells nothing")
        return 1
    fates = {
        room: Counter(attempt(tryout, each) for each in mutants) for room, mutants in rooms.items()
    }
    say("", *(share(room, counts) for room, counts in fates.items()))
    return int(any(fate.is_wrong for counts in fates.values() for fate in counts))


def attempt(tryout: Tryout, mutant: Mutant) -> Fate:
    """Try one, and say what became of it."""
    began = time.monotonic()
    fate = tryout.attempt(mutant)
    told = mutant.equivalent if fate is Fate.EQUIVALENT else mutant.promise
    say(f"{fate:<10} {mutant.id}: {told} ({time.monotonic() - began:.0f} s)")
    return fate


def share(room: str, counts: Counter[Fate]) -> str:
    """Tell how many were killed, of those that can be."""
    killed, equivalent = counts[Fate.KILLED] + counts[Fate.HUNG], counts[Fate.EQUIVALENT]
    mortal = counts.total() - equivalent
    percent = f" ({killed / mortal:.0%})" if mortal else ""
    return f"{room:<8} {killed} of {mortal} killed{percent}, {equivalent} equivalent"


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
