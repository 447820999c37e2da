"""Orders that are placed at times: keeps them, and places them in a worker; sends nothing itself.

Theory of operation. Each worker looks now and then whose time has come, by the ledger's clock. One
that has the campaign's file takes the time in hand, which is an update that one of them wins, and
does what `waheal send --detach` does: it reads the file, enrols, and orders the rest of all
machines. An order that is open by then gets what is new in the file. What no machine with the file
was at work for is made up for within an hour, and of several times the latest only; what a machine
was killed over it does once more.

DBOS has schedules, too, and they are not used. They fire on whichever machine it is, and the file
lies on some; make up for all times that were missed, or for none; go by each machine's own clock;
and unpickle what the database gives them. What they have beyond a row that one machine takes is the
calendar, which is croniter's here as there.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Self

from waheal.acts import parsing
from waheal.acts.asking import read
from waheal.acts.cluster import shared
from waheal.acts.crontab import last_of, next_of, see_it_is_one
from waheal.acts.orders import Reading, SendOrder, campaign_name
from waheal.acts.send import Sending
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords, Route
from waheal.acts.workspace import Workspace
from waheal.errors import HomeUnusableError, LedgerLostError, UsageError, WahealError
from waheal.events import NothingToDo
from waheal.model import ExitCode
from waheal.order_records import RepeatedOrder
from waheal.store.ledger import Ledger

_LOOK = 10.0  # seconds between two looks whose time has come
_LATE = 3600.0  # seconds for which a time is made up for

_PATHS = ("template", "media", "media_root")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What is kept, the file that its machine must have, and its next time (Unix s)."""

    schedule: RepeatedOrder
    file: Path
    next_at: float


@dataclass(frozen=True, slots=True)
class Ticked:
    """A campaign's time came, and its order was placed here, or why not."""

    campaign: str
    at: float
    exit_code: ExitCode
    told: str


def schedule(workspace: Workspace, order: SendOrder, cron: str) -> Scheduled:
    """Keep an order that is placed at the times of a cron expression, in this machine's zone.

    It takes the place of the campaign's earlier one. Nothing is read or sent now.

    Raises:
        UsageError: no shared ledger is named, the expression is none, or an option can't be read,
            or makes no sense for what comes again.
    """
    shared(workspace)
    cron, name = see_it_is_one(cron), campaign_name(order.file, order.name)
    _see_it_may_come_again(order)
    read(order)
    order = _anywhere(replace(order, name=name))
    zone = parsing.machine_zone().key
    with workspace.ledger() as ledger:
        ledger.schedules.keep(name, cron, zone, _kept(order))
        (found,) = [each for each in ledger.schedules.all() if each.campaign == name]
        return Scheduled(found, order.file, next_of(cron, zone, ledger.schedules.now))


def unschedule(workspace: Workspace, name: str) -> None:
    """Order a campaign no more; what is under way goes on.

    Raises:
        UsageError: it has no schedule, or no shared ledger is named.
    """
    shared(workspace)
    with workspace.ledger() as ledger:
        if not ledger.schedules.drop(name):
            raise UsageError(
                f"{name!r} has no schedule", hint="see which have one with `waheal cluster`"
            )


def file_of(kept: RepeatedOrder) -> Path:
    """Tell which file is read at its times."""
    return Path(json.loads(kept.wanted)["file"])


def missed(kept: RepeatedOrder, now: float) -> float | None:
    """Tell its last time if nobody took that in hand; a look is not over before a minute."""
    last = last_of(kept.cron, kept.zone, now - 60.0)
    return last if last > max(kept.since, kept.tick or 0.0) else None


