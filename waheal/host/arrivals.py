"""Which messages have arrived, as recipients' phones told; knows no Send.

A message that is sent once more may turn out to have arrived the first time: its receipt waits at
the server, and comes with the very connect that the second one needs. The coordinator can't call
that one back in time, so the last look asks here.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

KEPT = 10_000
"""Message ids that are remembered, the latest; what is older has long been told."""


class Arrivals:
    """The ids of messages that were delivered or read since the host began."""

    def __init__(self) -> None:
        self._lock = Lock()  # guards the ids; no I/O
        self._ids: OrderedDict[str, None] = OrderedDict()

    def note(self, message_ids: Iterable[str]) -> None:
        """Remember that these have arrived."""
        with self._lock:
            self._ids.update(dict.fromkeys(message_ids))
            while len(self._ids) > KEPT:
                self._ids.popitem(last=False)

    def any_of(self, message_ids: Iterable[str]) -> bool:
        """Tell whether one of these has arrived."""
        with self._lock:
            return any(each in self._ids for each in message_ids)
