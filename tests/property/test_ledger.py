"""Any order of claims, endings, crashes, receipts, resolves: the ledger agrees with a model."""

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import assert_never

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.kit.examples import tries
from tests.kit.ledgers import (
    NOW,
    ONE,
    TWO,
    file_of,
    jid_of,
    open_home,
    open_ledger,
    server_of,
    want,
)
from waheal.model import TRANSITIONS, Content, DeviceId, Phone, Planned, ReceiptKind, State
from waheal.records import Claim, Leftover, Resolution

PHONES = [Phone(f"+1202555010{number}") for number in range(6)]
DEVICES = st.sampled_from([ONE, TWO])
FEW = st.just(set[Phone]()) | st.sets(st.sampled_from(PHONES), max_size=2)
RARELY = st.sampled_from([False, False, False, True])
# Mostly what leaves something to do; each of the others, too.
ENDINGS = st.sampled_from(
    [State.UNCERTAIN, State.SENT, State.FAILED, *sorted(set(State) - {State.SENDING})]
)
SPENT = {State.SENT, State.DELIVERED, State.READ, State.UNCERTAIN}

# Watches each single step, also those between two rules' ends.
WATCH = """
PRAGMA synchronous = OFF; -- no power is lost here, and thousands of commits need no disk
CREATE TEMP TABLE steps (before TEXT, after TEXT);
CREATE TEMP TRIGGER watch AFTER UPDATE OF state ON main.deliveries
    WHEN OLD.state <> NEW.state
    BEGIN INSERT INTO steps VALUES (OLD.state, NEW.state); END;
"""

WATCH_POSTGRES = """
CREATE TEMP TABLE steps (before TEXT, after TEXT);
CREATE OR REPLACE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO steps VALUES (OLD.state, NEW.state); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER watch AFTER UPDATE OF state ON deliveries FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION watch();
"""


@dataclass
class Person:
    """What the ledger must think of one recipient."""

    state: State = State.PENDING
    attempt: int = 0
    why: str = ""
    due: float = 0.0
    expires: float | None = None
    listed: bool = True
    running: bool = False
    unreadable: bool = False
    spent: bool = False
    devices: dict[int, DeviceId] = field(default_factory=dict)  # by attempt
    ids: set[int] = field(default_factory=set)  # attempts whose message id is known
    arrived: set[ReceiptKind] = field(default_factory=set)  # what receipts of any attempt proved

    def move(self, state: State, why: str = "") -> None:
        self.state, self.why = state, why
        self.spent = self.spent or state in SPENT


