"""The device queues beside a model: any order of jobs, threads, hours and cut calls."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.kit.examples import tries
from waheal.host.device_queues import SLOW_AFTER, DeviceQueues
from waheal.host.jobs import Job
from waheal.model import DeviceId
from waheal.wire import Connect

PLACES, CONNECTS = 2, 1
DEVICES = tuple(DeviceId(each) for each in "abcd")
SHUT = frozenset(DEVICES[2:])  # connected anew with each job


class QueuesMachine(RuleBasedStateMachine):
    """Threads are numbers: idle ones are a count, the others have a job in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.queues = DeviceQueues(PLACES, CONNECTS, lambda device: device not in SHUT)
        self.now = 0.0
        self.idle = 0
        self.waiting: dict[DeviceId, list[Job]] = {each: [] for each in DEVICES}
        self.hands: list[Job] = []
        self.began: dict[Job, float] = {}
        self.slow: set[Job] = set()
        self.cut: set[Job] = set()
        self.connecting: set[Job] = set()

    @rule(device=st.sampled_from(DEVICES))
    def puts(self, device: DeviceId) -> None:
        job = Job(Connect(device, "jid"), lambda _report: None)
        self.waiting[device].append(job)
        self.queues.put(job)
        self.idle += self.queues.hire()

    @precondition(lambda self: self.idle)
    @rule()
    def an_idle_thread_takes(self) -> None:
        self._take()

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def a_job_ends(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.hands))
        self.hands.remove(job)
        self.slow.discard(job)
        self.cut.discard(job)
        self.connecting.discard(job)
        self.queues.done(job)
        self.idle += 1
        if self.queues.dismiss():
            self.idle -= 1
        else:
            self.idle += self.queues.hire()
            self._take()

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def a_device_is_connected(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.hands))
        self.connecting.discard(job)
        self.queues.guard(job, self.now + 1e9)
        self.idle += self.queues.hire()

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def a_call_is_cut_loose(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.hands))
        self.cut.add(job)
        self.queues.free(job)
        self.idle += self.queues.hire()

    @rule(seconds=st.sampled_from([SLOW_AFTER / 4, SLOW_AFTER]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.queues.look(self.now)
        self.slow |= {job for job in self.hands if self.now >= self.began[job] + SLOW_AFTER}
        self.idle += self.queues.hire()

    @rule(device=st.sampled_from(DEVICES))
    def is_flushed(self, device: DeviceId) -> None:
        assert self.queues.flush(device) == self.waiting[device]
        self.waiting[device].clear()

    def _take(self) -> None:
        served = {job.device for job in self.hands if job not in self.cut}
        job = self.queues.take(self.now)
        if job is None:
            assert not self._takeable(served)
            return
        assert job.device not in served
        assert self.waiting[job.device].pop(0) is job
        self.idle -= 1
        self.hands.append(job)
        self.began[job] = self.now
        if job.device in SHUT:
            self.connecting.add(job)

    def _takeable(self, served: set[DeviceId]) -> int:
        """Count the devices whose next job can be taken: of those to be connected, so many."""
        ready = {device for device, queue in self.waiting.items() if queue} - served
        return len(ready - SHUT) + min(len(ready & SHUT), CONNECTS - len(self.connecting))

    @invariant()
    def no_more_are_connected_than_may_be(self) -> None:
        assert len(self.connecting) <= CONNECTS

    @invariant()
    def threads_are_counted(self) -> None:
        assert self.queues.threads == self.idle + len(self.hands)

    @invariant()
    def the_places_are_kept(self) -> None:
        assert self.idle + len(self.hands) - len(self.slow) <= PLACES

    @invariant()
    def no_ready_device_lacks_a_thread_while_there_is_a_place(self) -> None:
        served = {job.device for job in self.hands if job not in self.cut}
        ready = self._takeable(served)
        free = PLACES - (len(self.hands) - len(self.slow))
        assert self.queues.ready or not ready
        assert self.idle >= min(ready, free)

    @invariant()
    def nothing_is_lost(self) -> None:
        queued = [job for queue in self.waiting.values() for job in queue]
        whole = [job for job in self.hands if job not in self.cut]
        assert set(self.queues.outstanding()) == {*queued, *whole}


QueuesMachine.TestCase.settings = settings(max_examples=tries(150), stateful_step_count=40)
TestDeviceQueues = QueuesMachine.TestCase
