"""Hearing: what reports mean for what is in flight, whatever their order."""

from math import inf
from random import Random

import pytest

from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, ONE, FakeHost, Stage, phone
from waheal.engine.claims import Claims
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flights
from waheal.engine.hearing import Hearing
from waheal.engine.hosts import Died, Heard
from waheal.engine.inbound import Inbound
from waheal.engine.landing import Landing
from waheal.engine.reconciliation import Reconciler
from waheal.engine.recycling import Recycling
from waheal.engine.repliers import Repliers
from waheal.engine.settings import RunSettings
from waheal.engine.suspects import Suspects
from waheal.engine.voting import Voting
from waheal.events import (
    DeviceHealed,
    DeviceHealing,
    DeviceQuarantined,
    Event,
    HostRestarted,
    Receipt,
    Settled,
)
from waheal.model import Accepted, NotSent, Quarantine, ReceiptKind, State, Unknown
from waheal.policy.optout import Words
from waheal.policy.pacing import Limits, Pace
from waheal.records import Confirmation, ReceiptEffect
from waheal.store.session_writer import stamp
from waheal.store.sessions import Sessions
from waheal.wire import (
    Answer,
    Healing,
    Health,
    InboundText,
    Offline,
    Online,
    Ready,
    ReceiptSeen,
    Report,
    Returned,
    Revoke,
    Send,
)

BOOT = "boot"


class Scene:
    """Two recipients in flight through one host that says nothing by itself."""

    def __init__(self, made: Stage, sessions: Sessions) -> None:
        made.acts = lambda _host, _command: None
        made.add(ONE)
        made.people(4)
        campaign = made.ledger.campaigns.find(CAMPAIGN)
        assert campaign is not None
        settings, chance = RunSettings(CAMPAIGN), Random(0)  # noqa: S311 - jitter
        self.made = made
        self.revoked: list[Revoke] = []
        self.fleet = Fleet(made.link(), 1, made.time.monotonic)
        self.fleet.start()
        self.chats = made.new_chats(settings)
        self.roster = made.roster(settings)
        self.flights = Flights(self.fleet, made.time.monotonic)
        self.hearing = Hearing(
            self.flights,
            Landing(
                made.ledger.outcomes,
                made.ledger.doubts,
                made.ledger.people,
                Reconciler(sessions, made.home.logs, BOOT),
                max_tries=3,
                random=chance,
            ),
            Inbound(
                made.ledger.outcomes,
                made.ledger.people,
                Repliers(made.ledger.replies, sessions, campaign.id, keep_texts=False),
                Voting(made.ledger.votes),
                sessions,
                Words(),
                campaign.id,
            ),
            self.roster,
            self.chats,
            self.fleet,
            Recycling(self.fleet, self.roster, 1000, made.time.monotonic),
            Suspects(self.fleet, self.roster),
        )
        self._claims = Claims(
            made.ledger.work,
            made.ledger.history,
            self.chats,
            sessions,
            campaign,
            self.roster,
            settings,
            None,
            boot=BOOT,
            random=chance,
        )
        self._claims.stamp = stamp(made.home.sessions_path)
        self.claims()

    def claims(self) -> None:
        """Claim and dispatch what can be."""
        with self.made.ledger.transaction():
            won = self._claims.take(NOW, 64, self.fleet.log_name).won
        for each in won:
            self.flights.dispatch(each, NOW)

    @property
    def host(self) -> FakeHost:
        return self.made.hosts[0]

    @property
    def sends(self) -> list[Send]:
        return [each for each in self.host.heard if isinstance(each, Send)]

    def hear(self, report: Report, host: FakeHost | None = None) -> list[Event]:
        with self.made.ledger.transaction():
            return self.hearing.hear([Heard(host or self.host, report)], NOW, self.revoked)

    def buries(self, host: FakeHost) -> list[Event]:
        host.kill()
        with self.made.ledger.transaction():
            return self.hearing.hear([Died(host, "killed by signal 9")], NOW, self.revoked)

    def answer(self, send: Send, outcome: Accepted | NotSent | Unknown) -> list[Event]:
        return self.hear(Answer(send.delivery, send.attempt, send.device, outcome))

    def ok(self, send: Send) -> list[Event]:
        return self.answer(send, Accepted(self.made.leaves(send)))


@pytest.fixture
def scene(made: Stage, sessions: Sessions) -> Scene:
    return Scene(made, sessions)


def states(events: list[Event]) -> list[State]:
    return [each.state for each in events if isinstance(each, Settled | Receipt)]


