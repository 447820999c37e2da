"""One run of one campaign: a loop that hears, writes, commits, and only then sends.

Theory of operation. Each turn takes what the hosts reported since the last one, writes all of it
and the next claims in ONE ledger transaction, and dispatches the claims after the commit: so a
claim is durable before its message can leave, and a disk sync serves as many messages as came
together meanwhile. Everything that can change the ledger runs on the caller's thread; hosts,
signals and timers only put into the inbox.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from waheal.engine.claims import PUT_OFF, Claims, Won
from waheal.engine.ending import Ending
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Landing
from waheal.engine.hearing import Hearing
from waheal.engine.hosts import Woken
from waheal.engine.inbound import Inbound
from waheal.engine.lanes import Lanes
from waheal.engine.link import Link, setup
from waheal.engine.past import learn_the_past, settle_the_past
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.engine.recycling import Recycling
from waheal.engine.settings import RunSettings
from waheal.engine.surroundings import REAL, Surroundings
from waheal.errors import WahealError
from waheal.events import (
    Claimed,
    Draining,
    Event,
    Note,
    Paused,
    Resumed,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import ExitCode, State
from waheal.policy.breaker import ErrorShare
from waheal.policy.optout import Words
from waheal.policy.windows import Hours
from waheal.records import Campaign
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.session_writer import stamp
from waheal.store.sessions import Sessions
from waheal.wire import Revoke

_LOOK = 0.5  # seconds between looks at what other processes wrote
_WORTH_TELLING = 3.0  # a shorter wait is pace, not a pause
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
        self._home = home
        self._ledger = ledger
        self._settings = settings
        self._now = surroundings.now
        self._monotonic = surroundings.monotonic
        self._campaign = _campaign(ledger, settings.campaign)
        self._sessions = Sessions(home.sessions_path)
        chance = random or Random()  # noqa: S311 - jitter, no secret
        boot = boot_id()
        self._reconciler = Reconciler(ledger, self._sessions, home.logs, boot)
        self._lanes = Lanes(ledger, self._campaign.id, settings, chance, self._now())
        self._claims = Claims(
            ledger,
            self._sessions,
            self._campaign,
            self._lanes,
            settings,
            Hours(settings.window, zone) if settings.window else None,
            boot=boot,
            random=chance,
        )
        self._link = Link(
            setup(home, settings.host, share=settings.host.hosts),
            logs=home.logs,
            lock_fd=lock.fileno(),
            surroundings=surroundings,
        )
        self._fleet = Fleet(self._link, settings.host.hosts, surroundings.monotonic)
        self._recycling = Recycling(
            self._fleet, self._lanes, settings.host.refreshes, surroundings.monotonic
        )
        self._errors = ErrorShare(settings.pause_after_errors)
        self._hearing = Hearing(
            Landing(ledger, self._reconciler, max_tries=settings.max_tries, random=chance),
            Inbound(ledger, self._sessions, words, self._campaign.id),
            self._lanes,
            self._fleet,
            self._recycling,
            surroundings.monotonic,
        )
        self._ending = Ending()
        self._stop: str | None = None
        self._abandoned = False
        self._announced = False  # the stop was told
        self._explained = False  # its reason was told as a pause
        self._paused = False
        self._more = False
        self._started = self._looked = self._now()

    # Asked from signal handlers and other threads: these only set a flag and wake the loop.

    def drain(self, reason: str = "interrupted") -> None:
        """Claim nothing more; let what is in flight finish, then end with 130."""
        self._ending.interrupted = True
        self._end(reason)
        self._link.put(Woken())

    def abandon(self) -> None:
        """End at once and leave what is in flight in doubt."""
        self._abandoned = True
        self.drain()

    def events(self) -> Iterator[Event]:
        """Run to the end, telling what happens.

        Raises: WahealError, or what is a fault of waheal's own, after `RunFinished` was told.
        """
        tally = self._ledger.campaigns.tally(self._campaign.id)
        devices = len(self._lanes.scheduler.lanes)
        yield RunStarted(
            self._campaign.name,
            tally.total,
            tally[State.PENDING] + tally[State.SENDING],
            devices,
            tally,
        )
        failure: Exception | None = None
        try:
            yield from settle_the_past(
                self._ledger, self._reconciler, self._campaign.id, self._now()
            )
            self._lanes.let_go()
            yield from self._work()
        except WahealError as error:
            failure, self._ending.failure = error, error.exit_code
        except Exception as error:  # noqa: BLE001 - raised again, once the end was told
            failure, self._ending.failure = error, ExitCode.OWN_FAULT
        finally:
            self._sessions.close()
        with suppress(WahealError):  # a ledger that failed: the count before it is the last known
            tally = self._ledger.campaigns.tally(self._campaign.id)
        if (
            tally[State.PENDING]
            and self._stop
            and not (self._explained or self._ending.interrupted)
        ):
            yield Paused(self._stop)
        code = self._ending.exit_code(tally)
        yield RunFinished(tally.at_rest(), self._now() - self._started, code)
        if failure is not None:
            raise failure

    def _work(self) -> Iterator[Event]:
        learn_the_past(self._ledger, self._sessions)
        with self._ledger.transaction():
            self._ledger.work.undefer(self._campaign.id, PUT_OFF, self._now())
            self._ledger.work.expire(self._campaign.id, self._now())
        if not self._anything_to_do():
            return
        self._claims.stamp = stamp(self._home.sessions_path)
        try:
            self._fleet.start()
            while not self._over():
                yield from self._turn()
            yield from self._listen()
        finally:
            self._fleet.end(gently=not self._abandoned)
        yield from self._hear_last_words()
        yield from self._leave_in_doubt()
        if self._fleet.failure is not None:
            raise self._fleet.failure

    def _anything_to_do(self) -> bool:
        pending, now = self._ledger.campaigns.anything_pending(self._campaign.id), self._now()
        if pending and not self._lanes.scheduler.any_usable():
            back = self._lanes.next_return()
            if back is None or back - now > self._longest_wait(now):
                self._no_way_on(now)
        return pending and not self._stop

    # One turn: hear, write, commit, send, tell.

    def _turn(self) -> Iterator[Event]:
        messages = self._link.hear(self._patience())
        now = self._now()
        told: list[Event] = []
        revoked: list[Revoke] = []
        with self._ledger.transaction():
            for message in messages:
                told += self._hearing.hear(message, now, revoked)
            told += self._count_errors(told)
            told += self._look_outside(now, revoked)
            won = self._claim(now, told)
        for revoke in revoked:
            self._fleet.broadcast(revoke)
        for each in won:
            self._hearing.dispatch(each, now)
        yield from told
        yield from self._watch(now, idle=not won)

    def _patience(self) -> float:
        if self._more:
            return 0.0
        moment = self._claims.next_moment(self._now()) if self._may_claim() else None
        wait = _LOOK if moment is None else moment - self._now()
        return min(_LOOK, max(0.01, wait))

    def _may_claim(self) -> bool:
        return self._stop is None and self._fleet.failure is None and self._room() > 0

    def _room(self) -> int:
        """Claims that may still go out: as many again wait as can be under way."""
        host = self._settings.host
        return 2 * host.senders * host.hosts - self._hearing.places_taken()

    def _claim(self, now: float, told: list[Event]) -> tuple[Won, ...]:
        self._more = False
        if not self._may_claim():
            return ()
        taken = self._claims.take(now, self._room(), self._fleet.log_name)
        told += taken.events
        self._more = taken.more
        if taken.won and self._paused:
            self._paused = False
            told.append(Resumed("sending goes on"))
        told += [Claimed(won.claim.phone, won.lane.device) for won in taken.won]
        return taken.won

    def _count_errors(self, told: list[Event]) -> list[Event]:
        for event in told:
            if isinstance(event, Settled):
                self._errors.note(event.state)
        reason = self._errors.tripped
        if reason is None or self._stop is not None:
            return []
        self._end(reason)
        self._explained = True
        return [Paused(reason)]

    # What else may happen.

    def _look_outside(self, now: float, revoked: list[Revoke]) -> list[Event]:
        told = self._lanes.come_back(now)
        if self._ledger.changed():
            told += self._aside(now)
            stopped = self._lanes.reload(now)
            phones = {flight.claim.phone for flight in self._hearing.flights.values()}
            out = frozenset(phone for phone in phones if self._ledger.people.is_suppressed(phone))
            if stopped or out:
                revoked.append(Revoke(out, stopped))
            self._lanes.scheduler.refresh()
        due = self._ledger.work.next_due(self._campaign.id, self._looked)
        if due is not None and due <= now:
            self._lanes.scheduler.refresh()
        self._looked = now
        return told

    def _aside(self, now: float) -> list[Event]:
        """Set aside whom another process has suppressed meanwhile."""
        dropped = len(self._ledger.people.suppress_listed(self._campaign.id, now))
        return [Note(f"{dropped} pending recipients were suppressed meanwhile")] if dropped else []

    def _watch(self, now: float, *, idle: bool) -> Iterator[Event]:
        """Look after time: deadlines, hung hosts, recycling, pauses."""
        ends = self._ends_at()
        if ends is not None and now >= ends and self._stop is None:
            self._end("its time is over")
        if self._claims.used_up and self._stop is None:
            self._end("its limit is reached")
        if self._stop is not None and not self._announced:
            self._announced = True
            yield Draining(len(self._hearing.flights), self._stop)
        if self._stop is None:
            self._recycling.look(self._hearing.flights.values(), now)
        for host in self._hearing.hung(self._settings.host.call_timeout + _STUCK):
            host.kill()
        if idle and not self._hearing.flights and self._stop is None and not self._more:
            yield from self._wait_or_end(now)

    def _wait_or_end(self, now: float) -> Iterator[Event]:
        """Nothing is in flight and nothing could be claimed: wait for a moment, or end."""
        if not self._ledger.campaigns.anything_pending(self._campaign.id):
            self._end("everything is settled")
            self._announced = True
            return
        if self._recycling.under_way:
            return  # the next host's devices go on
        moment = self._claims.next_moment(now)
        if moment is None or moment - now > self._longest_wait(now):
            self._no_way_on(now, moment)
        elif moment - now > _WORTH_TELLING and not self._paused:
            self._paused = True
            yield Paused("nothing may be sent now", moment)

    def _longest_wait(self, now: float) -> float:
        """Seconds that a pause may last; without a device, counted from when one was last up."""
        longest = self._settings.max_wait
        if self._lanes.scheduler.any_usable():
            return longest
        return min(longest, self._settings.no_device_wait) - (now - self._lanes.last_online)

    def _no_way_on(self, now: float, moment: float | None = None) -> None:
        self._ending.no_device = not self._lanes.scheduler.any_usable()
        if self._ending.no_device:
            self._end("no device can send")
        elif moment is not None and moment > now:
            at = datetime.fromtimestamp(min(moment, 4e9)).astimezone()
            self._end(f"nothing may be sent before {at:%Y-%m-%d %H:%M}")
        else:
            self._end("nothing is left that can be sent")
        self._announced = True  # nothing is in flight: the summary says it

    def _end(self, reason: str) -> None:
        if self._stop is None:
            self._stop = reason

    def _ends_at(self) -> float | None:
        longest = self._settings.max_runtime
        ends = [] if longest is None else [self._started + longest]
        return min([*ends, *([] if self._settings.until is None else [self._settings.until])],
                   default=None)  # fmt: skip

    def _over(self) -> bool:
        if self._abandoned or self._fleet.failure is not None:
            return True
        return self._stop is not None and not self._hearing.flights

    def _listen(self) -> Iterator[Event]:
        """Stay for a moment after the last send: a recipient may ask for a message again."""
        until = self._monotonic() + self._settings.drain_window
        while self._hearing.unanswered and self._monotonic() < until:
            if self._abandoned or self._fleet.failure is not None:
                return
            yield from self._turn()

    def _hear_last_words(self) -> Iterator[Event]:
        """Take in what hosts said until their end: no opt-out may be lost, nor any answer."""
        for messages in self._link.last_words():
            now = self._now()
            told: list[Event] = []
            with self._ledger.transaction():
                for message in messages:
                    told += self._hearing.hear(message, now, [])
            yield from told

    def _leave_in_doubt(self) -> Iterator[Event]:
        """Now that the hosts are reaped, evidence may settle some of what was in flight."""
        why = "was ended by the operator" if self._abandoned else "was ended"
        with self._ledger.transaction():
            settled = self._hearing.leave(why, self._now())
        yield from settled


def _campaign(ledger: Ledger, name: str) -> Campaign:
    campaign = ledger.campaigns.find(name)
    if campaign is None:
        raise LookupError(name)  # enrolled before a run is made
    return campaign
