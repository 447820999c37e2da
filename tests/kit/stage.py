"""A run on a stage: real ledger and session database, hosts that follow a script, time that jumps.

Nothing waits: where the run would, the stage's clock moves on to what was arranged for later.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from tests.kit.ledgers import NOW, jid_of, open_home, open_ledger
from tests.kit.session_db import SessionDb
from waheal.engine.hosts import Died, Host, HostInbox, Message
from waheal.engine.link import Link
from waheal.engine.new_chats import NewChats
from waheal.engine.roster import Roster
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.engine.surroundings import Surroundings
from waheal.engine.unwritten import Unwritten
from waheal.events import Event, RunFinished
from waheal.model import Accepted, Content, DeviceId, Outcome, Phone, Planned, State, Unknown
from waheal.policy.optout import Words
from waheal.seal import seal, seal_path
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.sessions import Sessions, phone_of
from waheal.wire import Answer, Command, Finish, Report, Returned, Send, Setup

CAMPAIGN = "c"
MOST_TURNS = 20_000
ONE = DeviceId("one")
TWO = DeviceId("two")


def phone(number: int) -> Phone:
    """A fictional number, all different: +1 NPA 555-0100 to 0199."""
    return Phone(f"+1{202 + number // 100}555{100 + number % 100:04d}")


def last(events: Sequence[Event]) -> RunFinished:
    """Give a run's last word."""
    assert isinstance(events[-1], RunFinished)
    return events[-1]


class Time:
    """The stage's clocks: they move only when the engine waits."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.moved = 0.0  # by which the wall clock was set
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def time(self) -> float:
        return NOW + self.passed + self.moved

    def monotonic(self) -> float:
        return self.passed

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Arrange for something to happen."""
        heapq.heappush(self._later, (self.passed + seconds, next(self._order), do))

    def wait(self, patience: float) -> None:
        """Let time pass: to the next thing that was arranged, or for as long as one would wait."""
        until = self.passed + patience
        if self._later and self._later[0][0] <= until:
            self.passed, _, do = heapq.heappop(self._later)
            do()
        else:
            self.passed = until


class FakeHost(Host):
    """A host without a process: what it is told goes to the stage's script."""

    def __init__(
        self, number: int, log: Path, inbox: HostInbox, act: "Act", database: Path
    ) -> None:
        self.number = number
        self.log = log
        self._database = database
        self.heard: list[Command] = []
        self.alive = True
        self._act = act
        self._inbox = inbox

    def send(self, command: Command) -> None:
        self.heard.append(command)
        if self.alive:
            self._act(self, command)

    def says(self, report: Report) -> None:
        """Report something, while it lives."""
        if self.alive:
            self._inbox.put_reports(self, [report])

    def answers(self, send: Send, outcome: Outcome) -> None:
        self.says(Answer(send.delivery, send.attempt, send.device, outcome))

    def returns(self, send: Send, outcome: Outcome) -> None:
        self.says(Returned(send.delivery, send.attempt, send.device, outcome))

    def dies(self, cause: str = "killed by signal 9", *, crashed: bool = False) -> None:
        if self.alive:
            self.alive = False
            self.seals()
            self._inbox.put(Died(self, cause, crashed=crashed))

    def seals(self) -> None:
        """Seal the session database, as the look-up process does once its host has ended."""
        seal(self._database, seal_path(self.log))

    def kill(self) -> None:
        self.dies()

    def lives(self) -> bool:
        return self.alive

    def wait(self, timeout: float) -> bool:  # noqa: ARG002 - the real one's shape
        return not self.alive


Act = Callable[[FakeHost, Command], None]


class StageInbox(HostInbox):
    """Where the engine would wait for a message, the stage's time moves on."""

    def __init__(self, stage: "Stage", unwritten: Unwritten | None = None) -> None:
        super().__init__(unwritten)
        self._stage = stage

    def gather(self, patience: float) -> list[Message]:
        self._stage.turns += 1
        assert self._stage.turns < MOST_TURNS, "the run does not end"
        return super().gather(0.0) or self._after(patience)

    def linger(self, seconds: float) -> list[Message]:
        return self._after(seconds)

    def _after(self, patience: float) -> list[Message]:
        self._stage.time.wait(patience)
        return super().gather(0.0)