class Ticking:
    """Places orders at their times, on a thread and a connection of its own; a context manager.

    `outgrown` is told once a newer waheal has changed the ledger, and nothing is placed after that.
    """

    def __init__(self, workspace: Workspace, outgrown: Callable[[HomeUnusableError], None]) -> None:
        self._workspace = workspace
        self._outgrown = outgrown
        self._over = Flag()
        self._told = SimpleQueue[Ticked]()
        self._thread = Thread(target=self._go, name="ticks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def told(self) -> Iterator[Ticked]:
        """Give what was done since this was asked last."""
        while True:
            try:
                yield self._told.get_nowait()
            except Empty:
                return

    def _go(self) -> None:
        while not self._over.is_set():
            with ExitStack() as stack:
                try:
                    ledger = stack.enter_context(self._workspace.ledger())
                    self._look(ledger)
                except HomeUnusableError:  # the worker finds that out as well, and tells it
                    self._over.wait(_LOOK)

    def _look(self, ledger: Ledger) -> None:
        again = True
        while not self._over.is_set():
            ledger.machines.beat()
            if (error := _newer(ledger)) is not None:
                self._outgrown(error)
                self._over.wait()
                return
            for each in tick(self._workspace, ledger, again=again):
                self._told.put(each)
            again = False
            self._over.wait(_LOOK)


def _newer(ledger: Ledger) -> HomeUnusableError | None:
    try:
        ledger.upkeep.see_it_is_known()
    except LedgerLostError:
        raise
    except HomeUnusableError as error:
        return error
    return None


def tick(workspace: Workspace, ledger: Ledger, *, again: bool = False) -> Iterator[Ticked]:
    """Place the orders whose time has come; `again`: those, too, over which one was killed here."""
    for each in ledger.schedules.all():
        at = last_of(each.cron, each.zone, ledger.schedules.now)
        if ledger.schedules.now - at > _LATE or not file_of(each).is_file():
            continue
        cut_short = each.machine == ledger.machines.mine and each.ended is None and each.tick == at
        if (again and cut_short) or ledger.schedules.take(each.campaign, at):
            code, told = _placed(workspace, each)
            ledger.schedules.end(each.campaign, at, code=code, told=told)
            yield Ticked(each.campaign, at, code, told)


def _placed(workspace: Workspace, kept: RepeatedOrder) -> tuple[ExitCode, str]:
    """Do what `waheal send --detach` does; tell how it ended."""
    try:
        sending = Sending(workspace, replace(_order(kept.wanted), detach=True))
        told = [type(event) for event in sending]
    except LedgerLostError:
        raise
    except WahealError as error:
        return error.exit_code, error.message
    return sending.exit_code, "nobody is left" if NothingToDo in told else "ordered"


def _see_it_may_come_again(order: SendOrder) -> None:
    once = {
        "--test-to": order.test_to is not None,
        "--dry-run": order.dry_run,
        "--start": order.bounds.start is not None,
        "--on-end": order.on_end is not None,
        "--metrics": order.metrics is not None,
    }
    if said := [option for option, given in once.items() if given]:
        raise UsageError(
            f"{said[0]} is for one send, and a schedule is for many", hint="leave it out"
        )


def _anywhere(order: SendOrder) -> SendOrder:
    """Give its files by their whole paths: it is read elsewhere."""
    reading = order.reading
    paths: dict[str, Path] = {
        each: parsing.spelled(path, f"--{each.replace('_', '-')}")
        for each in _PATHS
        if (path := getattr(reading, each)) is not None
    }
    return replace(
        order,
        file=parsing.spelled(order.file, "the file"),
        reading=_with_paths(reading, paths),
    )


def _with_paths(reading: Reading, paths: Mapping[str, Path | None]) -> Reading:
    return replace(
        reading,
        template=paths.get("template"),
        media=paths.get("media"),
        media_root=paths.get("media_root"),
    )


def _kept(order: SendOrder) -> str:
    return json.dumps(asdict(order), default=str, sort_keys=True)


def _order(kept: str) -> SendOrder:
    found = json.loads(kept)
    parts: dict[str, Callable[..., object]] = {
        "pace": Pacing, "route": Route, "bounds": Bounds, "machinery": Machinery,
        "replies": ReplyWords, "reading": Reading,
    }  # fmt: skip
    try:
        made = {name: of(**found.pop(name)) for name, of in parts.items()}
        order = SendOrder(**{**found, **made, "file": Path(found["file"])})
    except (KeyError, TypeError) as error:
        raise UsageError(
            "its schedule was kept by another version of waheal",
            hint="keep it anew: `waheal cluster schedule FILE --cron CRON`",
        ) from error
    paths = {each: getattr(order.reading, each) for each in _PATHS}
    whole = {each: None if path is None else Path(path) for each, path in paths.items()}
    return replace(order, reading=_with_paths(order.reading, whole))
