"""Landings: how each end of a flight is written, on time or late."""

from dataclasses import dataclass, replace
from random import Random

import pytest

from tests.kit.ledgers import NOW, jid_of
from tests.kit.sends import send_of
from tests.kit.stage import CAMPAIGN, ONE, FakeHost, Stage, phone
from waheal.engine.claims import Won
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flight, Flights
from waheal.engine.hosts import HostInbox
from waheal.engine.landing import Landing
from waheal.engine.reconciliation import Reconciler
from waheal.engine.scheduler import Member
from waheal.model import Accepted, NotSent, Outcome, Rejected, State, Unknown
from waheal.policy.pacing import Limits
from waheal.records import Leftover, Origin, Resolution, Want
from waheal.store.session_writer import stamp
from waheal.store.sessions import Sessions, fingerprint

BOOT, LOG = "boot", "host.log"


@dataclass
class Scene:
    made: Stage
    landing: Landing
    flight: Flight

    def land(self, outcome: Outcome) -> State | None:
        (settled,) = self.landing.land([(self.flight, outcome)], NOW)
        return None if settled is None else settled.state

    def leaves(self) -> str:
        return self.made.leaves(send_of(self.flight.claim))

    @property
    def state(self) -> State:
        return self.made.states()[phone(0)]


@pytest.fixture
def scene(made: Stage, sessions: Sessions) -> Scene:
    made.add(ONE)
    made.people(1)
    made.home.logs.mkdir(exist_ok=True)
    (made.home.logs / LOG).touch()
    reconciler = Reconciler(sessions, made.home.logs, BOOT)
    chance = Random(0)  # noqa: S311 - jitter
    ledger = made.ledger
    landing = Landing(
        ledger.outcomes, ledger.doubts, ledger.people, reconciler, max_tries=3, random=chance
    )
    return Scene(made, landing, flight(made, stamp(made.home.sessions_path)))


def flight(made: Stage, run: str, tries: int = 0) -> Flight:
    campaign = made.ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    (due,) = made.ledger.work.due(campaign.id, None, NOW, 1)
    want = Want(
        due.delivery,
        ONE,
        jid_of(ONE),
        None,
        Origin(BOOT, LOG, fingerprint(ONE.encode().ljust(32)), run),
    )
    (claim,), _ = made.ledger.work.claim(campaign, [want], now=NOW)
    member = Member(ONE, jid_of(ONE), 0, Limits().pace(()), 0, own=True)
    host = FakeHost(0, made.home.logs / LOG, HostInbox(), made.obey, made.home.sessions_path)
    return Flight(claim, member, host, tries, NOW, 0.0)


def test_an_ok_with_a_ciphertext_is_sent(scene: Scene) -> None:
    assert scene.land(Accepted(scene.leaves())) is State.SENT


def test_an_ok_without_a_ciphertext_is_tried_again_a_bounded_number_of_times(
    scene: Scene,
) -> None:
    assert scene.land(Accepted("EMPTY")) is State.PENDING
    row = next(scene.made.ledger.recipients.rows(scene.made.campaign))
    assert row.message_id is None


def test_what_was_not_sent_is_due_again(scene: Scene) -> None:
    assert scene.land(NotSent("websocket not connected")) is State.PENDING
    assert scene.made.ledger.work.due(scene.made.campaign, None, NOW, 1)


def test_a_refusal_that_counts_waits_and_is_given_up_in_the_end(scene: Scene) -> None:
    assert scene.land(NotSent("429", counts=True)) is State.PENDING
    assert scene.made.ledger.work.due(scene.made.campaign, None, NOW, 1) == []
    scene.made.ledger.work.defer([scene.flight.claim.delivery], 0.0, None, NOW)
    scene.flight = flight(scene.made, "", tries=2)
    assert scene.land(NotSent("429", counts=True)) is State.FAILED


def test_a_refusal_for_good_fails(scene: Scene) -> None:
    assert scene.land(Rejected("not on WhatsApp")) is State.FAILED


def test_whoever_opted_out_meanwhile_is_suppressed(scene: Scene) -> None:
    scene.made.ledger.people.suppress(phone(0), NOW, source="reply")
    assert scene.land(NotSent("revoked")) is State.SUPPRESSED


