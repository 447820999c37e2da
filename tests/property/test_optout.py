"""An opt-out, whoever it names and however it comes: once it is committed, nobody gets a message.

One Send may: one that a host had in hand when *another process* committed the opt-out, and that
enters the library before the run has looked, which it does twice a second. What a reply commits is
called back in the same turn; where it is too late for that, the message had entered the library.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, stage
from waheal.engine.settings import RunSettings
from waheal.identity import Lid, every_spelling
from waheal.model import Accepted, Content, DeviceId, NotSent, Phone, Planned, State
from waheal.policy.pacing import Limits
from waheal.store.ledger import Ledger
from waheal.wire import Command, Finish, InboundText, Revoke, Send

LOOK = 0.5
"""Seconds between a run's looks at what other processes wrote."""

NUMBERS = (
    Phone("+12025550100"),
    Phone("+551161234567"),
    Phone("+5491123456789"),
    Phone("+5215512345678"),
    Phone("+447700900123"),
)


class Known(Enum):
    """When the library learns a person's LID."""

    BEFORE = auto()
    WITH_THE_MESSAGE = auto()
    NEVER_BY_ITSELF = auto()


class By(Enum):
    """How an opt-out comes, and what it names them by."""

    REPLY_NUMBER = auto()
    REPLY_LID = auto()
    REPLY_BOTH = auto()
    OPERATOR = auto()
    OPERATOR_LID = auto()
    START_LID = auto()
    START_NUMBER = auto()


REPLIES = {By.REPLY_NUMBER, By.REPLY_LID, By.REPLY_BOTH}
STARTS = {By.START_LID, By.START_NUMBER}


@dataclass(frozen=True, slots=True)
class OptOut:
    """One of it: `send` is the Send at which it comes, of theirs or of all; -1 before the first."""

    person: int
    by: By
    spelt: int
    send: int
    theirs: bool
    after: float
    device: DeviceId


@dataclass(slots=True)
class Job:
    """A Send in the hands of a host."""

    send: Send
    since: float
    revoked: bool = False