class _DiedError(Exception):
    """The process dies before a commit."""


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside its model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.home = open_home(self.folder)
        self.now = NOW
        self.people: dict[Phone, Person] = {}
        self.opted_out: set[Phone] = set()
        self.claims: list[Claim] = []
        self.early: set[tuple[DeviceId, str, ReceiptKind]] = set()
        self.attempts: list[tuple[object, ...]] = []
        self.open()
        for device in (ONE, TWO):
            self.ledger.devices.add(device, jid_of(device), None, NOW)
        self.campaign = self.ledger.campaigns.open("c", "/c", NOW)

    def open(self) -> None:
        self.ledger = open_ledger(self.home)
        self.watch()

    def watch(self) -> None:
        file_of(self.ledger).conn.executescript(WATCH)

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)

    # What happens.

    @initialize()
    def first_file(self) -> None:
        self.enrol(set(), set(), soon=False)

    @rule(missing=FEW, refusing=FEW, soon=RARELY)
    def enrol(self, missing: set[Phone], refusing: set[Phone], *, soon: bool) -> None:
        listed = set(PHONES) - missing
        expires = self.now + 50 if soon else None
        rows = [
            Planned(number, phone, Content("hi"), expires=expires, consent=phone not in refusing)
            for number, phone in enumerate(sorted(listed), 2)
        ]
        self.ledger.enrolment.enroll(self.campaign.id, rows, now=self.now, digest=None)
        for phone in listed:
            self.take_in(phone, expires, consents=phone not in refusing)
        for phone in set(self.people) - listed:
            person = self.people[phone]
            person.listed = False
            if person.state is State.PENDING:
                person.move(State.EXPIRED, "gone")

    def take_in(self, phone: Phone, expires: float | None, *, consents: bool) -> None:
        person = self.people.setdefault(phone, Person(expires=expires))
        person.listed = True
        allowed = consents and phone not in self.opted_out
        why = "opted out" if consents else "no consent"
        match person.state:
            case State.PENDING if allowed:
                person.expires = expires
            case State.PENDING:
                person.move(State.SUPPRESSED, why)
            case State.SUPPRESSED if not consents and person.why == "opted out":
                person.why = why
            case State.SUPPRESSED if allowed and person.why == "no consent":
                person.move(State.PENDING)
                person.expires, person.due = expires, 0.0
            case State.EXPIRED if allowed:
                person.move(State.PENDING)
                person.expires, person.due = expires, 0.0
            case _:
                pass

    @rule(device=DEVICES, lost=RARELY)
    def claim(self, device: DeviceId, *, lost: bool) -> None:
        due = self.ledger.work.due(self.campaign.id, None, self.now, 10)
        assert {each.phone for each in due} == {
            phone
            for phone, person in self.people.items()
            if person.state is State.PENDING
            and person.due <= self.now
            and person.listed
            and not person.running
        }
        wants = [want(each.delivery, device) for each in due]
        if lost:  # the process dies before the commit
            with suppress(_DiedError), self.ledger.transaction():
                self.ledger.work.claim(self.campaign, wants, now=self.now)
                raise _DiedError
            return
        claims, dropped = self.ledger.work.claim(self.campaign, wants, now=self.now)
        for drop in dropped:
            person = self.people[drop.phone]
            late = person.expires is not None and person.expires <= self.now
            if person.arrived:
                read = ReceiptKind.READ in person.arrived
                person.move(State.READ if read else State.DELIVERED)
            elif drop.phone in self.opted_out:
                person.move(State.SUPPRESSED, "opted out")
            else:
                assert late
                person.move(State.EXPIRED, "late")
            assert drop.state is person.state
        for claim in claims:
            person = self.people[claim.phone]
            assert not person.spent, "sent twice"
            assert not person.arrived, "sent to somebody who has it"
            assert claim.phone not in self.opted_out, "sent to somebody who opted out"
            person.attempt += 1
            assert claim.attempt == person.attempt
            person.devices[claim.attempt] = device
            person.due = 0.0
            person.move(State.SENDING)
        self.claims += claims

    def pick(self, data: st.DataObject, *states: State) -> Claim:
        """Draw a claim: mostly a current one in these states, else one that was resent."""
        fitting = [
            claim
            for claim in self.claims
            if claim.attempt == self.people[claim.phone].attempt
            and self.people[claim.phone].state in states
        ]
        old = [claim for claim in self.claims if claim.attempt < self.people[claim.phone].attempt]
        if data.draw(RARELY):
            return data.draw(st.sampled_from(old or self.claims))
        return data.draw(st.sampled_from(fitting or self.claims))

    @rule(data=st.data(), device=DEVICES, how=st.sampled_from(["resend", "accept"]))
    def a_round(self, data: st.DataObject, device: DeviceId, how: str) -> None:
        leaver = data.draw(st.none() | st.sampled_from(PHONES))
        if leaver is not None:
            self.suppress(leaver, sweep=data.draw(st.booleans()))
        self.resolve("uncertain", how, None)
        self.resolve("failed", "resend", None)
        self.claim(device, lost=False)
        if leaver is not None:
            self.unsuppress(leaver)
        self.answers(data, data.draw(st.lists(ENDINGS, max_size=6)), told=True)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), endings=st.lists(ENDINGS, min_size=1, max_size=4), told=st.booleans())
    def answers(self, data: st.DataObject, endings: list[State], *, told: bool) -> None:
        for state in endings:
            self.settle(data, state, told=told, wait=data.draw(st.integers(0, 5)))

    def settle(self, data: st.DataObject, state: State, *, told: bool, wait: int) -> None:
        if not self.claims:
            return
        claim = self.pick(data, State.SENDING, State.UNCERTAIN)
        person = self.people[claim.phone]
        told = told or state is State.SENT
        took = self.ledger.outcomes.settle(
            claim.delivery,
            claim.attempt,
            state,
            now=self.now,
            message_id=name(claim) if told else None,
            due=self.now + wait,
            counts=bool(wait % 2),
        )
        before = person.state
        open_now = claim.attempt == person.attempt and before in {State.SENDING, State.UNCERTAIN}
        assert took == (open_now and state in TRANSITIONS[before])
        if took:
            person.move(state)
            person.due = self.now + wait if state is State.PENDING else 0.0
            if state is State.PENDING:
                person.spent = False  # there is evidence that nothing left
        if told and (took or (open_now and before is state is State.UNCERTAIN)):
            self.know(claim)

    def know(self, claim: Claim) -> None:
        person = self.people[claim.phone]
        person.ids.add(claim.attempt)
        device = person.devices[claim.attempt]
        for kind in ReceiptKind:  # in the order of their strength, whenever they came
            if (device, name(claim), kind) in self.early:
                self.early.discard((device, name(claim), kind))
                self.hear(person, claim.attempt, kind)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), kinds=st.lists(st.sampled_from(ReceiptKind), min_size=1, max_size=4))
    def receipts(self, data: st.DataObject, kinds: list[ReceiptKind]) -> None:
        for kind in kinds:
            self.receipt(data, kind, 1 + data.draw(RARELY), strayed=data.draw(RARELY))

    def receipt(self, data: st.DataObject, kind: ReceiptKind, times: int, *, strayed: bool) -> None:
        claim = self.pick(data, State.SENDING, State.UNCERTAIN, State.SENT)
        person = self.people[claim.phone]
        own = person.devices[claim.attempt]
        device = own if not strayed else TWO if own == ONE else ONE
        ids = [name(claim)] * times
        effects = self.ledger.outcomes.receipt(device, ids, kind, self.now)
        before = person.state
        if claim.attempt in person.ids and device == person.devices[claim.attempt]:
            self.hear(person, claim.attempt, kind)
        else:
            self.early.add((device, name(claim), kind))
        moved = [
            (effect.before, effect.state) for effect in effects if effect.state is not State.SENDING
        ]
        assert moved == ([(before, person.state)] if before is not person.state else [])

    def hear(self, person: Person, attempt: int, kind: ReceiptKind) -> None:
        if kind is not ReceiptKind.RETRY:
            person.arrived.add(kind)
        if attempt != person.attempt:
            if kind is not ReceiptKind.RETRY and person.state in {State.PENDING, State.UNCERTAIN}:
                person.move(State(kind.value))
            return
        match kind:
            case ReceiptKind.DELIVERED:
                if person.state in {State.PENDING, State.SENDING, State.UNCERTAIN, State.SENT}:
                    person.move(State.DELIVERED)
                    person.unreadable = False
            case ReceiptKind.READ:
                if person.state in SPENT - {State.READ} | {State.PENDING, State.SENDING}:
                    person.move(State.READ)
                    person.unreadable = False
            case ReceiptKind.RETRY:
                if person.state is State.UNCERTAIN:
                    person.move(State.SENT)
                person.unreadable |= person.state is State.SENT
            case other:
                assert_never(other)

    @rule(
        which=st.sampled_from(["uncertain", "failed", "unreadable"]),
        how=st.sampled_from(["resend", "resend", "accept"]),
        phone=st.none() | st.sampled_from(PHONES),
    )
    def resolve(self, which: str, how: str, phone: Phone | None) -> None:
        done = self.ledger.leftovers.resolve(
            self.campaign.id, which=Leftover(which), how=Resolution(how), phone=phone, now=self.now
        )
        changed = 0
        for each, person in self.people.items():
            wanted = person.unreadable if which == "unreadable" else person.state.value == which
            # A call that runs is another machine's, where the ledger is shared.
            kept = person.running and (how == "resend" or self.ledger.remote)
            blocked = kept or (how == "resend" and each in self.opted_out)
            if not wanted or phone not in {None, each} or blocked:
                continue
            changed += 1
            person.unreadable = False
            if how == "resend":
                person.move(State.PENDING)
                person.spent, person.due = False, 0.0
            else:
                person.move(State.SENT)
                person.running = False
        assert done.changed == changed

    @rule(
        what=st.sampled_from(["wait", "run again", "opt out", "opt in", "opt in"]),
        seconds=st.integers(1, 30),
        phone=st.sampled_from(PHONES),
        sweep=st.booleans(),
    )
    def meanwhile(self, what: str, seconds: int, phone: Phone, *, sweep: bool) -> None:
        match what:
            case "wait":
                self.wait(seconds)
            case "run again":
                self.run_again()
            case "opt out":
                self.suppress(phone, sweep=sweep)
            case _:
                self.unsuppress(phone)

    def suppress(self, phone: Phone, *, sweep: bool) -> None:
        self.ledger.people.suppress(phone, self.now, source="operator")
        self.opted_out.add(phone)
        if sweep:
            dropped = self.ledger.people.suppress_pending([phone], self.now)
            person = self.people.get(phone)
            pending = person is not None and person.state is State.PENDING
            assert [drop.phone for drop in dropped] == [phone] * pending
            if person is not None and pending:
                person.move(State.SUPPRESSED, "opted out")

    def unsuppress(self, phone: Phone) -> None:
        self.ledger.people.unsuppress(phone)
        self.opted_out.discard(phone)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), running=st.booleans())
    def cut_loose(self, data: st.DataObject, *, running: bool) -> None:
        claim = self.pick(data, State.UNCERTAIN)
        self.ledger.outcomes.running(claim.delivery, claim.attempt, running, self.now)
        person = self.people[claim.phone]
        if claim.attempt == person.attempt:
            person.running = running

    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.ledger.work.expire(self.campaign.id, self.now)
        for person in self.people.values():
            late = person.expires is not None and person.expires <= self.now
            if person.state is State.PENDING and late:
                person.move(State.EXPIRED, "late")

    def run_again(self) -> None:
        self.ledger.close()
        self.open()
        self.ledger.outcomes.clear_running(self.now)
        self.campaign = self.ledger.campaigns.open("c", "/c", self.now)
        for phone, person in self.people.items():
            person.running = False
            if (
                person.state is State.SUPPRESSED
                and person.why == "opted out"
                and person.listed
                and phone not in self.opted_out
            ):
                person.move(State.PENDING)
                person.due = 0.0

    # What holds at any time.

    @invariant()
    def each_recipient_is_in_the_models_state(self) -> None:
        found = {each.phone: each.state for each in self.ledger.recipients.rows(self.campaign.id)}
        assert found == {phone: person.state for phone, person in self.people.items()}

    @invariant()
    def the_tally_agrees(self) -> None:
        tally = self.ledger.campaigns.tally(self.campaign.id)
        counts = Counter(person.state for person in self.people.values())
        assert tally.counts == counts
        assert tally.total == len(self.people)
        assert tally.unreadable == sum(person.unreadable for person in self.people.values())

    @invariant()
    def every_step_is_in_the_table(self) -> None:
        for before, after in self.ledger._db.all("SELECT before, after FROM steps"):
            assert State(after) in TRANSITIONS[State(before)]

    @invariant()
    def an_attempt_is_open_exactly_while_its_delivery_is_sending(self) -> None:
        open_ones = self.ledger._db.all(
            "SELECT d.phone, a.attempt FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
            " WHERE a.ended IS NULL"
        )
        assert sorted(map(tuple, open_ones)) == sorted(
            (phone, person.attempt)
            for phone, person in self.people.items()
            if person.state is State.SENDING
        )

    @invariant()
    def what_stands_in_an_attempt_stays(self) -> None:
        """Rows are only added, and columns only filled, but that a call may be over later."""
        found = [
            tuple(each)
            for each in self.ledger._db.all(
                "SELECT id, delivery_id, attempt, device, jid, lid, identity, witness, boot_id,"
                " host_log, claimed, message_id, ended, outcome, reason, settled, verdict,"
                " delivered, read FROM attempts ORDER BY id"
            )
        ]
        assert len(found) >= len(self.attempts)
        for before, after in zip(self.attempts, found, strict=False):
            filled = list(zip(before, after, strict=True))
            # `reason` is the ending's: empty until then, and maybe afterwards.
            kept = [(old, new) for n, (old, new) in enumerate(filled) if n != _ENDED]
            assert all(old is None or old == new for old, new in kept)
            assert before[_ENDED] is None or before[_ENDED] <= after[_ENDED]
        numbers = Counter(each[1] for each in found)
        for delivery, count in numbers.items():
            own = [each[2] for each in found if each[1] == delivery]
            assert own == list(range(1, count + 1))
            assert all(one < two for one, two in pairwise(own))
        self.attempts = found


class InPostgres(LedgerMachine):
    """The same, on PostgreSQL."""

    def watch(self) -> None:
        server_of(self.ledger).conn.execute(WATCH_POSTGRES)


_ENDED = 12  # its place among the columns of an attempt that are looked at


def name(claim: Claim) -> str:
    """The id that a claim's message has, once it is known."""
    return f"{claim.phone}#{claim.attempt}"


TestLedger = LedgerMachine.TestCase
TestLedgerInPostgres = pytest.mark.cluster(
    pytest.mark.usefixtures("in_postgres")(InPostgres.TestCase)
)
TestLedger.settings = settings(max_examples=tries(100), stateful_step_count=40)
# Each commit is a server's there, and each history has tables of its own.
TestLedgerInPostgres.settings = settings(max_examples=tries(15), stateful_step_count=40)