def test_what_is_too_late_now_expires(scene: Scene) -> None:
    late = replace(scene.flight.claim, expires=NOW - 1.0)
    scene.flight = Flight(late, scene.flight.member, scene.flight.host, 0, NOW, 0.0)
    assert scene.land(NotSent("too late")) is State.EXPIRED


def test_silence_is_judged_by_evidence(scene: Scene) -> None:
    assert scene.land(Unknown("timed out")) is State.PENDING


def test_what_left_unseen_stays_uncertain(scene: Scene) -> None:
    scene.leaves()
    assert scene.land(Unknown("timed out")) is State.UNCERTAIN


def test_a_call_that_still_runs_stays_uncertain_and_cannot_be_resent(scene: Scene) -> None:
    assert scene.land(Unknown("hangs", running=True)) is State.UNCERTAIN
    done = scene.made.ledger.leftovers.resolve(
        scene.made.campaign, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW
    )
    assert (done.changed, done.running_kept) == (0, 1)


@pytest.mark.parametrize(
    "late", [NotSent("not connected"), Rejected("not on WhatsApp"), Unknown("timed out")]
)
def test_a_late_end_frees_what_never_left(scene: Scene, late: Outcome) -> None:
    scene.land(Unknown("hangs", running=True))
    settled = scene.landing.returned(scene.flight, late, NOW)
    assert settled is not None
    assert scene.state is State.PENDING


def test_a_late_end_of_whoever_opted_out_is_pending_for_the_claim_to_drop(scene: Scene) -> None:
    scene.land(Unknown("hangs", running=True))
    scene.made.ledger.people.suppress(phone(0), NOW, source="reply")
    scene.landing.returned(scene.flight, NotSent("not connected"), NOW)
    assert scene.state is State.PENDING


def test_a_late_ok_is_sent(scene: Scene) -> None:
    scene.land(Unknown("hangs", running=True))
    scene.landing.returned(scene.flight, Accepted(scene.leaves()), NOW)
    assert scene.state is State.SENT


def test_a_late_doubt_stays_in_doubt(scene: Scene) -> None:
    scene.land(Unknown("hangs", running=True))
    scene.leaves()
    scene.landing.returned(scene.flight, Unknown("timed out"), NOW)
    assert scene.state is State.UNCERTAIN


def test_a_dead_hosts_flight_is_judged_by_evidence(scene: Scene) -> None:
    scene.leaves()
    settled = scene.landing.lost(scene.flight, "killed by signal 9", NOW)
    assert settled is not None
    assert (settled.state, settled.message_id) == (State.UNCERTAIN, "ID-1-1")


def test_what_is_left_is_judged_once_its_host_is_reaped(scene: Scene) -> None:
    fleet = Fleet(scene.made.link(), 1, scene.made.time.monotonic)
    fleet.start()
    flights = Flights(fleet, scene.made.time.monotonic)
    flights.dispatch(Won(scene.flight.claim, scene.flight.member, 0, None), NOW)
    assert scene.landing.leave(flights, "was ended", NOW) == []  # it lives: nothing is proven yet
    scene.made.hosts[0].kill()
    (settled,) = scene.landing.leave(flights, "was ended", NOW)
    assert (settled.state, settled.message_id) == (State.UNCERTAIN, "ID-1-1")
    assert len(flights) == 0


def test_a_call_cut_loose_is_over_with_its_host_and_told_no_more(scene: Scene) -> None:
    fleet = Fleet(scene.made.link(), 1, scene.made.time.monotonic)
    fleet.start()
    flights = Flights(fleet, scene.made.time.monotonic)
    flights.cut_loose(replace(scene.flight, host=fleet.host(0)))
    scene.land(Unknown("hangs", running=True))
    scene.made.hosts[0].kill()
    assert scene.landing.leave(flights, "was ended", NOW) == []
    assert scene.state is State.PENDING


def test_what_is_settled_is_not_settled_again(scene: Scene) -> None:
    assert scene.land(Accepted(scene.leaves())) is State.SENT
    for outcome in (Accepted("OTHER"), NotSent("no"), Rejected("no"), Unknown("?")):
        assert scene.land(outcome) is None
    assert scene.state is State.SENT
