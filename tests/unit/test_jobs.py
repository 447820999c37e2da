"""A job's answer: exactly one, whoever gives it."""

import pytest

from tests.kit.sends import make_send
from waheal.host.arrivals import Arrivals
from waheal.host.jobs import Job
from waheal.host.replies import Replies
from waheal.model import Accepted, DeviceId, NotSent, Phone, Unknown
from waheal.wire import Answer, Connect, InboundText, Report, Returned

A = DeviceId("a")


def make(not_after: float | None = None) -> tuple[Job, list[Report]]:
    told: list[Report] = []
    send = make_send(7, A, "jid", attempt=2, not_after=not_after)
    return Job(send, told.append), told


def test_its_answer_names_the_attempt() -> None:
    job, told = make()
    assert job.enter(3.0, Replies(), Arrivals()) is None
    assert job.enter(5.0, Replies(), Arrivals()) is None
    job.settle(Accepted("id"))
    assert told == [Answer(7, 2, A, Accepted("id"), handed=5.0)]


def test_what_was_never_handed_to_the_library_says_so() -> None:
    job, told = make()
    job.settle(NotSent("does not connect"))
    assert told == [Answer(7, 2, A, NotSent("does not connect"))]


def test_a_call_that_was_cut_is_answered_first_and_returned_later() -> None:
    job, told = make()
    job.enter(0.0, Replies(), Arrivals())
    assert job.cut("hangs")
    assert not job.cut("hangs")
    job.settle(Accepted("id"))
    assert told == [
        Answer(7, 2, A, Unknown("hangs", running=True), handed=0.0),
        Returned(7, 2, A, Accepted("id")),
    ]


def test_only_what_is_inside_the_library_can_be_cut() -> None:
    job, told = make()
    assert not job.cut("hangs")
    job.enter(0.0, Replies(), Arrivals())
    job.settle(NotSent("x"))
    assert not job.cut("hangs")
    assert len(told) == 1


def test_a_job_that_was_cut_does_not_enter_again() -> None:
    job, _told = make()
    job.enter(0.0, Replies(), Arrivals())
    job.cut("the upload hangs")
    assert job.enter(0.0, Replies(), Arrivals()) is not None


def test_a_revocation_keeps_it_out() -> None:
    job, _told = make()
    job.revoke("opted out")
    assert job.enter(0.0, Replies(), Arrivals()) == "opted out"


@pytest.mark.parametrize(("now", "late"), [(99.0, False), (100.0, False), (100.1, True)])
def test_past_its_time_it_stays_out(now: float, late: bool) -> None:
    job, _told = make(not_after=100.0)
    assert (job.enter(now, Replies(), Arrivals()) is not None) is late


def test_only_a_send_settles() -> None:
    job = Job(Connect(A, "jid"), lambda _report: None)
    with pytest.raises(TypeError):
        job.settle(Accepted("id"))


def test_a_reply_that_the_claim_had_not_heard_keeps_it_out() -> None:
    job, _told = make()
    replies = Replies()
    replies.tell(InboundText(A, "1@lid", Phone("+15555550100"), "hi", 0.0), lambda _text: None)
    assert job.enter(0.0, replies, Arrivals()) == "the recipient wrote first"
    later = Job(make_send(7, A, "jid", heard=1), lambda _report: None)
    assert later.enter(0.0, replies, Arrivals()) is None


def test_what_was_kept_out_was_not_inside_the_library() -> None:
    job, _told = make()
    job.revoke("opted out")
    job.enter(0.0, Replies(), Arrivals())
    assert not job.cut("hangs")
