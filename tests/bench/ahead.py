"""What looking ahead spares: questions a message, against a bare loop's, counted at the server."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.crowd import bare_loop
from tests.bench.figures import Baseline, Figure, at_least, ratio_at_most
from tests.bench.sending import enroll, linked, send
from tests.kit.numbers import recipients
from tests.kit.rig import Rig
from tests.soak.fleet import fleet

_MESSAGES = 1000
_DEVICES = 10


def ahead(place: Path, scale: float) -> Iterator[Figure]:
    """Questions that a first contact and a cold repeat cost, counted at the server."""
    devices = max(2, round(_DEVICES * scale))
    count = max(20, round(_MESSAGES * scale))
    with fleet(place, devices) as made:
        phones = recipients(count + devices)
        asked = _asked(made)
        bare_loop(made, linked(made), phones[count:])
        alone = (_asked(made) - asked) / devices
        for name in ("first contacts", "cold repeats"):
            enroll(made, name, phones[:count])
            asked = _asked(made)
            timed = send(made, name)
            told = (_asked(made) - asked) / count
            sent = Figure(f"{name} sent", timed.sent, "", None, at_least(count))
            yield sent
            bare = Baseline("a bare loop's first contact", alone)
            target = ratio_at_most(0.56 if name == "first contacts" else 0.3)
            yield Figure(f"{name}: questions and messages a message", told, "", bare, target)


def _asked(made: Rig) -> float:
    """Count what clients have asked for their messages' sake, and the messages."""
    total = made.control.stats().total
    logins = total.get("login", 0)  # each asks how many prekeys the server has
    return float(sum(total.get(kind, 0) for kind in ("message", "iq:usync", "iq:encrypt")) - logins)
