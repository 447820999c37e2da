"""Whatever the order of claims, landings, replies and restarts: each message counts once, or waits.

A model beside the real parts knows when each message was written and when each text was heard.
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from tests.kit.ledgers import NOW, ONE, row, send, start, want
from tests.kit.stage import Stage, phone, stage
from waheal.engine.inbound import Inbound
from waheal.engine.repliers import Repliers
from waheal.engine.voting import Voting
from waheal.model import State
from waheal.policy.optout import Words
from waheal.records import Claim
from waheal.store.sessions import Sessions
from waheal.wire import InboundText

PEOPLE = range(3)


@dataclass
class Heard:
    """A text: whose, by the LID alone or not, and how many had got a message before it."""

    person: int
    by_lid: bool
    after: int  # messages that had surely been sent to them when it came


@dataclass
class World:
    """The parts under test, and what the model knows."""

    made: Stage
    sessions: Sessions
    inbound: Inbound
    campaigns: int = 0
    flying: dict[int, Claim] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    known: set[int] = field(default_factory=set)  # whose LID the library has met
    heard: dict[str, Heard] = field(default_factory=dict)

    def claims(self, person: int) -> None:
        if person in self.flying:
            return
        self.campaigns += 1
        ledger = self.made.ledger
        campaign = start(ledger, row(2, phone(person)), name=f"c{self.campaigns}")
        lanes = [
            each for lane in (None, ONE) for each in ledger.work.due(campaign.id, lane, NOW, 9)
        ]
        (claim,), _ = ledger.work.claim(campaign, [want(lanes[0].delivery)], now=NOW)
        self.flying[person] = claim

    def lands(self, person: int, *, left: bool) -> None:
        claim = self.flying.pop(person, None)
        if claim is None:
            return
        if left:
            self.meets(person)
            send(self.made.ledger, claim, f"M{claim.delivery}")
            self.sent[person] += 1
        else:
            self.made.ledger.outcomes.settle(
                claim.delivery, claim.attempt, State.FAILED, now=NOW, reason="no"
            )
        self.inbound.landed(claim)

    def meets(self, person: int) -> None:
        if person not in self.known:
            self.known.add(person)
            self.made.sessions.map(str(700 + person), phone(person).removeprefix("+"))

    def writes(self, person: int, *, by_lid: bool) -> None:
        message_id = f"R{len(self.heard)}"
        self.heard[message_id] = Heard(
            person, by_lid and person not in self.known, self.sent[person]
        )
        self.hears(person, message_id, by_lid=by_lid)

    def hears(self, person: int, message_id: str, *, by_lid: bool) -> None:
        number = None if by_lid else phone(person)
        lid = f"{700 + person}@lid"
        said = InboundText(ONE, lid, number, "hi", NOW, message_id=message_id)
        self.inbound.text(said, NOW)

    def restarts(self) -> None:
        ledger = self.made.ledger
        repliers = Repliers(ledger.replies, self.sessions, None, keep_texts=False)
        self.inbound = Inbound(
            ledger.outcomes, ledger.people, repliers, Voting(ledger.votes), self.sessions, Words(),
            None,
        )  # fmt: skip
        self.inbound.all_reached()


@contextmanager
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as place, stage(Path(place)) as made:
        made.add(ONE)
        with closing(Sessions(made.home.sessions_path)) as sessions:
            repliers = Repliers(made.ledger.replies, sessions, None, keep_texts=False)
            ledger = made.ledger
            inbound = Inbound(
                ledger.outcomes,
                ledger.people,
                repliers,
                Voting(ledger.votes),
                sessions,
                Words(),
                None,
            )
            yield World(made, sessions, inbound)


people = st.sampled_from(PEOPLE)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("claims"), people),
        st.tuples(st.just("leaves"), people),
        st.tuples(st.just("fails"), people),
        st.tuples(st.just("writes"), people),
        st.tuples(st.just("writes by LID"), people),
        st.tuples(st.just("again"), people),
        st.tuples(st.just("restarts"), people),
    ),
    max_size=30,
)


def do(made: World, what: str, person: int) -> None:
    match what:
        case "claims":
            made.claims(person)
        case "leaves" | "fails":
            made.lands(person, left=what == "leaves")
        case "writes" | "writes by LID":
            made.writes(person, by_lid=what == "writes by LID")
        case "again" if made.heard:  # another device of the account hears it, too
            message_id = list(made.heard)[person % len(made.heard)]
            told = made.heard[message_id]
            made.hears(told.person, message_id, by_lid=told.by_lid)
        case _:
            made.restarts()


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=tries(60))
@given(steps)
def test_each_message_counts_once_for_who_was_written_to(script: list[tuple[str, int]]) -> None:
    with world() as made:
        for what, person in script:
            do(made, what, person)
        for person in PEOPLE:
            made.lands(person, left=False)
        made.restarts()
        counted = made.made.ledger.replies.page(None, 0)
        by_person = {
            person: sum(each.phone == phone(person) for each in counted) for person in PEOPLE
        }
        for person in PEOPLE:
            texts = [each for each in made.heard.values() if each.person == person]
            # Whoever had a message when it came has replied; and who wrote without a number has,
            # once they were written to.
            sure = [each for each in texts if each.after or (each.by_lid and made.sent[person])]
            assert by_person[person] >= len(sure)
            assert by_person[person] <= len(texts)
            assert made.sent[person] or not by_person[person]