def test_an_answer_ends_its_flight(scene: Scene) -> None:
    first, _ = scene.sends
    assert states(scene.ok(first)) == [State.SENT]
    assert len(scene.flights) == 1
    assert scene.hearing.unanswered == {(ONE, "ID-1-1")}


def test_a_second_answer_means_nothing(scene: Scene) -> None:
    first, _ = scene.sends
    scene.ok(first)
    assert scene.answer(first, NotSent("a lie")) == []
    assert scene.made.states()[phone(0)] is State.SENT


def test_an_answer_of_an_earlier_attempt_means_nothing(scene: Scene) -> None:
    first, _ = scene.sends
    assert scene.hear(Answer(first.delivery, 99, ONE, Accepted("OTHER"))) == []
    assert len(scene.flights) == 2


def paced(scene: Scene) -> Pace:
    """Give the device a limit of one a minute, which its first claim counts for."""
    member = scene.roster.get(ONE)
    assert member is not None
    member.pace = Limits(per_minute=1, burst=True).pace([])
    member.pace.note(NOW)
    return member.pace


def test_what_is_cut_loose_may_leave_until_its_call_is_over(scene: Scene) -> None:
    pace, (first, _) = paced(scene), scene.sends
    scene.answer(first, Unknown("hangs", running=True))
    assert pace.allowed_at(NOW) == inf
    scene.hear(Returned(first.delivery, first.attempt, ONE, Accepted(scene.made.leaves(first))))
    assert pace.allowed_at(NOW) == NOW + 60


def test_what_is_cut_loose_is_over_with_its_host(scene: Scene) -> None:
    pace, (first, _) = paced(scene), scene.sends
    pace.note(NOW)  # the second one, which never left
    scene.made.leaves(first)
    scene.answer(first, Unknown("hangs", running=True))
    scene.buries(scene.host)
    assert pace.allowed_at(NOW) == NOW + 60


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        (NotSent("429", counts=True), 60.0),
        (NotSent("websocket not connected"), 0.0),
    ],
)
def test_limits_count_what_the_server_refused_and_not_what_never_left(
    scene: Scene, outcome: NotSent, seconds: float
) -> None:
    pace, (first, _) = paced(scene), scene.sends
    scene.answer(first, outcome)
    assert pace.allowed_at(NOW) == NOW + seconds


def test_a_receipt_that_overtakes_its_answer_is_told_after_it(scene: Scene) -> None:
    first, _ = scene.sends
    message_id = scene.made.leaves(first)
    assert scene.hear(ReceiptSeen(ONE, (message_id,), ReceiptKind.READ)) == []
    assert states(scene.answer(first, Accepted(message_id))) == [State.SENT, State.READ]
    assert scene.hearing.unanswered == set()


