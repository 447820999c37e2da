"""The pool's threads: who serves, who waits, and what the watchdog tells them."""

import threading
import time
from collections import defaultdict

from waheal.host.device_queues import SLOW_AFTER
from waheal.host.jobs import Job
from waheal.host.pool import Pool
from waheal.model import DeviceId
from waheal.wire import Connect

PATIENCE = 60.0


class Rig:
    """A pool whose jobs for a device in `hanging` end when they are let go."""

    def __init__(self, places: int) -> None:
        self.now = 0.0
        self.hanging: dict[DeviceId, threading.Event] = {}
        self.begun: dict[DeviceId, list[Job]] = defaultdict(list)
        self.ended: list[Job] = []
        self.overdue: list[Job] = []
        self.crowd: list[int] = []  # how many were served at once, whenever one began
        self._serving = 0
        self._changed = threading.Condition()  # guards all of the above
        self.pool = Pool(
            places, places, lambda _: True, self._serve, self.overdue.append, lambda: self.now
        )

    def put(self, *devices: str) -> list[Job]:
        jobs = [Job(Connect(DeviceId(each), "jid"), lambda _report: None) for each in devices]
        for job in jobs:
            self.pool.put(job)
        return jobs

    def hang(self, device: str) -> threading.Event:
        return self.hanging.setdefault(DeviceId(device), threading.Event())

    def wait(self, ended: int = 0, begun: int = 0) -> None:
        def enough() -> bool:
            return len(self.ended) >= ended and sum(map(len, self.begun.values())) >= begun

        with self._changed:
            assert self._changed.wait_for(enough, PATIENCE), (self.begun, self.ended)

    def _serve(self, job: Job) -> None:
        with self._changed:
            self.begun[job.device].append(job)
            self._serving += 1
            self.crowd.append(self._serving)
            self._changed.notify_all()
        if job.device in self.hanging:
            self.hanging[job.device].wait(PATIENCE)
        with self._changed:
            self._serving -= 1
            self.ended.append(job)
            self._changed.notify_all()


def test_every_job_is_served_once_and_each_device_in_order_whoever_puts_it() -> None:
    rig = Rig(places=4)
    put: dict[str, list[Job]] = {}

    def fill(device: str) -> None:
        put[device] = rig.put(*[device] * 100)

    fillers = [threading.Thread(target=fill, args=(f"d{number}",)) for number in range(8)]
    for filler in fillers:
        filler.start()
    for filler in fillers:
        filler.join()
    rig.wait(ended=800)
    assert dict(rig.begun) == put
    assert max(rig.crowd) <= 4
    assert rig.pool.threads() <= 4


def test_no_thread_comes_before_a_job_nor_beside_an_idle_one() -> None:
    rig = Rig(places=4)
    assert rig.pool.threads() == 0
    for number in range(5):
        rig.put("a")
        rig.wait(ended=number + 1)
    assert rig.pool.threads() == 1


def test_a_slow_job_gives_its_place_away() -> None:
    rig = Rig(places=1)
    hang = rig.hang("a")
    rig.put("a", "b")
    rig.wait(begun=1)
    rig.now += SLOW_AFTER
    rig.pool.check()
    rig.wait(ended=1)
    assert DeviceId("b") in rig.begun
    hang.set()
    rig.wait(ended=2)
    deadline = time.monotonic() + PATIENCE
    while rig.pool.threads() > 1 and time.monotonic() < deadline:
        time.sleep(0.01)  # a bounded wait: threads end on their own
    assert rig.pool.threads() == 1


def test_a_device_that_was_freed_goes_on_beside_its_stuck_job() -> None:
    rig = Rig(places=2)
    hang = rig.hang("a")
    stuck, following = rig.put("a", "a")
    rig.wait(begun=1)
    rig.pool.guard(stuck, 5.0)
    rig.now += 5.0
    rig.pool.check()
    assert rig.overdue == [stuck]
    rig.pool.free(stuck)
    rig.wait(begun=2)
    assert rig.begun[DeviceId("a")] == [stuck, following]
    hang.set()
    rig.wait(ended=2)


def test_the_watchdog_looks_by_itself() -> None:
    rig = Rig(places=1)
    rig.pool.start()
    hang = rig.hang("a")
    rig.put("a", "b")
    rig.wait(begun=1)
    rig.now += SLOW_AFTER
    rig.wait(begun=2)
    hang.set()
    rig.wait(ended=2)


def test_a_thread_that_is_one_too_many_passes_its_device_on() -> None:
    rig = Rig(places=1)
    stuck = rig.hang("a")
    rig.put("a")
    rig.wait(begun=1)
    rig.now = SLOW_AFTER
    rig.pool.check()
    rig.put("b")
    rig.wait(ended=1)  # on a second thread, which is idle now
    rig.put("a")
    stuck.set()
    rig.wait(ended=3)
    assert rig.pool.threads() == 1
