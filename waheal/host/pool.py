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
        self._lock = Lock()  # guards the three counters; no I/O
        self._threads = 0
        self._idle = 0
        self._slow = 0

    def start(self) -> None:
        """Begin to watch; threads come with the jobs."""
        self.watchdog.start()

    def put(self, job: Job) -> None:
        """Queue a job, and see to it that somebody takes it."""
        self._lanes.put(job)
        with self._lock:
            grow = self._idle == 0 and self._may_grow()
            if grow:
                self._threads += 1
        if grow:
            self._spawn()

    def _may_grow(self) -> bool:
        return self._threads - self._slow < self._places and self._threads < MOST_THREADS

    def _spawn(self) -> None:
        Thread(target=self._run, name="sender", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            job = self._lanes.take(self._enough)
            with self._lock:
                self._idle -= 1
                if job is None:
                    self._threads -= 1
                    return
            self.watchdog.begin(job)
            try:
                self._serve(job)
            finally:
                was_slow = self.watchdog.end(job)
                self._lanes.done(job)
                if was_slow:
                    self._freed()

    def _enough(self) -> bool:
        """Whether a thread that has nothing in hand should end: a stuck one came back."""
        return self._threads - self._slow > self._places

    def _stuck(self, _job: Job) -> None:
        """Give a slow job's place to a fresh thread."""
        with self._lock:
            self._slow += 1
            grow = self._idle == 0 and self._may_grow()
            if grow:
                self._threads += 1
        if grow:
            self._spawn()

    def _freed(self) -> None:
        with self._lock:
            self._slow -= 1
        self._lanes.wake()
