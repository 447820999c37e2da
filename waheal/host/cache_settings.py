"""How the cache heals, in figures; a plain value."""

from dataclasses import dataclass, field

from waheal.wire import HostSettings


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """What the coordinator asked of the host, and what is the cache's own; all times in seconds."""

    host: HostSettings = field(default_factory=HostSettings)
    tries: int = 3  # connects a lease makes before it gives up; the breaker is the coordinator's
    backoff: float = 0.5  # before the second try; doubled for each further one, half of it jitter
    stop_wait: float = 5.0  # how long the library is given to let go of a client
    replaced_limit: int = 4  # so many replacements within `replaced_window` are a rival's work
    replaced_window: float = 60.0
    replaced_hold: float = 300.0
