"""What a host is asked to do with a device, and how far it got; knows no threads, no clients."""

from collections.abc import Callable
from enum import Enum, auto
from threading import Lock

from waheal.host.arrivals import Arrivals
from waheal.host.replies import Replies
from waheal.model import DeviceId, Outcome, Phone, Unknown
from waheal.wire import Answer, Connect, Logout, Report, Returned, Send

Task = Send | Connect | Logout


class _Stage(Enum):
    WAITING = auto()  # queued, or its device is being connected
    CALLING = auto()  # inside the library, which may have written the message
    CUT = auto()  # answered for by the watchdog; the call is still inside the library
    OVER = auto()


class Job:
    """One task on its way. Exactly one Answer is given for a Send, whoever gives it.

    After the watchdog's answer a Returned follows, when the call comes back.
    """

    def __init__(self, task: Task, report: Callable[[Report], None]) -> None:
        self.task = task
        self._report = report  # only enqueues
        # Guards the stage, the revocation and who is left out, and orders Answer before Returned;
        # no I/O.
        self._lock = Lock()
        self._stage = _Stage.WAITING
        self._revoked: str | None = None
        self._handed: float | None = None  # Unix seconds: when it went into the library last
        self._left_out: frozenset[Phone] = frozenset()

    @property
    def device(self) -> DeviceId:
        """Whose queue it is in."""
        return self.task.device

    def revoke(self, reason: str) -> None:
        """Send it no more; too late once it is inside the library."""
        with self._lock:
            self._revoked = reason

    def leave_out(self, phones: frozenset[Phone]) -> None:
        """Look none of these up along with its own recipient."""
        with self._lock:
            self._left_out |= phones

    def left_out(self, phone: Phone) -> bool:
        """Whether somebody is not to be looked up any more."""
        with self._lock:
            return phone in self._left_out

    def enter(self, now: float, replies: Replies, arrivals: Arrivals) -> str | None:
        """Go into the library, unless that is no longer wanted: then why.

        The last look: to be asked under the slot's lock, right before each call. Whatever comes
        after it, comes too late for that call. `now` is Unix seconds.
        """
        with self._lock:
            unwanted = self._unwanted(now, replies, arrivals)
            if unwanted is None:
                self._stage, self._handed = _Stage.CALLING, now
            return unwanted

    def _unwanted(self, now: float, replies: Replies, arrivals: Arrivals) -> str | None:
        if self._stage is _Stage.CUT:
            return "given up while its attachment was uploaded"
        if self._revoked is not None or not isinstance(self.task, Send):
            return self._revoked
        if replies.unheard(self.task):
            return "the recipient wrote first"
        if self.task.not_after is not None and now > self.task.not_after:
            return "too late: its window or its expiry has passed"
        if arrivals.any_of(self.task.unless):
            return "an earlier attempt has arrived"
        return None

    def cut(self, reason: str) -> bool:
        """Answer for a call that does not return; False where there is nothing to cut."""
        with self._lock:
            if self._stage is not _Stage.CALLING or not isinstance(self.task, Send):
                return False
            self._stage = _Stage.CUT
            self._report(_answer(self.task, Unknown(reason, running=True), self._handed))
            return True

    def settle(self, outcome: Outcome) -> None:
        """Report how a Send ended: its Answer, or what the cut-off call came back with."""
        if not isinstance(self.task, Send):
            raise TypeError(self.task)
        with self._lock:
            cut, self._stage = self._stage is _Stage.CUT, _Stage.OVER
            self._report(
                Returned(self.task.delivery, self.task.attempt, self.task.device, outcome)
                if cut
                else _answer(self.task, outcome, self._handed)
            )

    def tell(self, report: Report) -> None:
        """Report how a Connect or a Logout ended."""
        self._report(report)


def _answer(send: Send, outcome: Outcome, handed: float | None) -> Answer:
    return Answer(send.delivery, send.attempt, send.device, outcome, handed)
