"""Whose turn it is: each device's jobs in order, each device with at most one thread.

So no thread ever waits for another's slot: a thread takes the next *device* that is free. Knows
nothing of what a job does.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition

from waheal.host.jobs import Job
from waheal.model import DeviceId


class Lanes:
    """The queues of all devices. `take` and `done` pair up; a job may be done by another thread."""

    def __init__(self) -> None:
        # Guards everything below; never held across I/O.
        self._changed = Condition()
        self._queues: dict[DeviceId, deque[Job]] = {}
        self._ready: deque[DeviceId] = deque()  # free, with something queued; longest first
        self._busy: dict[DeviceId, Job] = {}
        self._waiting = 0  # threads in `take`

    def put(self, job: Job) -> None:
        """Queue a job behind its device's others."""
        with self._changed:
            queue = self._queues.get(job.device)
            if queue is None:
                queue = self._queues[job.device] = deque()
                if job.device not in self._busy:
                    self._ready.append(job.device)
                    self._changed.notify()
            queue.append(job)

    def take(self, enough: Callable[[], bool]) -> Job | None:
        """Wait for the next free device's next job; None once `enough` says so (see `wake`)."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._ready or enough())
            self._waiting -= 1
            if enough():
                self._changed.notify()  # whatever woke this thread is another's to take
                return None
            device = self._ready.popleft()
            queue = self._queues[device]
            job = self._busy[device] = queue.popleft()
            if not queue:
                del self._queues[device]
            return job

    def done(self, job: Job) -> None:
        """Free the job's device, unless it was freed before (the watchdog does, for a cut call)."""
        with self._changed:
            if self._busy.get(job.device) is not job:
                return
            del self._busy[job.device]
            if job.device in self._queues:
                self._ready.append(job.device)
                self._changed.notify()

    def flush(self, device: DeviceId) -> list[Job]:
        """Take out what is queued for a device and not begun."""
        with self._changed:
            if device in self._ready:
                self._ready.remove(device)
            return list(self._queues.pop(device, ()))

    def outstanding(self) -> list[Job]:
        """Every job that is queued or under way."""
        with self._changed:
            queued = [job for queue in self._queues.values() for job in queue]
            return [*queued, *self._busy.values()]

    def short(self) -> bool:
        """Whether more devices are free to be served than threads wait for one."""
        with self._changed:
            return len(self._ready) > self._waiting

    def wake(self) -> None:
        """Let the waiting threads ask `enough` again."""
        with self._changed:
            self._changed.notify_all()
