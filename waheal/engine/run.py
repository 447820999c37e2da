"""One run of one campaign: a loop that hears, writes, commits, and only then sends.

Theory of operation. Each turn takes what the hosts reported since the last one, writes all of it
and the next claims in ONE ledger transaction, and dispatches the claims after the commit, once they
are in the journal too: so a claim is durable before its message can leave, and a disk sync serves
as many messages as came together meanwhile. Everything that can change the ledger runs on the
caller's thread; hosts, signals and timers only put into the inbox.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from random import Random
from zoneinfo import ZoneInfo

from waheal.client_version import ANNOUNCED
from waheal.engine.claims import PUT_OFF, Claims, Won
from waheal.engine.course import Course, Phase
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flights
from waheal.engine.hearing import Hearing
from waheal.engine.helm import Helm
from waheal.engine.hosts import Asked
from waheal.engine.inbound import inbound_for
from waheal.engine.landing import Landing
from waheal.engine.lingering import Lingering
from waheal.engine.link import Link, setup_for
from waheal.engine.new_chats import NewChats, told_before
from waheal.engine.past import (
    begin_a_run,
    hear_the_past,
    learn_the_past,
    settle_the_past,
    tell_what_was_sent,
)
from waheal.engine.presence import try_the_version
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.engine.reconnecting import ANSWERS_WITHIN, LEASE, Reconnecting, Turn
from waheal.engine.recycling import Recycling
from waheal.engine.roster import Roster
from waheal.engine.settings import RunSettings
from waheal.engine.standstill import Diagnosis
from waheal.engine.surroundings import REAL, Surroundings
from waheal.engine.suspects import Suspects
from waheal.engine.unwritten import Unwritten
from waheal.errors import WahealError, code_of
from waheal.events import (
    Claimed,
    Draining,
    Event,
    Note,
    Resumed,
    RunFinished,
    RunStarted,
)
from waheal.model import DeviceState, ErrandKind, Phone, State
from waheal.policy.optout import Words
from waheal.policy.windows import Hours
from waheal.records import Campaign, Tally
from waheal.store.claim_journal import ClaimJournal
from waheal.store.database import News
from waheal.store.ground import Ground
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.sessions import Sessions
from waheal.waits import Standstill
from waheal.wire import Revoke

_LOOK = 0.5  # seconds between looks at what other processes wrote
_NAP = 30.0  # seconds between two looks at the clock, which may be set, or sleep with the machine
_STUCK = 30.0  # past the watchdog's time, a host that still says nothing is hung


class Run:
    """Sends a campaign, or goes on where the last run stopped.

    The lock must be held; its descriptor goes to every host.
    """

    def __init__(
        self,
        home: Home,
        lock: HomeLock,
        ledger: Ledger,
        settings: RunSettings,
        *,
        words: Words,
        zone: ZoneInfo,
        random: Random | None = None,
        surroundings: Surroundings = REAL,
    ) -> None:
        chance = random or Random()  # noqa: S311 - jitter, no secret
        boot = boot_id(home)
        self._home = home
        self._ground = Ground(home)
        self._ledger = ledger
        self._settings = settings
        self._now: Callable[[], float] = lambda: ledger.now(surroundings.now())
        self._started = self._looked = self._now()
        self._begins = max(self._started, settings.start or 0.0)
        self._awaited: list[str] = []  # machines, before anybody may be claimed
        self._campaign = campaign = _campaign(ledger, settings.campaign)
        self._stops = ledger.campaigns.stops(campaign.id)  # asked before; they meant others
        self._sessions = Sessions(home.sessions_path)
        self._journal = ClaimJournal(home.journal_path)
        self._reconciler = Reconciler(self._sessions, home.logs, boot)
        self._unwritten = Unwritten(home)
        self._link = _link(home, lock, settings, surroundings, self._unwritten)
        self._fleet = Fleet(self._link, settings.hosts, surroundings.monotonic)
        self._flights = Flights(self._fleet, surroundings.monotonic, lambda: ledger.ahead)
        self._lingering = Lingering(
            self._link, self._flights, _places(settings), surroundings.monotonic
        )
        self._chats = NewChats(ledger.chats, self._sessions, settings.new_chats, self._started)
        self._roster = _roster(ledger, campaign, settings, self._chats, chance, self._started)
        hours = Hours(settings.window, zone) if settings.window else None
        self._claims = Claims(
            ledger.work, ledger.history, self._chats, self._sessions, campaign, self._roster,
            settings, hours, boot=boot, random=chance, lease=LEASE if ledger.remote else None,
            shared=ledger.remote,
        )  # fmt: skip
        self._recycling = Recycling(
            self._fleet, self._roster, settings.refreshes, surroundings.monotonic
        )
        self._suspects = Suspects(self._fleet, self._roster)
        self._landing = _landing(ledger, self._reconciler, settings, chance)
        self._inbound = inbound_for(
            ledger, self._sessions, words, campaign.id, keep_replies=settings.keep_replies
        )
        self._hearing = Hearing(
            self._flights,
            self._landing,
            self._inbound,
            self._roster,
            self._chats,
            self._fleet,
            self._recycling,
            self._suspects,
        )
        self._helm = Helm(
            ledger.campaigns,
            campaign.id,
            settings,
            self._roster,
            self._claims,
            self._flights,
            self._hearing,
            self._recycling,
            self._suspects,
            Diagnosis(ledger.work, ledger.devices, campaign.id, self._roster, settings),
            surroundings.monotonic,
            self._started,
        )
        self._reconnecting = Reconnecting(
            ledger, self._link, self._flights, self._claims, self._helm,
            renew=self._renew, withhold=self._fleet.broadcast, patience=settings.ledger_wait,
            now=self._now, monotonic=surroundings.monotonic, random=chance,
        )  # fmt: skip

    # Asked from signal handlers and other threads: these only leave a message.

    def drain(self, reason: str = "interrupted") -> None:
        """Claim nothing more; let what is in flight finish, then end with 130."""
        self._link.put(Asked(reason))

    def abandon(self) -> None:
        """End at once and leave what is in flight in doubt."""
        self._link.put(Asked("interrupted", at_once=True))

    def events(self) -> Generator[Event, None, None]:
        """Run to the end, telling what happens.

        Raises: WahealError, or what is a fault of waheal's own, after `RunFinished` was told.
        """
        tally = self._ledger.campaigns.tally(self._campaign.id)
        members, now = self._roster.scheduler.members, self._now()
        out = tuple(
            each
            for each in self._ledger.devices.all(now)
            if each.label in members and each.state is not DeviceState.READY
        )
        yield RunStarted(
            self._campaign.name, tally.total, tally.to_send, len(members), tally, out,
            begins=self._begins,
        )  # fmt: skip
        failure: Exception | None = None
        try:
            yield from self._reconnecting.lasting(self._settle_the_past)
            yield from told_before(self._roster.shut_before)
            if (version := self._settings.host.client_version) is not None:
                yield Note(f"the version announced is {version}, in place of {ANNOUNCED}")
            yield from self._work()
        except Exception as error:  # noqa: BLE001 - raised again, once the end was told
            failure = error
            self._helm.fail(code_of(error))
        finally:
            self._sessions.close()
            self._unwritten.close()
        self._helm.heed(self._link.hear(0.0))  # asked for while the hosts ended
        with suppress(WahealError):  # a ledger that failed: the count before it is the last known
            tally = self._ledger.campaigns.tally(self._campaign.id)
        if tally[State.PENDING] and (last_word := self._helm.last_word):
            yield last_word
        errands = self._campaign.kind in set(ErrandKind)
        code = self._course.exit_code(tally, late_fails=errands)
        took = max(0.0, self._now() - self._begins)
        yield RunFinished(tally.at_rest(), took, code, self._left_by(tally, failure))
        if failure is not None:
            raise failure

    def _left_by(self, tally: Tally, failure: Exception | None) -> Standstill | None:
        """Tell why somebody is left; None where all is settled."""
        if not tally.left:
            return None
        if failure is not None:
            own = f"a fault of waheal's own ({type(failure).__name__})"
            return Standstill(failure.message if isinstance(failure, WahealError) else own)
        if not tally[State.PENDING]:
            return Standstill("nobody knows yet whether every message has left")
        return self._helm.stop

    def _settle_the_past(self) -> Iterator[Event]:
        yield from settle_the_past(
            self._ledger, self._reconciler, self._unwritten, self._campaign.id, self._now()
        )
        yield from hear_the_past(self._ledger, self._unwritten, self._inbound, self._now())
        with self._ledger.transaction():
            self._roster.free_contacts()

    def _work(self) -> Iterator[Event]:
        yield from self._reconnecting.lasting(self._learn_the_past)
        yield from self._reconnecting.lasting(self._wait_for_start)
        yield from self._reconnecting.lasting(self._look_ahead)
        if self._course.over:
            return
        try:
            self._fleet.start()
            while not self._course.over:
                yield from self._reconnecting.lasting(self._turn)
        finally:
            self._fleet.end(gently=not self._course.abandoned)
        yield from self._hear_last_words()
        yield from self._reconnecting.lasting(self._leave_in_doubt)
        if self._fleet.failure is not None:
            raise self._fleet.failure

    def _learn_the_past(self) -> Iterator[Event]:
        learn_the_past(self._ledger, self._sessions, self._journal)
        self._look_for_others()
        yield from self._tell_what_waited()

    def _look_ahead(self) -> Iterator[Event]:
        """See whether there is anything to do, and somebody to do it; begin, if there is."""
        yield from ()
        with self._ledger.transaction():
            self._ledger.work.undefer(self._campaign.id, PUT_OFF, self._now())
            self._ledger.work.expire(self._campaign.id, self._now())
            if self._ledger.campaigns.anything_pending(self._campaign.id):
                try_the_version(self._ledger.devices, self._now())
                self._roster.reload(self._now())
        self._helm.heed(self._link.hear(0.0))
        self._helm.look_ahead(self._now())
        if not self._course.over:
            self._claims.stamp = begin_a_run(self._ledger, self._home.sessions_path)
            self._ledger.hurry(ANSWERS_WITHIN)

    def _wait_for_start(self) -> Iterator[Event]:
        """Begin no sooner than the operator says; before that no host is started."""
        told = self._helm.wait_for_start(self._now())
        yield from told
        while told and self._course.claims and (left := self._begins - self._now()) > 0.0:
            self._helm.heed(self._link.hear(min(left, _NAP)))
        if told:
            self._roster.outage.reached(self._now())  # that long nobody had to be up

    # One turn: hear, write, commit, send, tell.

    def _turn(self) -> Iterator[Event]:
        before = self._course.phase
        messages = self._lingering.hear(self._patience(), self._now)
        self._ground.hold()
        now = self._now()
        revoked: list[Revoke] = []
        self._helm.heed(messages)
        self._reconnecting.heard(messages)
        turn = self._reconnecting.begin()
        told = turn.told
        # Who opts out is written while nobody claims: it holds for every claim from then on.
        alone = any(self._hearing.weighs(each) for each in turn.reports)
        together = self._ledger.transaction if alone else self._ledger.turn
        with together(), self._sessions.at_once():
            told += self._write(turn, now, revoked)
            told += self._helm.count_errors(told)
            told += self._helm.mind_the_version(told)
            told += self._look_outside(now, revoked)
            won = self._claim(now, told)
        self._reconnecting.written()
        for revoke in revoked:
            self._fleet.broadcast(revoke)
        self._journal.append(each.claim.witness for each in won)
        for each in won:
            self._flights.dispatch(each, now)
        yield from told
        self._helm.mind_bounds(now)  # which these claims may have used up
        yield from self._helm.mind_outage(now, self._awaited)
        if self._course.phase is Phase.DRAINING and before is not Phase.DRAINING:
            yield Draining(len(self._flights), self._course.why or "")
        self._mind_hosts(now)
        if not won and not self._awaited:
            yield from self._helm.wait_or_end(now)
            yield from self._helm.mind_the_pace(now)
        self._helm.mind_the_end()

    def _write(self, turn: Turn, now: float, revoked: list[Revoke]) -> list[Event]:
        """Take in what the hosts said."""
        told = self._hearing.hear(turn.reports, now, revoked)
        if self._fleet.failure is not None:
            self._helm.fail(self._fleet.failure.exit_code)
        return [] if turn.repeated else told

    def _renew(self, now: float) -> None:
        """Make again what was made of the ledger."""
        self._chats.renew(now)
        self._roster.renew(now, *self._flights.in_hand.claimed())
        self._flights.in_hand.reseat(self._roster.get)
        self._inbound.renew()

    def _patience(self) -> float:
        if self._reconnecting.owes:
            return 0.0
        may_claim = self._course.claims and self._room() > 0
        if may_claim and self._claims.more:
            return 0.0
        moment = self._claims.next_moment(self._now()) if may_claim else None
        wait = _LOOK if moment is None else moment - self._now()
        return min(_LOOK, max(0.01, wait))

    def _room(self) -> int:
        """Claims that may still go out: as many again wait as can be under way."""
        if self._awaited:
            return 0
        room = 2 * _places(self._settings) - self._flights.places_taken()
        return self._roster.outage.room(self._now(), room)

    def _claim(self, now: float, told: list[Event]) -> tuple[Won, ...]:
        self._helm.mind_bounds(now)  # an end that has come is none to claim behind
        if not self._course.claims or (room := self._room()) <= 0:
            return ()
        taken = self._claims.take(now, room, self._fleet.log_name)
        if taken.won and self._roster.outage.since is not None:
            self._roster.outage.tried(now)
        told += taken.events
        if taken.won and self._helm.resume():
            told.append(Resumed("sending goes on"))
        told += [Claimed(won.claim.phone, won.member.device) for won in taken.won]
        return taken.won

    @property
    def _course(self) -> Course:
        return self._helm.course

    # What else may happen.

    def _look_for_others(self) -> None:
        """See who is yet to tell what was sent, where the ledger went back; tell it oneself."""
        tell_what_was_sent(self._ledger, self._sessions, self._journal)
        self._awaited = self._ledger.machines.awaited()

    def _look_outside(self, now: float, revoked: list[Revoke]) -> list[Event]:
        self._look_for_others()
        told = self._roster.readmit(now)
        if news := self._ledger.changed():
            told += self._heed(news, now, revoked)
            self._roster.scheduler.refresh()
        due = self._ledger.work.next_due(self._campaign.id, self._looked)
        if due is not None and due <= now:
            self._roster.scheduler.refresh()
        self._looked = now
        return told

    def _heed(self, news: frozenset[News], now: float, revoked: list[Revoke]) -> list[Event]:
        """Heed what other processes have changed, on whichever machine."""
        told: list[Event] = []
        if News.STOPS in news and self._ledger.campaigns.stops(self._campaign.id) > self._stops:
            self._helm.heed([Asked("stopped from elsewhere")])
        stopped = self._roster.reload(now) if News.DEVICES in news else frozenset()
        if News.REST in news:  # a run that heard an opt-out has set aside whom it concerns
            told += self._aside(now, revoked)
        out = frozenset[Phone]()
        if News.OPT_OUTS in news:
            out = self._inbound.unwanted(flight.claim for flight in self._flights)
        if stopped or out:
            revoked.append(Revoke(out, stopped))
        return told

    def _aside(self, now: float, revoked: list[Revoke]) -> list[Event]:
        """Set aside whom another process has suppressed meanwhile."""
        dropped = self._ledger.people.suppress_listed(self._campaign.id, now)
        if not dropped:
            return []
        revoked.append(Revoke(frozenset(each.phone for each in dropped)))
        return [Note(f"{len(dropped)} pending recipients were suppressed meanwhile")]

    def _mind_hosts(self, now: float) -> None:
        """Exchange those that are worn, and end those that hang."""
        if self._course.claims:
            self._recycling.look(self._flights, now)
        for host in self._flights.hung(self._settings.host.call_timeout + _STUCK):
            host.kill()

    def _hear_last_words(self) -> Iterator[Event]:
        """Take in what hosts said until their end: no opt-out may be lost, nor any answer."""
        if self._reconnecting.owes:
            yield from self._reconnecting.lasting(self._write_down)
        for messages in self._link.last_words():
            self._helm.heed(messages)
            self._reconnecting.heard(messages)
            yield from self._reconnecting.lasting(self._write_down)

    def _write_down(self) -> Iterator[Event]:
        turn = self._reconnecting.begin()
        with self._ledger.transaction():
            turn.told += self._write(turn, self._now(), [])
        self._reconnecting.written()
        yield from turn.told

    def _leave_in_doubt(self) -> Iterator[Event]:
        """Now that the hosts are reaped, evidence may settle some of what was in flight."""
        why = "was ended by the operator" if self._course.abandoned else "was ended"
        with self._ledger.transaction():
            settled = self._landing.leave(self._flights, why, self._now())
        yield from settled
        yield from self._tell_what_waited()

    def _tell_what_waited(self) -> Iterator[Event]:
        with self._ledger.transaction():
            told = self._inbound.all_reached()
        yield from told


def _campaign(ledger: Ledger, name: str) -> Campaign:
    campaign = ledger.campaigns.find(name)
    if campaign is None:
        raise LookupError(name)  # enrolled before a run is made
    return campaign


def _places(settings: RunSettings) -> int:
    """How many sends can be under way at once."""
    return settings.host.senders * settings.hosts


def _link(
    home: Home,
    lock: HomeLock,
    settings: RunSettings,
    surroundings: Surroundings,
    unwritten: Unwritten,
) -> Link:
    return Link(
        setup_for(home, settings.host, share=settings.hosts),
        logs=home.logs,
        lock_fd=lock.fileno(),
        surroundings=surroundings,
        unwritten=unwritten,
    )


def _roster(
    ledger: Ledger,
    campaign: Campaign,
    settings: RunSettings,
    chats: NewChats,
    random: Random,
    now: float,
) -> Roster:
    return Roster(
        ledger.devices,
        ledger.work,
        ledger.history,
        chats,
        campaign.id,
        settings,
        random,
        now,
        shared=ledger.remote,
    )


def _landing(
    ledger: Ledger, reconciler: Reconciler, settings: RunSettings, random: Random
) -> Landing:
    return Landing(
        ledger.outcomes,
        ledger.doubts,
        ledger.people,
        reconciler,
        max_tries=settings.max_tries,
        random=random,
    )
