"""What becomes of what waits for a device that WhatsApp refuses for a while."""

from tests.contract.fake import Hang
from tests.kit.host_rig import PATIENCE, Rig, jid_of
from waheal.model import Accepted, NotSent, Quarantine
from waheal.wire import Answer, Report


def test_a_limit_sends_back_what_is_queued_behind_it() -> None:
    rig = Rig(senders=1)
    rig.world.link(jid_of("1"))
    hang = Hang()
    rig.world.on_send(jid_of("1"), hang, "server returned error 429")
    for delivery in range(4):
        rig.send(delivery)
    assert hang.entered.wait(PATIENCE)
    hang.released.set()
    outcomes = [answer.outcome for _delivery, answer in sorted(rig.answers(4).items())]
    assert isinstance(outcomes[0], Accepted)
    assert isinstance(outcomes[1], NotSent)
    assert outcomes[1].quarantine is Quarantine.RATE_LIMITED
    assert [type(outcome) for outcome in outcomes[2:]] == [NotSent, NotSent]
    assert len(rig.world.sent) == 1


def test_what_comes_once_a_limit_was_told_is_not_sent_back_with_what_waited() -> None:
    rig = Rig(senders=1)
    rig.world.link(jid_of("1"))
    hang = Hang()
    rig.world.on_send(jid_of("1"), hang, "server returned error 429")

    def tell(report: Report) -> None:
        rig.tell(report)
        if isinstance(report, Answer) and report.delivery == 1:
            rig.send(3)

    rig.senders._out = tell
    for delivery in range(3):
        rig.send(delivery)
    assert hang.entered.wait(PATIENCE)
    hang.released.set()
    answers = rig.answers(4)
    assert isinstance(answers[2].outcome, NotSent)
    assert isinstance(answers[3].outcome, Accepted)
