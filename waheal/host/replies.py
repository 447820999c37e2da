"""Who has written to a device since the coordinator was last heard; knows no words and no policy.

A reply may be an opt-out, and only the coordinator can tell. So the next Send to whoever wrote is
handed back once: the reply's report is ahead of it in the channel, and the claim that follows is
made, or not made, with the reply heeded.
"""

from threading import Lock

from waheal.model import DeviceId, Phone


class Replies:
    """The contacts whose next message must be asked for again."""

    def __init__(self) -> None:
        self._lock = Lock()  # guards the set; no I/O
        self._wrote: set[tuple[DeviceId, Phone | None]] = set()

    def note(self, device: DeviceId, phone: Phone | None) -> None:
        """Remember that this contact wrote; None where the library did not tell who."""
        with self._lock:
            self._wrote.add((device, phone))

    def take(self, device: DeviceId, phone: Phone) -> bool:
        """Tell whether this contact may be the one who wrote, and forget it."""
        with self._lock:
            known = {(device, phone), (device, None)} & self._wrote
            self._wrote -= known
        return bool(known)
