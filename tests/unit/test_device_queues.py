"""The device queues: whose turn it is, which job is slow, how many threads are needed."""

from waheal.host.device_queues import MOST_THREADS, SLOW_AFTER, DeviceQueues
from waheal.host.jobs import Job
from waheal.model import DeviceId
from waheal.wire import Connect


def job(device: str) -> Job:
    return Job(Connect(DeviceId(device), "jid"), lambda _report: None)


def queued(*jobs: Job, places: int = 4, connects: int = 4, shut: str = "") -> DeviceQueues:
    """Queue jobs of devices that are open, all but those in `shut`, a letter each."""
    queues = DeviceQueues(places, connects, lambda device: device not in shut)
    for each in jobs:
        queues.put(each)
    return queues


def test_devices_take_turns_and_each_keeps_its_order() -> None:
    a1, a2, b1 = job("a"), job("a"), job("b")
    queues = queued(a1, a2, b1)
    assert queues.take(0.0) is a1
    assert queues.take(0.0) is b1  # a is not free
    queues.done(a1)
    assert queues.take(0.0) is a2


def test_a_device_that_is_served_is_not_ready() -> None:
    first = job("a")
    queues = queued(first)
    queues.take(0.0)
    queues.put(job("a"))
    assert not queues.ready
    assert queues.take(0.0) is None
    queues.done(first)
    assert queues.ready


def test_a_job_that_was_cut_loose_frees_its_device_once() -> None:
    cut, following = job("a"), job("a")
    queues = queued(cut, following)
    queues.take(0.0)
    queues.free(cut)
    assert queues.take(0.0) is following
    queues.put(job("a"))
    queues.done(cut)  # late
    assert not queues.ready


def test_flushing_takes_what_is_queued_and_leaves_what_is_in_hand() -> None:
    first, second, other = job("a"), job("a"), job("b")
    queues = queued(first, second, other)
    queues.take(0.0)
    assert queues.flush(DeviceId("a")) == [second]
    assert queues.flush(DeviceId("a")) == []
    assert queues.outstanding() == [other, first]
    queues.done(first)
    assert queues.take(0.0) is other


def test_what_was_cut_loose_is_no_longer_outstanding() -> None:
    first = job("a")
    queues = queued(first)
    queues.take(0.0)
    queues.free(first)
    assert queues.outstanding() == []
    assert queues.in_hand


def test_a_device_without_jobs_can_be_flushed() -> None:
    queues = queued(job("a"))
    queues.flush(DeviceId("a"))
    assert not queues.ready
    assert queues.hire() == 0


# Threads.


def test_a_thread_is_hired_for_each_ready_device_up_to_the_places() -> None:
    queues = queued(job("a"), job("a"), job("b"), job("c"), places=2)
    assert queues.hire() == 2
    assert queues.hire() == 0
    assert queues.threads == 2


def test_nobody_is_hired_while_a_thread_has_empty_hands() -> None:
    first = job("a")
    queues = queued(first)
    assert queues.hire() == 1
    queues.take(0.0)
    queues.done(first)
    queues.put(job("b"))
    assert queues.hire() == 0


def test_a_slow_job_gives_its_place_away_and_its_thread_leaves_in_the_end() -> None:
    first, second = job("a"), job("b")
    queues = queued(first, second, places=1)
    assert queues.hire() == 1
    queues.take(0.0)
    assert queues.hire() == 0
    queues.look(SLOW_AFTER)
    assert queues.hire() == 1
    assert queues.take(SLOW_AFTER) is second
    queues.done(first)
    assert queues.dismiss()
    queues.done(second)
    assert not queues.dismiss()
    assert queues.threads == 1


def test_a_slow_job_counts_once() -> None:
    queues = queued(job("a"), *(job(f"b{number}") for number in range(9)), places=1)
    queues.hire()
    queues.take(0.0)
    for times in (1, 2, 3):
        queues.look(times * SLOW_AFTER)
    assert queues.hire() == 1


def test_a_quick_job_keeps_its_place() -> None:
    queues = queued(job("a"), job("b"), places=1)
    queues.hire()
    queues.take(0.0)
    queues.look(SLOW_AFTER - 0.1)
    assert queues.hire() == 0


def test_there_is_an_end_to_threads() -> None:
    queues = queued(*(job(str(number)) for number in range(MOST_THREADS + 9)))
    now = 0.0
    while hired := queues.hire():
        for _ in range(hired):
            queues.take(now)
        now += SLOW_AFTER
        queues.look(now)
    assert queues.threads == MOST_THREADS


# Connects.


def test_no_more_devices_are_connected_at_once_than_may_be_and_the_others_go_on() -> None:
    a, b, c, up = (job(each) for each in "abcu")
    queues = queued(a, b, c, up, connects=2, shut="abc")
    assert [queues.take(0.0) for _ in range(4)] == [a, b, up, None]
    assert not queues.ready
    assert queues.outstanding() == [c, a, b, up]


def test_who_waits_for_a_connect_has_no_thread_and_is_not_slow() -> None:
    first = job("a")
    queues = queued(first, job("b"), places=4, connects=1, shut="ab")
    queues.hire()
    assert queues.take(0.0) is first
    assert queues.take(0.0) is None
    threads = queues.threads
    queues.look(100 * SLOW_AFTER)
    assert queues.hire() == 0
    assert queues.threads == threads


def test_a_device_that_is_connected_lets_the_next_one_connect_while_it_sends() -> None:
    first, second, third = job("a"), job("b"), job("c")
    queues = queued(first, second, third, connects=1, shut="abc")
    queues.take(0.0)
    assert queues.take(0.0) is None
    queues.guard(first, 90.0)  # in the library: its lease is there
    assert queues.take(0.0) is second
    assert queues.take(0.0) is None
    queues.guard(first, 90.0)  # another call of the same job counts no second time
    assert queues.take(0.0) is None
    queues.done(second)  # it could not be connected
    assert queues.take(0.0) is third


def test_who_waited_for_a_connect_can_be_flushed_and_comes_before_later_ones() -> None:
    first, gone, waited, later = (job(each) for each in "abcd")
    queues = queued(first, gone, waited, connects=1, shut="abcd")
    queues.take(0.0)
    assert queues.take(0.0) is None
    assert queues.flush(DeviceId("b")) == [gone]
    queues.put(later)
    queues.done(first)
    assert queues.take(0.0) is waited


# Guarded calls.


def test_a_guarded_call_is_overdue_once_and_only_then() -> None:
    call = job("a")
    queues = queued(call)
    queues.take(0.0)
    queues.guard(call, 100.0)
    told = {now: queues.look(now) for now in (10.0, 99.0, 100.0, 101.0)}
    assert told == {10.0: [], 99.0: [], 100.0: [call], 101.0: []}


def test_a_guard_that_is_set_anew_counts_from_there() -> None:
    call = job("a")
    queues = queued(call)
    queues.take(0.0)
    queues.guard(call, 90.0)
    queues.guard(call, 170.0)
    assert queues.look(100.0) == []
    assert queues.look(170.0) == [call]


def test_a_call_that_is_over_is_never_overdue() -> None:
    call = job("a")
    queues = queued(call)
    queues.take(0.0)
    queues.guard(call, 1.0)
    queues.done(call)
    assert queues.look(9.0) == []
    assert not queues.in_hand
