"""Lanes: whose turn it is."""

from waheal.host.jobs import Job
from waheal.host.lanes import Lanes
from waheal.model import DeviceId
from waheal.wire import Connect


def job(device: str) -> Job:
    return Job(Connect(DeviceId(device), "jid"), lambda _report: None)


def never() -> bool:
    return False


def test_devices_take_turns_and_each_keeps_its_order() -> None:
    lanes = Lanes()
    a1, a2, b1 = job("a"), job("a"), job("b")
    for each in (a1, a2, b1):
        lanes.put(each)
    assert lanes.take(never) is a1
    assert lanes.take(never) is b1  # a is busy
    lanes.done(a1)
    assert lanes.take(never) is a2


def test_a_busy_device_is_not_served_by_a_second_thread() -> None:
    lanes = Lanes()
    first = job("a")
    lanes.put(first)
    lanes.take(never)
    lanes.put(job("a"))
    assert not lanes.short()
    lanes.done(first)
    assert lanes.short()


def test_a_job_that_was_freed_before_frees_nothing_again() -> None:
    lanes = Lanes()
    cut, following = job("a"), job("a")
    lanes.put(cut)
    lanes.take(never)
    lanes.put(following)
    lanes.done(cut)  # by the watchdog
    assert lanes.take(never) is following
    lanes.put(job("a"))
    lanes.done(cut)  # by its own thread, late
    assert not lanes.short()


def test_flushing_takes_what_is_queued_and_leaves_what_is_under_way() -> None:
    lanes = Lanes()
    first, second, other = job("a"), job("a"), job("b")
    for each in (first, second, other):
        lanes.put(each)
    lanes.take(never)
    assert lanes.flush(DeviceId("a")) == [second]
    assert lanes.flush(DeviceId("a")) == []
    assert lanes.outstanding() == [other, first]
    lanes.done(first)
    assert lanes.take(never) is other


def test_a_thread_that_is_not_needed_takes_nothing() -> None:
    lanes = Lanes()
    lanes.put(job("a"))
    assert lanes.take(lambda: True) is None
    assert lanes.short()
