"""The run's hosts by their numbers: one lives for each; knows nothing of deliveries."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress

from waheal.engine.hosts import Host
from waheal.engine.link import END_GRACE, Link
from waheal.errors import OwnFault, UsageError, WahealError
from waheal.wire import Command, Finish, NotServed

_DEATHS = 5  # so many within _DEATH_SPAN seconds are no accident
_DEATH_SPAN = 60.0


class Fleet:
    """Keeps one living process for each of `size` numbers."""

    def __init__(self, link: Link, size: int, monotonic: Callable[[], float]) -> None:
        self._link = link
        self._size = size
        self._monotonic = monotonic
        self._hosts: dict[int, Host] = {}
        self._next: dict[int, Host] = {}  # started, and given nothing yet
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self.failure: WahealError | None = None
        self.ended = False

    def start(self) -> None:
        """Start every host.

        Raises: WahealError: one can't be started.
        """
        for number in range(self._size):
            self._hosts[number] = self._link.start(number)

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
            with suppress(WahealError):  # told when it is needed, if it still can't be started
                self._next[number] = self._link.start(number)

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
                self._deaths.append(self._monotonic())
                self._refuse_to_go_on(host, cause)
            ready = self._next.pop(host.number, None)
            if ready is None or not ready.lives():
                ready = self._link.start(host.number)
            self._hosts[host.number] = ready
        except WahealError as fault:
            self.failure = fault

    def refused(self, refusal: NotServed) -> None:
        """Note that a host does not serve: every other would refuse the same."""
        self.failure = UsageError(refusal.message, hint=refusal.hint)

    def end(self, *, gently: bool) -> None:
        """End every host, and wait until none is left; a death replaces nobody any more."""
        self.ended = True
        self._hosts.clear()
        self._next.clear()
        self._link.end(END_GRACE if gently else 0.0)

    def _refuse_to_go_on(self, host: Host, cause: str) -> None:
        full = len(self._deaths) == _DEATHS
        if full and self._deaths[-1] - self._deaths[0] < _DEATH_SPAN:
            raise OwnFault(
                f"host {host.number} died {_DEATHS} times within {_DEATH_SPAN:.0f} s ({cause})",
                hint=f"its last words are in {host.log}; `waheal doctor` checks the library",
            )
