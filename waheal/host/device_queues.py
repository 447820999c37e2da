"""Whose turn it is: each device's jobs in order, one at a time; decides, and starts nothing.

Theory of operation. A thread takes the next *device* that is free, so no thread ever waits for
another's slot. One more is hired when a device is ready and no thread is, up to `places`. A device
that has to be connected first is taken only while fewer than `connects` are under way; until then
it waits aside, without a thread, and is the first once one is over. A job that becomes slow gives
its place away: its thread no longer counts, so calls that hang starve nobody; coming back, it is
dismissed if others fill the places. A guarded call that does not return is told of once. Whoever
answers for it cuts it loose: its device is free for the next job, though a thread still has this
one in hand.

::

    queued ──take──► in hand ─────────────────done──► over
      its device      │  └─free─► cut loose ──done──┘
      is not free     └ slow after a while, cut loose or not
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from waheal.host.jobs import Job
from waheal.model import DeviceId

SLOW_AFTER = 5.0
"""Seconds after which a job's place goes to another thread: longer than a call that goes well."""

MOST_THREADS = 1024
"""Past so many threads at once, further jobs wait however long the others take."""


@dataclass(slots=True)
class _InHand:
    began: float  # monotonic seconds
    connects: bool  # its device is being connected, and counts among those that are
    overdue_at: float | None = None
    slow: bool = False


class DeviceQueues:
    """The jobs of one host, queued and in hand, and how many threads they need.

    Whoever owns it locks it. `now` is monotonic seconds. `is_open` tells of a device whether a
    lease on it needs no connect; it must not block.
    """

    def __init__(self, places: int, connects: int, is_open: Callable[[DeviceId], bool]) -> None:
        self._places = places
        self._connects = connects
        self._is_open = is_open
        self._queued: dict[DeviceId, deque[Job]] = {}
        self._ready: deque[DeviceId] = deque()  # free, with something queued; longest first
        self._aside: deque[DeviceId] = deque()  # likewise, but for a connect that is not its turn
        self._connecting = 0
        self._served: dict[DeviceId, Job] = {}
        self._in_hand: dict[Job, _InHand] = {}  # those that were cut loose as well
        self._slow = 0
        self.threads = 0  # with a job, slow ones as well, or without

    @property
    def ready(self) -> bool:
        """Whether a device is free and has a job that can be taken."""
        return bool(self._ready)

    @property
    def in_hand(self) -> bool:
        """Whether any thread has a job."""
        return bool(self._in_hand)

    def put(self, job: Job) -> None:
        """Queue a job behind its device's others."""
        queue = self._queued.get(job.device)
        if queue is None:
            queue = self._queued[job.device] = deque()
            if job.device not in self._served:
                self._ready.append(job.device)
        queue.append(job)

    def take(self, now: float) -> Job | None:
        """Give the next free device's next job into a thread's hands; None where there is none."""
        while self._ready:
            device = self._ready.popleft()
            connects = not self._is_open(device)
            if connects and self._connecting >= self._connects:
                self._aside.append(device)
                continue
            self._connecting += connects
            queue = self._queued[device]
            job = self._served[device] = queue.popleft()
            if not queue:
                del self._queued[device]
            self._in_hand[job] = _InHand(now, connects)
            return job
        return None

    def guard(self, job: Job, until: float) -> None:
        """Note that the job's thread goes into a call that should return before `until`.

        Its device is connected then.
        """
        state = self._in_hand[job]
        state.overdue_at = until
        self._connected(state)

    def look(self, now: float) -> list[Job]:
        """Note what has become slow; tell once of each guarded call that is overdue."""
        overdue: list[Job] = []
        for job, state in self._in_hand.items():
            if not state.slow and now >= state.began + SLOW_AFTER:
                state.slow = True
                self._slow += 1
            if state.overdue_at is not None and now >= state.overdue_at:
                state.overdue_at = None
                overdue.append(job)
        return overdue

    def free(self, job: Job) -> None:
        """Let the job's device go on, unless it does so already, without this job."""
        if self._served.get(job.device) is not job:
            return
        del self._served[job.device]
        if job.device in self._queued:
            self._ready.append(job.device)

    def done(self, job: Job) -> None:
        """Take a job that is over out of its thread's hands."""
        state = self._in_hand.pop(job)
        self._slow -= state.slow
        self._connected(state)
        self.free(job)

    def _connected(self, state: _InHand) -> None:
        if not state.connects:
            return
        state.connects = False
        self._connecting -= 1
        if self._aside:
            self._ready.appendleft(self._aside.popleft())

    def flush(self, device: DeviceId) -> list[Job]:
        """Take out what is queued for a device."""
        if device in self._ready:
            self._ready.remove(device)
        if device in self._aside:
            self._aside.remove(device)
        return list(self._queued.pop(device, ()))

    def outstanding(self) -> list[Job]:
        """Every job that is queued, or in hand and not cut loose."""
        queued = [job for queue in self._queued.values() for job in queue]
        return [*queued, *self._served.values()]

    def hire(self) -> int:
        """Tell how many threads are missing, and count them as there."""
        missing = len(self._ready) - (self.threads - len(self._in_hand))
        places = min(self._places - (self.threads - self._slow), MOST_THREADS - self.threads)
        hired = max(0, min(missing, places))
        self.threads += hired
        return hired

    def dismiss(self) -> bool:
        """Tell whether a thread with empty hands is one too many, and no longer count it then."""
        if self.threads - self._slow <= self._places:
            return False
        self.threads -= 1
        return True
