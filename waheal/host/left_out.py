"""For which devices a message was not encrypted, by the library's own warnings.

Theory of operation. whatsmeow encrypts a message for each device of the recipient, and warns of
one that it could not encrypt for; the message leaves without it, if need be for nobody, and the
server accepts that (`encryptMessageForDevices` in whatsmeow's send.go). The warning names the
message and the device, and comes on the sending thread, before the send returns.
"""

import re
from threading import Lock
from typing import NamedTuple

_WARNING = re.compile(
    r"Failed to encrypt (?P<id>\S+) for (?P<user>\d+)(\.\d+)?(:(?P<device>\d+))?@(?P<server>\S+): "
    r"(?P<reason>.*)",
    re.ASCII | re.DOTALL,
)
_REMEMBERED = 1000
"""So many messages: an answer to a phone's own question warns as well, and nobody takes that."""


class Address(NamedTuple):
    """One device of somebody: `user` are the digits of a number or of a LID."""

    user: str
    device: int


class LeftOut:
    """What one process's clients have warned of."""

    def __init__(self) -> None:
        self._lock = Lock()  # guards _reasons; no I/O
        self._reasons: dict[str, dict[Address, str]] = {}

    def hear(self, line: str) -> None:
        """Take in a warning, whatever it is of."""
        if (found := _WARNING.fullmatch(line)) is None:
            return
        address = Address(found["user"], int(found["device"] or 0))
        with self._lock:
            self._reasons.setdefault(found["id"], {})[address] = found["reason"]
            if len(self._reasons) > _REMEMBERED:
                del self._reasons[next(iter(self._reasons))]

    def take(self, message_id: str) -> dict[Address, str]:
        """Give, once, the devices that this message was not encrypted for, each with why."""
        with self._lock:
            return self._reasons.pop(message_id, {})
