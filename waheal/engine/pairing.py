"""Pairs devices, each pairing in a process of its own; writes nothing into the ledger."""

from collections.abc import Generator, Iterator
from queue import Empty

from waheal.engine.hosts import Died, Heard, Inbox, spawn
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
) -> Generator[Report, None, None]:
    """Pair devices one after the other, telling codes, successes and the first failure.

    A pairing that fails leaves a thread spinning in the library, so its process ends with it.
    """
    inbox: Inbox = Inbox()
    setup = Setup(sessions=str(home.sessions_path), role=Role.PAIR, trust=trust)
    host = spawn(0, setup, logs=home.logs, lock_fd=None, inbox=inbox)
    try:
        for label in labels:
            host.send(Pair(label, code_phone))
            for report in _until_over(inbox, label):
                yield report
                if isinstance(report, PairFailed):
                    return
        host.send(Finish())
        host.wait(_SILENCE)
    finally:
        host.kill()
        host.wait(_SILENCE)


def _until_over(inbox: Inbox, label: DeviceId) -> Iterator[Report]:
    while True:
        try:
            message = inbox.get(timeout=_SILENCE)
        except Empty:
            yield PairFailed(label, "the pairing process says nothing any more")
            return
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
