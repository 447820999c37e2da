"""Places an order to send a campaign, for all machines that share the ledger; sends nothing.

What an operator asks for is kept in their own words; but a time of day, and how long it may take,
are moments once the order is placed: they hold for all of it, whenever a machine begins.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from waheal.acts import parsing
from waheal.acts.orders import SendOrder
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords, Route
from waheal.cluster.orders import ENQUEUE, queue_of
from waheal.errors import UsageError
from waheal.order_records import PlacedOrder
from waheal.records import Campaign, JoinedMachine
from waheal.store.ledger import Ledger
from waheal.store.schema import VERSION


def place(ledger: Ledger, campaign: Campaign, order: SendOrder, now: float) -> PlacedOrder:
    """Place an order with every machine, or find the one that stands; `now`: the ledger's time.

    Whoever asks for the same as it stands only joins those who watch. Nobody gets it into a queue.

    Raises:
        UsageError: one stands that asks for something else.
    """
    wanted, ends = _kept(order, now)
    with ledger.transaction():
        standing = ledger.orders.open_one(campaign.id)
        if standing is not None and standing.wanted != wanted:
            raise UsageError(
                f"{campaign.name} is under way, by an order with other options",
                hint=f"end that one with `waheal stop {quote(campaign.name)}`, or give the"
                " same options again to watch it",
            )
        number = ledger.orders.place(campaign.id, wanted, now, ends) if standing is None else 0
        found = standing or ledger.orders.get(number)
        if found is None:
            raise LookupError(number)  # it was placed in this transaction
        ledger.orders.give(found.id, (each.id for each in machines(ledger)))
    return found


def hand_on(ledger: Ledger, order: int, machine: int) -> None:
    """Put an order into a machine's queue, unless it waits or runs there."""
    statement = ENQUEUE.format(schema=ledger.orders.queue_schema)
    ledger.orders.hand_on(statement, order, machine, queue_of(machine), VERSION)


def machines(ledger: Ledger) -> list[JoinedMachine]:
    """List those that share the ledger."""
    return [each for each in ledger.machines.listed() if each.retired is None]


def order_of(placed: PlacedOrder) -> SendOrder:
    """Give what was asked for, as a machine is to heed it."""
    kept = json.loads(placed.wanted)
    bounds = Bounds(**kept["bounds"])
    if placed.ends is not None:
        bounds = replace(bounds, until=_iso(placed.ends))
    return SendOrder(
        Path(kept["file"]), placed.campaign,
        pace=Pacing(**kept["pace"]), route=Route(**kept["route"]), bounds=bounds,
        machinery=Machinery(**kept["machinery"]), replies=ReplyWords(**kept["replies"]),
        show_numbers=kept["show_numbers"], keep_replies=kept["keep_replies"],
    )  # fmt: skip


def _kept(order: SendOrder, now: float) -> tuple[str, float | None]:
    """Write what is kept of an order, and from when on nothing more is claimed."""
    start, until = order.bounds.moments()
    longest = order.bounds.max_runtime
    ends = [] if until is None else [until]
    if longest is not None:
        ends.append(max(now, start or now) + parsing.duration(longest, "--max-runtime"))
    bounds = {**asdict(order.bounds), "until": None, "max_runtime": longest}
    if start is not None:
        bounds["start"] = _iso(start)
    kept: Mapping[str, object] = {
        "file": str(parsing.spelled(order.file, "the file")),
        "pace": asdict(order.pace),
        "route": asdict(order.route),
        "bounds": bounds,
        "machinery": asdict(order.machinery),
        "replies": asdict(order.replies),
        "show_numbers": order.show_numbers,
        "keep_replies": order.keep_replies,
    }
    return json.dumps(kept, sort_keys=True), min(ends, default=None)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
