"""Which version of WhatsApp Web the library says it is, and how another is written; no I/O.

It is said in each login and each pairing (whatsmeow's `store/clientpayload.go`), and WhatsApp
refuses one that has grown too old with 405. whatsmeow makes releases against that, and the pinned
library brings the number of its day along.
"""

import re
from typing import NamedTuple

from waheal.errors import UsageError


class ClientVersion(NamedTuple):
    """Primary, secondary and tertiary, as WhatsApp Web numbers itself: 2.3000.N."""

    primary: int
    secondary: int
    tertiary: int

    def __str__(self) -> str:
        """Write it as WhatsApp does."""
        return ".".join(map(str, self))


ANNOUNCED = ClientVersion(2, 3000, 1047769893)
"""What the pinned library announces by itself."""

_MOST = 2**32 - 1


def parse_client_version(text: str) -> ClientVersion:
    """Read a version to announce instead: later than the library's own, of the same line.

    Raises: UsageError.
    """
    match = re.fullmatch(r"(\d{1,10})\.(\d{1,10})\.(\d{1,10})", text.strip(), re.ASCII)
    found = ClientVersion(*map(int, match.groups())) if match else None
    hint = f"write it as 2.3000.N, with N above {ANNOUNCED.tertiary}"
    if found is None or found[:2] != ANNOUNCED[:2] or found.tertiary > _MOST:
        raise UsageError(f"{text!r} is no version of WhatsApp Web", hint=hint)
    if found <= ANNOUNCED:
        raise UsageError(f"{text} is no later than what is announced, {ANNOUNCED}", hint=hint)
    return found
