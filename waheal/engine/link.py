"""The line to host processes: starting them, hearing them, ending them; knows no deliveries.

All hosts of a link report into its one inbox: the one of a pairing or a `sync`, or as many as a
run has.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from waheal.engine.hosts import Died, Heard, Host, Message
from waheal.engine.surroundings import Surroundings
from waheal.engine.unwritten import Unwritten
from waheal.errors import (
    MACHINE_HINT,
    HomeUnusableError,
    MachineError,
    OwnFault,
    UsageError,
    WahealError,
    used_up,
)
from waheal.store.home import Home
from waheal.wire import Finish, HostSettings, NotServed, Report, Role, Setup

END_GRACE = 5.0
"""Seconds for a host to disconnect its clients."""

_LAST_WORDS = 2.0  # seconds that a reaped host's last reports may take to be read
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
_LOOK = 0.25  # seconds between looks at the time, where nothing is reported


class Link:
    """Hosts that are started alike. The home's lock goes to each of them, where it is given."""

    def __init__(
        self,
        setup: Setup,
        *,
        logs: Path,
        lock_fd: int | None,
        surroundings: Surroundings,
        unwritten: Unwritten | None = None,
    ) -> None:
        self._setup = setup
        self._logs = logs
        self._lock_fd = lock_fd
        self._surroundings = surroundings
        self._inbox = surroundings.inbox(unwritten)
        self._hosts: set[Host] = set()  # started, and not heard of as dead

    def start(self, number: int = 0) -> Host:
        """Start a host.

        Raises: HomeUnusableError: its log can't be written. MachineError: there is no room for
        another process. OwnFault: it can't be started for another reason.
        """
        try:
            host = self._surroundings.start(
                number, self._setup, logs=self._logs, lock_fd=self._lock_fd, inbox=self._inbox
            )
        except (OSError, RuntimeError) as error:
            raise _refusal(number, self._logs, error) from error
        self._hosts.add(host)
        return host

    def put(self, message: Message) -> None:
        """Leave a message among those of the hosts; safe in a signal handler."""
        self._inbox.put(message)

    def hear(self, patience: float) -> list[Message]:
        """Wait up to `patience` seconds for a message, and take what came together with it."""
        return self._noted(self._inbox.gather(patience))

    def linger(self, seconds: float) -> list[Message]:
        """Let so many seconds pass, and take what came meanwhile."""
        return self._noted(self._inbox.linger(seconds))

    def written(self) -> None:
        """Let the file go of what was heard: the ledger has it."""
        self._inbox.written()

    def _noted(self, messages: list[Message]) -> list[Message]:
        self._hosts.difference_update(each.host for each in messages if isinstance(each, Died))
        return messages

    def reports(
        self, seconds: float, buries: Callable[[Died], bool] = lambda _death: False
    ) -> Iterator[list[Report]]:
        """Tell what the hosts report for so long, as it comes; nothing now and then.

        `buries` is told of a host's death, and tells whether it goes on without it.

        Raises: OwnFault: one died; UsageError: one refuses to serve.
        """
        monotonic = self._surroundings.monotonic
        until = monotonic() + seconds
        while monotonic() < until:
            messages = self.hear(min(_LOOK, max(0.01, until - monotonic())))
            told = reports_in(messages)
            for refusal in told:
                if isinstance(refusal, NotServed):
                    raise UsageError(refusal.message, hint=refusal.hint)
            yield told
            for each in messages:
                if isinstance(each, Died) and not buries(each):
                    raise OwnFault(
                        f"the host process {each.cause}",
                        hint=f"its last words are in {each.host.log}",
                    )

    def end(self, grace: float = END_GRACE) -> None:
        """Ask every host to end, and force those that have not after `grace` seconds.

        With no grace nobody is asked. No host is left when it returns.
        """
        for host in self._hosts:
            if grace:
                host.send(Finish())
            else:
                host.kill()
        monotonic = self._surroundings.monotonic
        until = monotonic() + grace
        for host in self._hosts:
            if not host.wait(max(0.0, until - monotonic())):
                host.kill()
                host.wait(END_GRACE)

    def last_words(self) -> Iterator[list[Message]]:
        """Tell what hosts that were ended said until then, their deaths included."""
        while self._hosts and (messages := self.hear(_LAST_WORDS)):
            yield messages


def reports_in(messages: Sequence[Message]) -> list[Report]:
    """Leave out all but the reports."""
    return [each.report for each in messages if isinstance(each, Heard)]


def _refusal(number: int, logs: Path, error: OSError | RuntimeError) -> WahealError:
    """Word why a host can't be started: its log and its seal are files of the home."""
    code, why = (error.errno, error.strerror) if isinstance(error, OSError) else (None, error)
    told = f"host {number} can't be started: {why}"
    if used_up(error) or code == errno.EAGAIN:  # of a fork
        return MachineError(told, hint=MACHINE_HINT)
    if code in _UNWRITABLE:
        return HomeUnusableError(
            f"a host's log can't be written to {logs}: {why}",
            hint="free space, or mend the owner and mode of the folder",
        )
    return OwnFault(told, hint="`waheal doctor` checks this machine and the library")


def setup_for(
    home: Home, settings: HostSettings, *, role: Role = Role.SEND, share: int = 1
) -> Setup:
    """Tell what a host is started with that is one of `share` hosts on this machine."""
    mine = replace(settings, max_open=max(1, settings.max_open // share))
    return Setup(str(home.sessions_path), role, mine)
