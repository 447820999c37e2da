"""The run's host processes and their supervision; knows nothing of deliveries."""

from collections import deque
from contextlib import suppress
from pathlib import Path

from waheal.engine.hosts import Host, Inbox
from waheal.engine.settings import HostSettings
from waheal.engine.surroundings import Surroundings
from waheal.errors import OwnFault
from waheal.wire import Command, Finish, Setup

_DEATHS = 5  # so many within _DEATH_SPAN seconds are no accident
_DEATH_SPAN = 60.0
_END_GRACE = 5.0  # seconds for a host to disconnect its clients


class Fleet:
    """Keeps one living process for each host number."""

    def __init__(
        self,
        setup: Setup,
        settings: HostSettings,
        *,
        logs: Path,
        lock_fd: int,
        inbox: Inbox,
        surroundings: Surroundings,
    ) -> None:
        self._setup = setup
        self._settings = settings
        self._logs = logs
        self._lock_fd = lock_fd
        self._inbox = inbox
        self._surroundings = surroundings
        self._hosts: dict[int, Host] = {}
        self._next: dict[int, Host] = {}  # started, and given nothing yet
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self.failure: OwnFault | None = None

    def start(self) -> None:
        """Start every host.

        Raises: OwnFault: one can't be started.
        """
        for number in range(self._settings.hosts):
            self._hosts[number] = self._spawn(number)

    def host(self, number: int) -> Host:
        """Get the living host of that number."""
        return self._hosts[number]

    def log_name(self, number: int) -> str:
        """Name the log of the living host of that number: evidence for what it sends."""
        return self._hosts[number].log.name

    def living(self, host: Host) -> bool:
        """Whether it is the one in use, not one that was replaced."""
        return self._hosts.get(host.number) is host

    def broadcast(self, command: Command) -> None:
        """Tell every host."""
        for host in self._hosts.values():
            host.send(command)

    def prepare(self, number: int) -> None:
        """Load the library for a host's successor while the old one still empties."""
        if number not in self._next:
            with suppress(OwnFault):  # told when its turn has come, if it still can't be started
                self._next[number] = self._spawn(number)

    def retire(self, number: int) -> None:
        """Let a host end by itself; its `Died` leads to a fresh one."""
        self._hosts[number].send(Finish())

    def replace(self, host: Host, cause: str, *, wanted: bool) -> None:
        """Start a new process in a dead one's place. `wanted`: it was asked to end.

        Where that can't go on, `failure` says why. It isn't raised: this happens in the middle of
        a transaction, and what was heard in it must be kept.
        """
        try:
            if not wanted:
                self._deaths.append(self._surroundings.monotonic())
                self._refuse_to_go_on(host, cause)
            ready = self._next.pop(host.number, None)
            if ready is None or not ready.lives():
                ready = self._spawn(host.number)
            self._hosts[host.number] = ready
        except OwnFault as fault:
            self.failure = fault

    def end(self, *, gently: bool) -> set[Host]:
        """End every host, wait until none is left, and return them."""
        hosts = {*self._hosts.values(), *self._next.values()}
        self._hosts.clear()
        self._next.clear()
        for host in hosts:
            if gently:
                host.send(Finish())
            else:
                host.kill()
        deadline = self._surroundings.monotonic() + _END_GRACE
        for host in hosts:
            if not host.wait(max(0.0, deadline - self._surroundings.monotonic())):
                host.kill()
                host.wait(_END_GRACE)
        return hosts

    def _spawn(self, number: int) -> Host:
        try:
            return self._surroundings.start(
                number, self._setup, logs=self._logs, lock_fd=self._lock_fd, inbox=self._inbox
            )
        except OSError as error:
            raise OwnFault(
                f"host {number} can't be started: {error.strerror}",
                hint="see how many processes, files and how much memory this user may have",
            ) from error

    def _refuse_to_go_on(self, host: Host, cause: str) -> None:
        full = len(self._deaths) == _DEATHS
        if full and self._deaths[-1] - self._deaths[0] < _DEATH_SPAN:
            raise OwnFault(
                f"host {host.number} died {_DEATHS} times within {_DEATH_SPAN:.0f} s ({cause})",
                hint=f"its last words are in {host.log}; `waheal doctor` checks the library",
            )