@dataclass
class World:
    """Hosts that do as the real ones, and what must never happen."""

    made: Stage
    ledger: Ledger  # another connection: it sees what is committed
    known: tuple[Known, ...]
    waits: list[float]
    deeds: list[bool]
    opt_outs: list[OptOut]
    sends: list[int] = field(default_factory=list)  # to whom
    jobs: list[Job] = field(default_factory=list)
    met: set[int] = field(default_factory=set)
    forbidden: dict[int, float] = field(default_factory=dict)  # by the operator, since when
    late: int = 0

    def __call__(self, host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                self.take(host, command)
            case Revoke(phones=phones):
                for job in self.jobs:
                    job.revoked |= job.send.phone in phones
            case Finish():
                host.dies("ended with code 0")
            case _:
                pass

    def take(self, host: FakeHost, send: Send) -> None:
        job = Job(send, self.made.time.passed)
        self.jobs.append(job)
        assert send.ask_lid or not self.is_out(send), "claimed after it was committed"
        person = person_of(send.phone)
        for each in self.opt_outs:
            if each.send == (self.sends.count(person) if each.theirs else len(self.sends)) and (
                person == each.person or not each.theirs
            ):
                self.made.time.after(each.after, partial(self.opts_out, host, each))
        self.sends.append(person)
        wait = self.waits.pop() if self.waits else 0.0
        self.made.time.after(wait, partial(self.call, host, job))

    def call(self, host: FakeHost, job: Job) -> None:
        self.jobs.remove(job)
        person = person_of(job.send.phone)
        if job.revoked:
            host.answers(job.send, NotSent("revoked"))
        elif job.send.ask_lid:
            host.answers(job.send, NotSent("asked", lid=lid_of(person)))
        elif self.deeds and self.deeds.pop():
            host.answers(job.send, NotSent("not connected"))
        else:
            self.check(job, person)
            message_id = self.made.leaves(job.send)
            if self.known[person] is Known.WITH_THE_MESSAGE:
                self.meet(person)
            host.answers(job.send, Accepted(message_id))

    def check(self, job: Job, person: int) -> None:
        """Let nothing leave once an opt-out is committed, but what a host had before."""
        if not self.is_out(job.send):
            return
        since = self.forbidden.get(person)
        assert since is not None, "left after a reply was committed"
        assert job.since <= since, "claimed after it was committed"
        assert self.made.time.passed <= since + LOOK, "left after the run had looked"
        self.late += 1

    def is_out(self, send: Send) -> bool:
        """Whether an opt-out that holds for them is committed, whatever the run knows of it."""
        person = person_of(send.phone)
        names = every_spelling(send.phone)
        return any(self.ledger.people.is_suppressed(each, lid_of(person)) for each in names)

    def meet(self, person: int) -> None:
        if person not in self.met:
            self.met.add(person)
            number = NUMBERS[person].removeprefix("+")
            self.made.sessions.map(lid_of(person).removesuffix("@lid"), number)

    def opts_out(self, host: FakeHost, each: OptOut) -> None:
        names = every_spelling(NUMBERS[each.person])
        phone, lid = names[each.spelt % len(names)], lid_of(each.person)
        match each.by:
            case By.OPERATOR | By.OPERATOR_LID:
                who = phone if each.by is By.OPERATOR else lid
                with Ledger.open(self.made.home) as other:
                    other.people.suppress(who, self.made.time.time(), source="operator")
                self.forbidden.setdefault(each.person, self.made.time.passed)
            case By.START_NUMBER:
                host.says(InboundText(each.device, "", phone, "start", 0.0))
            case By.START_LID:
                host.says(InboundText(each.device, lid, None, "start", 0.0))
            case By.REPLY_NUMBER:
                host.says(InboundText(each.device, "", phone, "STOP", 0.0))
            case By.REPLY_LID:
                host.says(InboundText(each.device, lid.replace("@", ":3@"), None, "STOP", 0.0))
            case By.REPLY_BOTH:
                host.says(InboundText(each.device, lid, phone, "STOP", 0.0))


def lid_of(person: int) -> Lid:
    return Lid(f"77{person}@lid")


def person_of(phone: Phone) -> int:
    return next(n for n, each in enumerate(NUMBERS) if phone in every_spelling(each))


def respelt(phone: Phone, spelt: int) -> Phone:
    names = every_spelling(phone)
    return names[spelt % len(names)]


@contextmanager
def world(
    known: tuple[Known, ...], waits: list[float], deeds: list[bool], opt_outs: list[OptOut]
) -> Iterator[World]:
    with ExitStack() as stack:
        made = stack.enter_context(stage(Path(stack.enter_context(TemporaryDirectory()))))
        made.add(ONE, TWO)
        looker = stack.enter_context(Ledger.open(made.home))
        scene = World(made, looker, known, waits, deeds, opt_outs)
        for person, when in enumerate(known):
            if when is Known.BEFORE:
                scene.meet(person)
        made.acts = scene
        yield scene


OPT_OUTS = st.builds(
    OptOut,
    person=st.integers(0, len(NUMBERS) - 1),
    by=st.sampled_from(By),
    spelt=st.integers(0, 1),
    send=st.one_of(st.integers(-1, 2), st.integers(0, 12)),
    theirs=st.booleans(),
    after=st.sampled_from([0.0, 0.1, 2.0]),
    device=st.sampled_from([ONE, TWO]),
)


@settings(max_examples=tries(100))
@given(
    known=st.tuples(*[st.sampled_from(Known)] * len(NUMBERS)),
    waits=st.lists(st.sampled_from([0.0, 0.3, 1.0, 4.0]), min_size=5, max_size=20),
    deeds=st.lists(st.booleans(), max_size=6),
    opt_outs=st.lists(OPT_OUTS, min_size=1, max_size=5),
    spelt=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    hosts=st.integers(1, 2),
    pinned=st.booleans(),
)
def test_nobody_gets_a_message_once_an_opt_out_is_committed(
    known: tuple[Known, ...],
    waits: list[float],
    deeds: list[bool],
    opt_outs: list[OptOut],
    spelt: tuple[int, int],
    hosts: int,
    pinned: bool,
) -> None:
    with world(known, waits, deeds, opt_outs) as scene:
        made = scene.made
        database = made.home.sessions_path
        for each in opt_outs:
            if each.send < 0 and each.by not in REPLIES | STARTS:
                scene.opts_out(
                    FakeHost(0, made.home.root, made.surroundings.inbox(None), scene, database),
                    each,
                )
        how = RunSettings(CAMPAIGN, hosts=hosts, limits=Limits(gap=0.2))
        for run, way in enumerate((spelt[0], spelt[1], spelt[0])):  # the same campaign, respelt
            made.enroll(
                *(
                    Planned(n + 2, respelt(phone, way), Content(f"{n}"), ONE if pinned else None)
                    for n, phone in enumerate(NUMBERS)
                )
            )
            made.finish(how)
            made.turns = 0
            assert max(made.left.values(), default=0) <= 1, f"twice in run {run}"
        outcomes(scene)


def outcomes(scene: World) -> None:
    """At the end: the operator's word stands, and each person is one recipient."""
    states = scene.made.states()
    assert len(states) == len(NUMBERS)
    event(f"left in the hand of a host: {scene.late}")
    for person in scene.forbidden:  # whatever START came later
        assert scene.ledger.people.is_suppressed(NUMBERS[person], lid_of(person))
    for phone, state in states.items():
        assert state in {State.SENT, State.SUPPRESSED, State.PENDING}
        if state is State.SUPPRESSED:
            assert phone not in scene.made.left
