"""Who has written to this host's devices, and which Sends were claimed without knowing of it.

A text may be an opt-out, and only the coordinator can tell. So texts are numbered in the order in
which they are told, and a Send says how many of them its claim had heard. One whose recipient may
have written since is handed back, whatever device the text came to: the next claim is made, or not
made, with the text heeded. As that claim has heard it, no text hands a message back twice.

Who wrote is told by the number or the LID. A text that comes with a LID alone may be from anyone
whose LID is not known, and holds them all. So that nobody holds others for ever, only the first
few of such a writer's texts do; from then on they hold what is known to be for that LID.
"""

from collections import Counter
from collections.abc import Callable
from threading import Lock

from waheal.host.client import TextCame
from waheal.model import DeviceId, Phone
from waheal.wire import InboundText, Send

MOST_NAMELESS = 8
"""How many texts of one writer whose number is not known hold the messages to others."""

# One number has several spellings (Brazil's and Argentina's 9, Mexico's 1), and all of them end
# alike. Who only happens to end alike is claimed once more, and loses nothing by it.
_ENDING = 8


class Replies:
    """The texts of one host, by who wrote them."""

    def __init__(self) -> None:
        # Guards the fields below, and that texts are told in the order of their numbers; no I/O.
        self._lock = Lock()
        self._told = 0
        self._by_ending: dict[str, int] = {}  # the last text of numbers that end so
        self._by_sender: dict[str, int] = {}  # the last text of a JID
        self._nameless: Counter[str] = Counter()  # texts of a LID that came without a number
        self._last_nameless = 0

    def tell(self, text: InboundText, out: Callable[[InboundText], None]) -> None:
        """Remember a text and put it on its way; in this order: no Send may slip past it."""
        with self._lock:
            self._told += 1
            self._by_sender[text.sender] = self._told
            if text.phone is not None:
                self._by_ending[_ending(text.phone)] = self._told
            elif self._nameless[text.sender] < MOST_NAMELESS:
                self._nameless[text.sender] += 1
                self._last_nameless = self._told
            out(text)

    def unheard(self, send: Send) -> bool:
        """Tell whether the recipient may have written since this Send was claimed."""
        return self.wrote(send.phone, send.lid, send.heard)

    def wrote(self, phone: Phone, lid: str | None, heard: int) -> bool:
        """Tell whether somebody may have written since the coordinator had heard so many texts."""
        with self._lock:
            by_number = self._by_ending.get(_ending(phone), 0)
            by_lid = self._last_nameless if lid is None else self._by_sender.get(lid, 0)
        return max(by_number, by_lid) > heard


def heard(device: DeviceId, text: TextCame) -> InboundText:
    """Word what a contact wrote to a device as a report."""
    return InboundText(
        device, text.sender, text.phone, text.text, text.at, text.kind,
        text.message_id, text.quotes, text.ballot,
    )  # fmt: skip


def _ending(phone: Phone) -> str:
    return phone[-_ENDING:]
