"""What a test and its process with the real library say to each other."""

from dataclasses import dataclass

from waheal.host.client import ConnectionEvent, News, Outgoing


@dataclass(frozen=True, slots=True)
class Build:
    number: int
    jid: str


@dataclass(frozen=True, slots=True)
class Call:
    """One of connect, is_connected, lid_of, send, logout, stop; answered by Done with its id."""

    id: int
    number: int
    method: str
    timeout: float = 0.0
    message: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Done:
    id: int
    value: bool | str | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    number: int
    said: ConnectionEvent | News


@dataclass(frozen=True, slots=True)
class Gone:
    number: int
