"""What a test and its process with the real library say to each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from waheal.host.client import ConnectionEvent, News, Outgoing
from waheal.host.directory import Listing
from waheal.model import Phone


@dataclass(frozen=True, slots=True)
class Build:
    number: int
    jid: str


@dataclass(frozen=True, slots=True)
class Call:
    """One of connect, is_connected, look_up, fetch_devices, send, logout, stop.

    Answered by Done with its id.
    """

    id: int
    number: int
    method: str
    timeout: float = 0.0
    message: Outgoing | None = None
    phones: tuple[Phone, ...] = ()
    lids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    id: int
    value: bool | str | Mapping[Phone, Listing] | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    number: int
    said: ConnectionEvent | News


@dataclass(frozen=True, slots=True)
class Gone:
    number: int
