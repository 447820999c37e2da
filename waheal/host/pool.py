"""The threads that serve the device queues; knows neither what a job does nor whose turn it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, Thread

from waheal.host.device_queues import DeviceQueues
from waheal.host.jobs import Job
from waheal.model import DeviceId

_LOOK = 1.0  # seconds between looks at the jobs in hand


class Pool:
    """At most `places` threads besides those with a slow job, started as they are needed.

    At most `connects` of them have a device that has to be connected; `is_open` tells which has not
    to be, and must not block.
    `serve` does a job. `overdue` is told, on the watchdog's thread, of a job whose guarded call
    did not return, and must not block. Either may fail only by a fault of waheal's own, which ends
    the process.
    """

    def __init__(
        self,
        places: int,
        connects: int,
        is_open: Callable[[DeviceId], bool],
        serve: Callable[[Job], None],
        overdue: Callable[[Job], None],
        now: Callable[[], float],
    ) -> None:
        self._serve = serve
        self._overdue = overdue
        self._now = now
        self._queues = DeviceQueues(places, connects, is_open)
        # Guards _queues; never held across I/O, nor while a job is served or anyone is told.
        self._lock = Lock()
        self._ready = Condition(self._lock)  # a device has become ready: for idle threads
        self._taken = Condition(self._lock)  # a job is in hand: for the watchdog

    def start(self) -> None:
        """Begin to watch; threads come with the jobs."""
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    def threads(self) -> int:
        """Count the threads there are, those with a slow job included."""
        return self._queues.threads

    def put(self, job: Job) -> None:
        """Queue a job, and see to it that somebody takes it."""
        with self._changing() as queues:
            queues.put(job)

    def guard(self, job: Job, seconds: float) -> None:
        """From now on the job has so many seconds to end, or to be guarded again."""
        with self._changing() as queues:
            queues.guard(job, self._now() + seconds)

    def free(self, job: Job) -> None:
        """Let the device of a job that was cut loose go on, on another thread."""
        with self._changing() as queues:
            queues.free(job)

    def flush(self, device: DeviceId) -> list[Job]:
        """Take out what is queued for a device."""
        with self._lock:
            return self._queues.flush(device)

    def outstanding(self) -> list[Job]:
        """Every job that is queued, or in hand and not cut loose."""
        with self._lock:
            return self._queues.outstanding()

    def check(self) -> None:
        """Give slow jobs' places to fresh threads, and tell of calls that are overdue."""
        with self._changing() as queues:
            overdue = queues.look(self._now())
        for job in overdue:
            self._overdue(job)

    @contextmanager
    def _changing(self) -> Iterator[DeviceQueues]:
        """Change whose turn it is; somebody takes what has become ready by it."""
        with self._lock:
            yield self._queues
            if self._queues.ready:
                self._ready.notify()
            hired = self._queues.hire()
        self._hire(hired)

    def _hire(self, threads: int) -> None:
        for _ in range(threads):
            Thread(target=self._run, name="sender", daemon=True).start()

    def _run(self) -> None:
        job: Job | None = None
        while (job := self._next(job)) is not None:
            self._serve(job)

    def _next(self, done: Job | None) -> Job | None:
        """Hand a job back and wait for the next; None where this thread is one too many."""
        if done is not None:
            with self._lock:
                self._queues.done(done)
                if self._queues.dismiss():
                    self._ready.notify()  # its device, if that is ready, is another's to take
                    return None
                hired = self._queues.hire()  # for who waited for this one's connect
            self._hire(hired)
        with self._lock:
            while (job := self._queues.take(self._now())) is None:
                self._ready.wait()
            self._taken.notify()
            return job

    def _watch(self) -> None:
        while True:
            with self._lock:
                self._taken.wait_for(lambda: self._queues.in_hand)  # nothing to do, no timer
            time.sleep(_LOOK)
            self.check()