@dataclass
class Stage:
    """`left` counts the messages that really left, by recipient; `acts` is what hosts do.

    `refusal` is what the machine says where it starts no more processes.
    """

    home: Home
    lock: HomeLock
    ledger: Ledger
    sessions: SessionDb
    looked: Sessions
    time: Time = field(default_factory=Time)
    hosts: list[FakeHost] = field(default_factory=list)
    left: dict[Phone, int] = field(default_factory=dict)
    turns: int = 0
    acts: "Act | None" = None
    refusal: OSError | None = None
    mark: str = ""  # of this life's message ids

    # What a script is made of.

    def leaves(self, send: Send) -> str:
        """Let a message leave as the library does: session, witness, stanza; tells its id."""
        self.meets(send)
        message_id = f"ID-{send.delivery}-{send.attempt}{self.mark}"
        chat = f"{send.phone.removeprefix('+')}@s.whatsapp.net"
        self.sessions.secret(chat, send.witness, message_id, our=send.jid)
        self.left[send.phone] = self.left.get(send.phone, 0) + 1
        return message_id

    def meets(self, send: Send) -> None:
        """Make a Signal session with the recipient."""
        address = f"{send.phone.removeprefix('+')}:0"
        self.sessions.session(address, our=send.jid)

    def obey(self, host: FakeHost, command: Command) -> None:
        """Do as a healthy host does, at once."""
        match command:
            case Send():
                host.answers(command, Accepted(self.leaves(command)))
            case Finish():
                host.dies("ended with code 0")
            case _:
                pass

    # What a test does.

    def add(self, *devices: DeviceId) -> None:
        """Pair devices."""
        for device in devices:
            self.ledger.devices.add(device, jid_of(device), None, self.time.time())
            self.sessions.device(jid_of(device), lid=None, key=device.encode().ljust(32))

    def add_of_one_number(self, *devices: DeviceId) -> None:
        """Pair devices of one account."""
        for number, device in enumerate(devices, start=1):
            jid = f"14255550100:{number}@s.whatsapp.net"
            self.ledger.devices.add(device, jid, phone_of(jid), self.time.time())
            self.sessions.device(jid, lid=None, key=device.encode().ljust(32))

    def enroll(self, *rows: Planned) -> list[Phone]:
        campaign = self.ledger.campaigns.open(CAMPAIGN, "/c.csv", self.time.time())
        self.ledger.enrolment.enroll(campaign.id, rows, now=self.time.time(), digest=None)
        return [row.phone for row in rows]

    def people(self, number: int, pinned: DeviceId | None = None) -> list[Phone]:
        """Enrol so many recipients."""
        return self.enroll(
            *(Planned(n + 2, phone(n), Content(f"to {n}"), pinned=pinned) for n in range(number))
        )

    def link(self) -> Link:
        """A line to the stage's hosts, without a run."""
        return Link(
            Setup(sessions=""),
            logs=self.home.logs,
            lock_fd=None,
            surroundings=self.surroundings,
        )

    def new_chats(self, settings: RunSettings) -> NewChats:
        """What may be begun by the stage's ledger, without a run."""
        return NewChats(self.ledger.chats, self.looked, settings.new_chats, self.time.time())

    def roster(self, settings: RunSettings) -> Roster:
        """The campaign's devices, without a run."""
        return Roster(
            self.ledger.devices,
            self.ledger.work,
            self.ledger.history,
            self.new_chats(settings),
            self.campaign,
            settings,
            Random(0),  # noqa: S311 - jitter, the same each time
            self.time.time(),
        )

    def run(self, settings: RunSettings | None = None) -> Run:
        return Run(
            self.home,
            self.lock,
            self.ledger,
            settings or RunSettings(CAMPAIGN),
            words=Words(),
            zone=ZoneInfo("UTC"),
            random=Random(0),  # noqa: S311 - jitter, the same each time
            surroundings=self.surroundings,
        )

    def play(self, settings: RunSettings | None = None) -> list[Event]:
        """Run to the end."""
        return list(self.run(settings).events())

    def finish(self, settings: RunSettings | None = None) -> RunFinished:
        """Run to the end, and give its last word."""
        return last(self.play(settings))

    def killed(self, act: Act) -> None:
        """Claim for as many as there is room, and end as a killed coordinator does."""
        before, self.acts = self.acts, act
        events = self.run().events()
        next(events)
        next(events)
        del events
        for host in self.hosts:
            host.dies()
        self.acts = before

    @property
    def campaign(self) -> int:
        found = self.ledger.campaigns.find(CAMPAIGN)
        assert found is not None
        return found.id

    def states(self) -> dict[Phone, State]:
        return {row.phone: row.state for row in self.ledger.recipients.rows(self.campaign)}

    def sends(self) -> list[Send]:
        """All that hosts were told to send."""
        return [each for host in self.hosts for each in host.heard if isinstance(each, Send)]

    def hang(self, host: FakeHost, send: Send, seconds: float = 90.0) -> None:
        """Let a call not return until the watchdog cuts it loose."""
        answer = Unknown("the library's call did not return", running=True)
        self.time.after(seconds, lambda: host.answers(send, answer))

    # What the engine is given.

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            now=self.time.time,
            monotonic=self.time.monotonic,
            start=self.spawn,
            inbox=partial(StageInbox, self),
        )

    def spawn(
        self,
        number: int,
        setup: Setup,
        *,
        logs: Path,
        lock_fd: int | None,  # noqa: ARG002 - the real one's shape
        inbox: HostInbox,
    ) -> FakeHost:
        if self.refusal is not None:
            raise self.refusal
        logs.mkdir(mode=0o700, exist_ok=True)
        log = logs / f"host-{len(self.hosts)}-{number}.log"
        log.touch()
        host = FakeHost(number, log, inbox, self._act, self.home.sessions_path)
        host.seals()
        self.hosts.append(host)
        host.send(setup)
        return host

    def _act(self, host: FakeHost, command: Command) -> None:
        (self.acts or self.obey)(host, command)


@contextmanager
def stage(path: Path) -> Iterator[Stage]:
    """Set up a stage with an empty home."""
    home = open_home(path)
    with (
        HomeLock.acquire(home, what="test") as lock,
        open_ledger(home) as ledger,
        closing(SessionDb(home.sessions_path)) as sessions,
        closing(Sessions(home.sessions_path)) as looked,
    ):
        yield Stage(home, lock, ledger, sessions, looked)
