"""A campaign whose devices are cut off all the time, against the same in peace."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bench.figures import Baseline, Figure, at_most
from tests.bench.fleet import Timed, enroll, fleet, linked, send
from tests.bench.measure import share
from tests.bench.numbers import recipients
from tests.kit.rig import Rig
from waheal.model import Phone
from waheal.sandbox.control import Action, ControlError

_MESSAGES = 1000
_DEVICES = 50
_EVERY = 0.2  # seconds
_SEED = 3


@dataclass(slots=True)
class _Struck:
    """How many devices were cut off, and by what; the striker's thread alone writes it."""

    count: int = 0
    refused: list[str] = field(default_factory=list)


def faults(place: Path, scale: float) -> Iterator[Figure]:
    """1,000 messages over 50 devices while one is dropped (or replaced) every 200 ms."""
    count = max(60, round(_MESSAGES * scale))
    with fleet(place, max(5, round(_DEVICES * scale))) as made:
        peace = _campaign(made, "peace", recipients(count))
        dropped = _campaign(made, "dropped", recipients(count, count), [Action.DROP])
        mixed = _campaign(
            made, "mixed", recipients(count, 2 * count), [Action.DROP, Action.REPLACED]
        )
        again = _campaign(made, "peace again", recipients(count, 3 * count))
        quiet = Baseline("without", (peace[0].rate + again[0].rate) / 2)
        yield from _told("dropped", dropped, quiet)
        yield from _told("dropped or replaced", mixed, quiet)
        yield Figure("messages missing or doubled", _wrong(made, 4 * count), "", None, at_most(0))


def _told(word: str, done: tuple[Timed, _Struck], quiet: Baseline) -> Iterator[Figure]:
    timed, struck = done
    yield Figure(f"a device {word} every {_EVERY} s", timed.rate, "messages/s", quiet)
    yield Figure(f"{word}: devices cut off", struck.count, "")
    yield Figure(f"{word}: devices healed", len(timed.healed), "")
    if timed.healed:
        yield Figure(f"{word}: healed, p95", share(timed.healed, 0.95))


def _campaign(
    made: Rig, name: str, phones: Sequence[Phone], actions: list[Action] | None = None
) -> tuple[Timed, _Struck]:
    enroll(made, name, phones)
    with _striking(made, actions or []) as struck:
        return send(made, name), struck


@contextmanager
def _striking(made: Rig, actions: list[Action]) -> Iterator[_Struck]:
    """Cut a random device off, again and again, for as long as the block runs."""
    struck, over = _Struck(), threading.Event()
    if not actions:
        yield struck
        return
    random = Random(_SEED)  # noqa: S311 - to be repeated, no secret
    jids = [device.jid for device in linked(made)]

    def strike() -> None:
        while not over.wait(_EVERY):
            _try(lambda: made.control.act(random.choice(jids), random.choice(actions)), struck)

    striker = threading.Thread(target=strike)
    striker.start()
    try:
        yield struck
    finally:
        over.set()
        striker.join()


def _try(act: Callable[[], None], struck: _Struck) -> None:
    try:
        act()
    except ControlError as error:  # it is offline just now
        struck.refused.append(str(error))
    else:
        struck.count += 1


def _wrong(made: Rig, wanted: int) -> int:
    shown = [len(texts) for texts in made.texts().values()]
    return abs(wanted - len(shown)) + sum(abs(times - 1) for times in shown)
