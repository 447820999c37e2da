"""What the ledger hands out of orders to send, which several machines have a part in."""

from dataclasses import dataclass


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