def test_receipts_that_follow_each_other_are_taken_in_together(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = scene.sends
    one, two = (scene.made.leaves(each) for each in (first, second))
    taken: list[list[str]] = []
    real = scene.made.ledger.outcomes.receipts

    def watched(seen: list[Confirmation], now: float) -> list[ReceiptEffect]:
        taken.append([each.message_id for each in seen])
        return real(seen, now)

    monkeypatch.setattr(scene.made.ledger.outcomes, "receipts", watched)
    said: list[Report] = [
        Answer(first.delivery, first.attempt, ONE, Accepted(one)),
        ReceiptSeen(ONE, (one,), ReceiptKind.DELIVERED),
        Answer(second.delivery, second.attempt, ONE, Accepted(two)),
        ReceiptSeen(ONE, (one, two), ReceiptKind.READ),
        Health(1, 1),
        ReceiptSeen(ONE, (two,), ReceiptKind.DELIVERED),
    ]
    with scene.made.ledger.transaction():
        heard = [Heard(scene.host, each) for each in said]
        told = scene.hearing.hear(heard, NOW, scene.revoked)
    assert taken == [[one, one, two], [two]]
    assert states(told) == [State.SENT, State.SENT, State.DELIVERED, State.READ, State.READ]


def test_a_receipt_that_overtakes_a_late_end_is_told_with_it(scene: Scene) -> None:
    first, _ = scene.sends
    scene.answer(first, Unknown("hangs", running=True))
    message_id = scene.made.leaves(first)
    scene.hear(ReceiptSeen(ONE, (message_id,), ReceiptKind.DELIVERED))
    late = Returned(first.delivery, first.attempt, ONE, Accepted(message_id))
    assert states(scene.hear(late)) == [State.DELIVERED]


def test_a_call_cut_loose_frees_its_device_and_stays_known(scene: Scene) -> None:
    first, second = scene.sends
    scene.answer(first, Unknown("hangs", running=True))
    member = scene.roster.get(ONE)
    assert member is not None
    assert member.in_flight == 1
    late = Returned(first.delivery, first.attempt, ONE, NotSent("not connected"))
    scene.hear(late)
    assert scene.made.states()[first.phone] is State.PENDING
    assert scene.hear(late) == []
    assert scene.made.states()[second.phone] is State.SENDING


def test_a_dead_host_is_buried_once_and_replaced(scene: Scene) -> None:
    first, second = scene.sends
    scene.made.leaves(first)
    host = scene.host
    events = scene.buries(host)
    assert states(events) == [State.UNCERTAIN, State.PENDING]
    assert [each.in_doubt for each in events if isinstance(each, HostRestarted)] == [2]
    assert len(scene.flights) == 0
    assert scene.buries(host) == []
    assert len(scene.made.hosts) == 2
    assert scene.made.states()[second.phone] is State.PENDING
    member = scene.roster.get(ONE)
    assert member is not None
    assert member.in_flight == 0  # its device goes on in the next host


def test_a_late_end_from_a_host_that_was_replaced_means_nothing(scene: Scene) -> None:
    first, _ = scene.sends
    scene.made.leaves(first)
    scene.answer(first, Unknown("hangs", running=True))
    scene.buries(scene.host)
    late = Returned(first.delivery, first.attempt, ONE, NotSent("not connected"))
    assert scene.hear(late) == []
    assert scene.made.states()[first.phone] is State.UNCERTAIN


def test_a_call_cut_loose_is_over_when_its_host_is_dead(scene: Scene) -> None:
    first, _ = scene.sends
    scene.answer(first, Unknown("hangs", running=True))
    scene.buries(scene.host)
    assert scene.made.states()[first.phone] is State.PENDING  # the evidence: nothing left


def test_an_opt_out_revokes_what_is_on_its_way(scene: Scene) -> None:
    first, _ = scene.sends
    scene.hear(InboundText(ONE, "", first.phone, "stop", NOW))
    assert scene.revoked == [Revoke(phones=frozenset({first.phone}))]
    events = scene.answer(first, NotSent("revoked: the recipient opted out"))
    assert states(events) == [State.SUPPRESSED]


def test_a_claim_tells_its_host_how_many_of_its_texts_were_heard(scene: Scene) -> None:
    first, _ = scene.sends
    assert first.heard == 0
    for words in ("hi", "who is this?"):
        scene.hear(InboundText(ONE, "9@lid", None, words, NOW))
    scene.answer(first, NotSent("the recipient wrote first"))
    scene.claims()
    assert scene.sends[-1].heard == 2
    scene.buries(scene.host)
    scene.claims()
    sends = [each for each in scene.made.hosts[-1].heard if isinstance(each, Send)]
    assert sends[-1].heard == 0  # another process, which has told nothing


def test_a_claim_tells_its_host_whose_lid_is_known(scene: Scene) -> None:
    first, second = scene.sends
    assert (first.lid, second.lid) == (None, None)
    scene.made.sessions.map("77", first.phone.removeprefix("+"))
    scene.answer(first, NotSent("the recipient wrote first"))
    scene.claims()
    assert [each.lid for each in scene.sends if each.phone == first.phone] == [None, "77@lid"]


def test_a_device_that_is_gone_gives_its_recipients_back(scene: Scene) -> None:
    first, _ = scene.sends
    (told,) = scene.hear(Offline(ONE, "logged out", Quarantine.LOGGED_OUT))
    assert isinstance(told, DeviceQuarantined)
    scene.answer(first, NotSent("logged out"))
    (due, *_) = scene.made.ledger.work.due(scene.made.campaign, None, NOW, 9)
    assert due.phone == first.phone


def test_a_devices_heal_is_told_and_its_first_connect_is_not(scene: Scene) -> None:
    assert scene.hear(Healing(ONE, "lost")) == [DeviceHealing(ONE, "lost")]
    assert scene.hear(Online(ONE, 0.5, "lost", rebuilt=True)) == [DeviceHealed(ONE, 0.5, "lost")]
    assert scene.hear(Online(ONE, 0.5, "", rebuilt=True)) == []


def test_words_that_need_nothing_done_are_heard(scene: Scene) -> None:
    assert scene.hear(Ready(1, "0.5.2")) == []
