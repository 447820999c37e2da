"""Pairs devices, each pairing in a process of its own; writes nothing into the ledger."""

from collections.abc import Generator, Iterator

from waheal.engine.hosts import Died, Heard, Inbox, Message
from waheal.engine.surroundings import REAL, Surroundings
from waheal.model import DeviceId, Phone, Trust
from waheal.store.home import Home
from waheal.wire import Finish, Pair, Paired, PairFailed, Report, Role, Setup

_SILENCE = 180.0  # seconds: QR codes rotate every 20 to 60


def pair(
    home: Home,
    labels: list[DeviceId],
    *,
    trust: Trust | None,
    code_phone: Phone | None = None,
    surroundings: Surroundings = REAL,
) -> Generator[Report, None, None]:
    """Pair devices one after the other, telling codes, successes and the first failure.

    A pairing that fails leaves a thread spinning in the library, so its process ends with it.
    """
    inbox = surroundings.inbox()
    setup = Setup(sessions=str(home.sessions_path), role=Role.PAIR, trust=trust)
    host = surroundings.start(0, setup, logs=home.logs, lock_fd=None, inbox=inbox)
    messages = _one_by_one(inbox)
    try:
        for label in labels:
            host.send(Pair(label, code_phone))
            for report in _until_over(messages, label):
                yield report
                if isinstance(report, PairFailed):
                    return
        host.send(Finish())
        host.wait(_SILENCE)
    finally:
        host.kill()
        host.wait(_SILENCE)


def _until_over(messages: Iterator[Message], label: DeviceId) -> Iterator[Report]:
    for message in messages:
        match message:
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


def _one_by_one(inbox: Inbox) -> Iterator[Message]:
    """Give what the process says, until it is silent for too long."""
    while messages := inbox.gather(_SILENCE):
        yield from messages
