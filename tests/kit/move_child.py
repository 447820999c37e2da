"""Moves or imports a device in a process of its own, which is killed at one of its steps.

Its words: the home, the ledger, a step, and how the act is called. A step is a function of
`waheal`, and whether it is killed before or after it: `before waheal.acts.moving.write_lasting`.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from waheal.acts.moving import move
from waheal.acts.takeover import import_devices
from waheal.acts.workspace import open_home


def die() -> None:
    """End this process at once, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(when: str, place: str) -> None:
    """Die before or after a function is called."""
    owner, _, name = place.rpartition(".")
    module, _, part = owner.partition(":")
    at = importlib.import_module(module)
    for each in filter(None, part.split(".")):
        at = getattr(at, each)
    real: Callable[..., object] = getattr(at, name)

    def killed(*words: object, **more: object) -> object:
        if when == "before":
            die()
        done = real(*words, **more)
        die()
        return done

    setattr(at, name, killed)


def main(home: str, ledger: str, when: str, place: str, act: str, *words: str) -> None:
    """Do it."""
    workspace = open_home(home, ledger=ledger)
    kill_at(when, place)
    if act == "move":
        move(workspace, *words)
    else:
        import_devices(workspace, Path(*words))


main(*sys.argv[1:])
