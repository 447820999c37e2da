"""Pairs devices, each pairing in a process of its own; writes nothing into the ledger."""

from collections.abc import Generator, Iterator

from waheal.engine.hosts import Died, Heard, Message
from waheal.engine.link import Link, setup_for
from waheal.engine.surroundings import REAL, Surroundings
from waheal.errors import UsageError
from waheal.model import DeviceId, Phone
from waheal.store.home import Home
from waheal.wire import HostSettings, NotServed, Pair, Paired, PairFailed, Report, Role

_SILENCE = 180.0  # seconds: QR codes rotate every 20 to 60


def pair(
    home: Home,
    labels: list[DeviceId],
    *,
    settings: HostSettings,
    code_phone: Phone | None = None,
    surroundings: Surroundings = REAL,
) -> Generator[Report, None, None]:
    """Pair devices one after the other, telling codes, successes and the first failure.

    A pairing that fails leaves a thread spinning in the library, so its process ends with it.

    Raises: UsageError: the process does not serve with these settings.
    """
    setup = setup_for(home, settings, role=Role.PAIR)
    link = Link(setup, logs=home.logs, lock_fd=None, surroundings=surroundings)
    host = link.start()
    messages = _one_by_one(link)
    grace = 0.0
    try:
        for label in labels:
            host.send(Pair(label, code_phone))
            for report in _until_over(messages, label):
                yield report
                if isinstance(report, PairFailed):
                    return
        grace = _SILENCE
    finally:
        link.end(grace)


def _one_by_one(link: Link) -> Iterator[Message]:
    """Give what the process says, until it is silent for too long."""
    while messages := link.hear(_SILENCE):
        yield from messages


def _until_over(messages: Iterator[Message], label: DeviceId) -> Iterator[Report]:
    for message in messages:
        match message:
            case Heard(_, NotServed(message=text, hint=hint)):
                raise UsageError(text, hint=hint)
            case Heard(_, report):
                yield report
                if isinstance(report, Paired | PairFailed):
                    return
            case Died(host, cause):
                yield PairFailed(label, f"the pairing process {cause}; see {host.log}")
                return
            case _:
                continue
    yield PairFailed(label, "the pairing process says nothing any more")
