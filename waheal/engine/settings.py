"""How a run is to go, as the operator asked for it; knows nothing of options or files."""

from collections.abc import Container
from dataclasses import dataclass, field

from waheal.engine.ports import SharedBounds
from waheal.policy.chat_limits import ChatBudget
from waheal.policy.pacing import Limits
from waheal.policy.windows import Window
from waheal.wire import HostSettings


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What one `send` is to do. Durations are seconds, moments Unix seconds."""

    campaign: str
    host: HostSettings = field(default_factory=HostSettings)
    hosts: int = 1
    refreshes: int = 1500  # clients that a host has let go of when it is exchanged; each leaks
    devices: Container[str] | None = None  # None: all
    limits: Limits = field(default_factory=Limits)
    new_chats: ChatBudget = field(default_factory=ChatBudget)
    window: Window | None = None
    keep_replies: bool = False  # the texts; that somebody replied is kept in any case
    sticky: bool = True
    sticky_failover: bool = True
    limit: int | None = None  # claims in this run
    start: float | None = None  # nothing is sent, and no host is started, before
    max_runtime: float | None = None  # from then on
    until: float | None = None
    pause_after_errors: float | None = None  # share, 0..1
    max_tries: int = 3  # refusals that may pass, before a recipient is failed
    max_wait: float = 900.0  # a pause longer than this ends the run instead
    no_device_wait: float = 180.0  # likewise, since a device was last up, when none is left
    ledger_wait: float = 300.0  # for a ledger that can't be reached any more
    shared: SharedBounds | None = None  # for whom limit and pause_after_errors hold as well
    drain_window: float = 3.0  # stays after the last send, to answer retry receipts
