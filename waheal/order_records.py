"""What the ledger hands out of orders to send, which several machines have a part in."""

from dataclasses import dataclass

from waheal.model import DeviceId, Phone, State


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order to send a campaign, for all machines that share the ledger. Times are Unix s.

    `wanted` is what the operator asked for, as it was kept; `ends`: from when nothing more is
    claimed; `stopped`: why it is to end before that; `done`: when the last machine was through.
    """

    id: int
    campaign_id: int
    campaign: str
    wanted: str
    placed: float
    ends: float | None
    stopped: str | None
    done: float | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An attempt as whoever looks on finds it; `outcome`: how it ended, None while it has not."""

    number: int
    phone: Phone
    device: DeviceId
    machine: int
    attempt: int
    outcome: State | None
    message_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RepeatedOrder:
    """An order that is placed again and again. Times are Unix s.

    `cron` and `zone` say when; `wanted` is what the operator asked for, as it was kept; `since`:
    when. `tick`: the last time that a `machine` took in hand, `ended` and with which `code` that
    was over, and what was `told`.
    """

    campaign: str
    cron: str
    zone: str
    wanted: str
    since: float
    tick: float | None = None
    machine: int | None = None
    ended: float | None = None
    code: int | None = None
    told: str | None = None


@dataclass(frozen=True, slots=True)
class OrderPart:
    """A machine's part in an order: since when, how it ended, and what it did so far."""

    machine: int
    began: float | None
    ended: float | None
    code: int | None
    reason: str | None
    claimed: int
    settled: int
    failed: int
