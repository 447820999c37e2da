"""Any run, whatever its hosts do: it ends, nobody is dropped, nobody is sent to twice."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, stage
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.errors import LedgerLostError, OwnFault
from waheal.events import Claimed, Event, Receipt, RunFinished, RunStarted, Settled
from waheal.model import (
    Accepted,
    DeviceId,
    ExitCode,
    NotSent,
    Phone,
    Quarantine,
    ReceiptKind,
    Rejected,
    State,
    Unknown,
)
from waheal.policy.pacing import Limits
from waheal.wire import Command, Finish, Health, InboundText, Offline, Online, ReceiptSeen, Send

DEVICES = (ONE, TWO, DeviceId("three"))
LEFT = {State.SENT, State.DELIVERED, State.READ}


class Deed(Enum):
    """What becomes of one Send."""

    SENDS = auto()
    SENDS_AND_IS_SLOW = auto()
    SENDS_TWO_ANSWERS = auto()
    SENDS_RECEIPT_FIRST = auto()
    SENDS_AND_HANGS = auto()
    SENDS_AND_RETURNS_LATE = auto()
    SENDS_AND_HOST_DIES = auto()
    SENDS_WITHOUT_KNOWING = auto()
    SENDS_AND_IS_TOLD_TO_STOP = auto()
    SENDS_AND_IS_TOLD_TO_STOP_IN_THE_END = auto()
    SENDS_AND_OPERATOR_STOPS = auto()
    SENDS_AND_OPERATOR_ABANDONS = auto()
    DOES_NOT_SEND = auto()
    IS_REFUSED_FOR_NOW = auto()
    IS_REFUSED_FOR_GOOD = auto()
    HAS_NO_CIPHERTEXT = auto()
    HANGS_FIRST = auto()
    HANGS_AND_SENDS_LATER = auto()
    RETURNS_LATE_UNSENT = auto()
    HOST_DIES_FIRST = auto()
    HOST_FALLS_SILENT = auto()
    DEVICE_IS_GONE = auto()
    DEVICE_RESTS = auto()
    DEVICE_IS_OUT_AND_LOGS_IN = auto()
    CLOCK_IS_SET_BACK = auto()


@dataclass
class Script:
    """Deals out deeds in the order of Sends; when they are used up all goes well."""

    made: Stage
    deeds: list[Deed]
    run: Run | None = None
    clients: int = 0
    opted_out: set[Phone] = field(default_factory=set)
    last_words: dict[FakeHost, list[InboundText]] = field(default_factory=dict)

    def __call__(self, host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                deed = self.deeds.pop(0) if self.deeds else Deed.SENDS
                self.clients += 1
                host.says(Health(0, self.clients))
                self.do(deed, host, command)
            case Finish():
                for text in self.last_words.get(host, []):
                    self.opted_out.add(text.phone or Phone(""))
                    host.says(text)
                self.made.time.after(1.0, partial(host.dies, "ended with code 0"))
            case _:
                pass

    def do(self, deed: Deed, host: FakeHost, send: Send) -> None:
        if deed is Deed.SENDS:
            self.made.obey(host, send)
        elif deed.name.startswith("SENDS"):
            self.sends(deed, host, send, Accepted(self.made.leaves(send)))
        else:
            self.keeps(deed, host, send)

    def sends(  # noqa: C901 - one case a deed
        self, deed: Deed, host: FakeHost, send: Send, took: Accepted
    ) -> None:
        later = self.made.time.after
        says = partial(host.answers, send, took)
        match deed:
            case Deed.SENDS_AND_IS_SLOW:
                later(20.0, says)
            case Deed.SENDS_TWO_ANSWERS:
                says()
                host.answers(send, NotSent("a lie"))
            case Deed.SENDS_RECEIPT_FIRST:
                host.says(ReceiptSeen(send.device, (took.message_id,), ReceiptKind.DELIVERED))
                later(1.0, says)
            case Deed.SENDS_AND_HANGS:
                self.made.hang(host, send)
            case Deed.SENDS_AND_RETURNS_LATE:
                self.made.hang(host, send)
                later(100.0, partial(host.returns, send, took))
            case Deed.SENDS_AND_HOST_DIES:
                host.dies()
            case Deed.SENDS_WITHOUT_KNOWING:
                host.answers(send, Unknown("timed out"))
            case Deed.SENDS_AND_IS_TOLD_TO_STOP:
                self.opted_out.add(send.phone)
                host.says(InboundText(send.device, "", send.phone, "Stop!", 0.0))
                says()
            case Deed.SENDS_AND_IS_TOLD_TO_STOP_IN_THE_END:
                text = InboundText(send.device, "", send.phone, "Stop!", 0.0)
                self.last_words.setdefault(host, []).append(text)
                says()
            case _:
                assert self.run is not None
                self.run.drain()
                if deed is Deed.SENDS_AND_OPERATOR_ABANDONS:
                    self.run.abandon()
                later(1.0, says)

    def sends_late(self, host: FakeHost, send: Send) -> None:
        if host.alive:
            host.returns(send, Accepted(self.made.leaves(send)))

    def keeps(self, deed: Deed, host: FakeHost, send: Send) -> None:  # noqa: C901 - likewise
        unsent = partial(host.answers, send, NotSent("websocket not connected"))
        match deed:
            case Deed.IS_REFUSED_FOR_NOW:
                host.answers(send, NotSent("429", counts=True, hold=30.0))
            case Deed.IS_REFUSED_FOR_GOOD:
                host.answers(send, Rejected("not on WhatsApp"))
            case Deed.HAS_NO_CIPHERTEXT:
                host.answers(send, Accepted("EMPTY"))
            case Deed.HANGS_FIRST:
                self.made.hang(host, send)
            case Deed.HANGS_AND_SENDS_LATER:
                self.made.hang(host, send)
                self.made.time.after(95.0, partial(self.sends_late, host, send))
            case Deed.RETURNS_LATE_UNSENT:
                self.made.hang(host, send)
                self.made.time.after(100.0, partial(host.returns, send, NotSent("disconnected")))
            case Deed.HOST_DIES_FIRST:
                host.dies()
            case Deed.HOST_FALLS_SILENT:
                pass
            case Deed.DEVICE_IS_GONE:
                host.says(Offline(send.device, "logged out", Quarantine.LOGGED_OUT))
                unsent()
            case Deed.DEVICE_RESTS:
                host.says(Offline(send.device, "does not connect", None))
                self.made.time.after(20.0, unsent)
            case Deed.DEVICE_IS_OUT_AND_LOGS_IN:
                host.says(Offline(send.device, "refused", Quarantine.REFUSED))
                unsent()
                online = Online(send.device, 0.1, "lost", rebuilt=True)
                self.made.time.after(5.0, partial(host.says, online))
            case _:
                self.made.time.moved -= 60.0
                unsent()


EXCUSES = {
    Deed.SENDS_AND_OPERATOR_STOPS,
    Deed.SENDS_AND_OPERATOR_ABANDONS,
    Deed.SENDS_AND_HOST_DIES,  # five within a minute are a fault
    Deed.HANGS_FIRST,  # known not to have left once its host is ended
    Deed.HANGS_AND_SENDS_LATER,
    Deed.RETURNS_LATE_UNSENT,
    Deed.HOST_DIES_FIRST,
    Deed.HOST_FALLS_SILENT,
    Deed.DEVICE_IS_GONE,
    Deed.DEVICE_RESTS,
    Deed.DEVICE_IS_OUT_AND_LOGS_IN,  # where it was the last one that could send
    Deed.CLOCK_IS_SET_BACK,
}
"""What may leave somebody pending at the end of a run that is not run again."""

PACES = (Limits(), Limits(per_minute=20), Limits(total_per_minute=30), Limits(gap=2.0, jitter=0.5))


@settings(max_examples=tries(40))
@given(
    deeds=st.lists(st.sampled_from(Deed), max_size=40),
    people=st.integers(1, 25),
    pinned=st.booleans(),
    limits=st.sampled_from(PACES),
    hosts=st.integers(1, 2),
    refreshes=st.sampled_from([5, 1500]),
)
def test_no_run_drops_or_doubles_anybody(
    deeds: list[Deed], people: int, pinned: bool, limits: Limits, hosts: int, refreshes: int
) -> None:
    how = RunSettings(CAMPAIGN, hosts=hosts, refreshes=refreshes, limits=limits)
    with TemporaryDirectory() as root, stage(Path(root)) as made:
        made.add(*DEVICES)
        phones = made.people(people, pinned=TWO if pinned else None)
        script = made.acts = Script(made, list(deeds))
        events = follow(made, script, how)
        check(made, events, phones)
        # Under a limit a call that never returns holds its device: nobody knows when it leaves.
        held = {Deed.SENDS_AND_HANGS} if limits != Limits() else set()
        if not (EXCUSES | held) & set(deeds):
            assert made.ledger.campaigns.tally(made.campaign)[State.PENDING] == 0
        # The operator runs it once more, and all goes well.
        for device in DEVICES:
            made.ledger.devices.release(device)
        script.deeds.clear()
        second = follow(made, script, replace(how, max_wait=5000.0, no_device_wait=5000.0))
        check(made, second, phones)
        assert all(made.ledger.people.is_suppressed(phone) for phone in script.opted_out)
        assert set(made.states().values()) <= LEFT | {
            State.FAILED, State.UNCERTAIN, State.SUPPRESSED
        }  # fmt: skip


def follow(made: Stage, script: Script, how: RunSettings) -> list[Event]:
    run = script.run = made.run(how)
    events: list[Event] = []
    try:
        events.extend(run.events())
    except OwnFault:  # hosts died over and over
        assert isinstance(events[-1], RunFinished)
        assert events[-1].exit_code in {ExitCode.OWN_FAULT, ExitCode.INTERRUPTED}
    except LedgerLostError:  # and the operator did not want to wait for it
        assert isinstance(events[-1], RunFinished)
    made.turns = 0
    return events


def check(made: Stage, events: list[Event], phones: list[Phone]) -> None:
    started, finished = events[0], events[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(finished, RunFinished)
    event(f"exit {finished.exit_code.name}")
    states = made.states()
    assert set(states) == set(phones)
    assert started.total == finished.tally.total == len(phones)
    assert finished.tally == made.ledger.campaigns.tally(made.campaign)
    assert finished.tally[State.SENDING] == 0
    assert max(made.left.values(), default=0) <= 1
    assert not any(host.alive for host in made.hosts)
    for phone, state in states.items():
        left = phone in made.left
        if state in LEFT:
            assert left
        elif state is not State.UNCERTAIN:
            assert not left
    told_once(events)


def told_once(events: list[Event]) -> None:
    """Each claim is told as ended once, unless it stays in doubt at the end of a killed run."""
    open_: dict[Phone, Callable[[], None] | DeviceId] = {}
    for each in events:
        match each:
            case Claimed(phone, device):
                assert phone not in open_
                open_[phone] = device
            case Settled(phone, before=State.SENDING):
                open_.pop(phone, None)
            case Receipt(phone, before=State.SENDING):
                open_.pop(phone, None)
            case _:
                pass
    assert not open_
