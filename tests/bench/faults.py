"""A campaign whose devices are cut off all the time, against the same in peace."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.bench.figures import Baseline, Figure, at_most
from tests.bench.measure import share
from tests.bench.sending import Timed, enroll, send
from tests.kit.numbers import recipients
from tests.kit.rig import Rig
from tests.soak.fleet import fleet, mischief
from waheal.model import Phone, State
from waheal.records import Leftover, Resolution
from waheal.sandbox.control import Action, Control

_MESSAGES = 1000
_DEVICES = 50
_EVERY = 0.2  # seconds
_SEED = 3


def faults(place: Path, scale: float) -> Iterator[Figure]:
    """1,000 messages over 50 devices while one is dropped, or replaced, every 200 ms."""
    count = max(60, round(_MESSAGES * scale))
    phones = [recipients(count, number * count) for number in range(4)]
    with fleet(place, max(5, round(_DEVICES * scale))) as made:
        before = _campaign(made, "before", phones[0])
        dropped = _campaign(made, "dropped", phones[1], Action.DROP)
        replaced = _campaign(made, "replaced", phones[2], Action.REPLACED)
        after = _campaign(made, "after", phones[3])
        peace = Baseline("without", (before.timed.rate + after.timed.rate) / 2)
        for campaign in (dropped, replaced):
            yield from _told(made, campaign, peace)


@dataclass(frozen=True, slots=True)
class _Campaign:
    """A campaign under fire, and how it went."""

    name: str
    timed: Timed
    cut_off: int


def _campaign(
    made: Rig, name: str, phones: Sequence[Phone], action: Action | None = None
) -> _Campaign:
    enroll(made, name, phones)

    def strike(control: Control, _: Random, device: str) -> str:
        assert action is not None
        control.devices.act(device, action)
        return action.value

    random = Random(_SEED)  # noqa: S311 - to be repeated, no secret
    peace = nullcontext(Counter[str]())
    with mischief(made.control, random, _EVERY, strike) if action else peace as done:
        timed = send(made, name)
    return _Campaign(name, timed, 0 if action is None else done[action.value])


def _told(made: Rig, campaign: _Campaign, peace: Baseline) -> Iterator[Figure]:
    word, healed = campaign.name, campaign.timed.healed
    yield Figure(f"a device {word} every {_EVERY} s", campaign.timed.rate, "messages/s", peace)
    yield Figure(f"{word}: devices cut off", campaign.cut_off, "")
    # A dropped one is mostly back before its next message: nothing is left to heal.
    yield Figure(f"{word}: devices healed by a message", len(healed), "")
    if healed:
        yield Figure(f"{word}: healed, p95", share(healed, 0.95))
    states = made.states(word)
    uncertain = {phone for phone, state in states.items() if state is State.UNCERTAIN}
    yield Figure(f"{word}: uncertain after the run", len(uncertain), "")
    _resolve(made, word)
    states, shown = made.states(word), made.texts()
    times = [len(shown.get(phone, [])) for phone in states]
    yield Figure(f"{word}: doubled", sum(n > 1 for n in times), "", None, at_most(0))
    word = f"{word}: missing, the uncertain ones resent"
    yield Figure(word, times.count(0), "", None, at_most(0))


def _resolve(made: Rig, name: str) -> None:
    """Do what an operator does with the last few: send them again."""
    campaign = made.ledger.campaigns.find(name)
    assert campaign is not None
    made.ledger.leftovers.resolve(
        campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=time.time()
    )
    send(made, name)
