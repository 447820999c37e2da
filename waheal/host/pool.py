"""Threads that take jobs from the lanes; knows nothing of what a job does.

A job that takes long gives its place to a fresh thread, so that calls that hang starve nobody.
"""

from collections.abc import Callable
from threading import Lock, Thread

from waheal.host.jobs import Job
from waheal.host.lanes import Lanes
from waheal.host.watchdog import Watchdog

SLOW_AFTER = 1.0
"""Seconds after which a job's place goes to another thread."""

MOST_THREADS = 1024
"""Past so many threads at once, further jobs wait however long the others take."""


class Pool:
    """At most `places` threads that are not stuck, started as they are needed.

    `serve` does a job; `overdue` is told, on the watchdog's thread, of a job whose guarded call
    did not return. Either may fail only by a fault of waheal's own, which ends the process.
    """

    def __init__(
        self,
        places: int,
        lanes: Lanes,
        serve: Callable[[Job], None],
        overdue: Callable[[Job], None],
        now: Callable[[], float],
    ) -> None:
        self._places = places
        self._lanes = lanes
        self._serve = serve
        self.watchdog: Watchdog[Job] = Watchdog(SLOW_AFTER, self._stuck, overdue, now)
        self._lock = Lock()  # guards the two counters; no I/O
        self._threads = 0
        self._slow = 0

    def start(self) -> None:
        """Begin to watch; threads come with the jobs."""
        self.watchdog.start()

    def threads(self) -> int:
        """Count the threads there are, stuck ones included."""
        return self._threads

    def put(self, job: Job) -> None:
        """Queue a job, and see to it that somebody takes it."""
        self._lanes.put(job)
        self._grow()

    def free(self, job: Job) -> None:
        """Let the job's device go on, with another thread if this job keeps its own."""
        self._lanes.done(job)
        self._grow()

    def _grow(self) -> None:
        """Start a thread where one is missing and there is a place for it."""
        if not self._lanes.short():
            return
        with self._lock:
            if self._threads - self._slow >= self._places or self._threads >= MOST_THREADS:
                return
            self._threads += 1
        Thread(target=self._run, name="sender", daemon=True).start()

    def _run(self) -> None:
        while True:
            job = self._lanes.take(self._too_many)
            if job is not None:
                self._do(job)
            elif self._leave():
                self._grow()  # in case that two left for one
                return

    def _do(self, job: Job) -> None:
        self.watchdog.begin(job)
        try:
            self._serve(job)
        finally:
            was_slow = self.watchdog.end(job)
            if was_slow:
                with self._lock:
                    self._slow -= 1
            self.free(job)
            if was_slow:
                self._lanes.wake()  # it is back: one with nothing in hand may leave

    def _too_many(self) -> bool:
        return self._threads - self._slow > self._places

    def _leave(self) -> bool:
        with self._lock:
            if not self._too_many():
                return False
            self._threads -= 1
            return True

    def _stuck(self, _job: Job) -> None:
        """Give a slow job's place to a fresh thread."""
        with self._lock:
            self._slow += 1
        self._grow()
