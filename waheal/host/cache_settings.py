"""How the cache heals, in figures; a plain value, derived from the coordinator's Setup."""

from dataclasses import dataclass

from waheal.wire import Setup


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """All times in seconds."""

    max_open: int = 1000
    connects: int = 16
    connect_timeout: float = 20.0
    reconnect_wait: float = 12.0
    tries: int = 3  # connects a lease makes before it gives up; the breaker is the coordinator's
    backoff: float = 0.5  # before the second try; doubled for each further one, half of it jitter
    stop_wait: float = 5.0  # how long the library is given to let go of a client
    replaced_limit: int = 4  # so many replacements within `replaced_window` are a rival's work
    replaced_window: float = 60.0
    replaced_hold: float = 300.0

    @classmethod
    def of(cls, setup: Setup) -> "CacheSettings":
        """Take over what the coordinator asked for."""
        return cls(
            max_open=setup.max_open,
            connects=setup.connects,
            connect_timeout=setup.connect_timeout,
            reconnect_wait=setup.reconnect_wait,
        )
