"""Who may use the control interface: whoever could read the trust file, and no web page."""

import hmac
import secrets
from dataclasses import dataclass, field

from waheal.sandbox.control_words import authorization
from waheal.sandbox.web import Request

_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets requests in by the token of this start of the server.

    It is another one at each start: while no server runs, anybody may listen on the port that the
    last one had, and be shown what that one's clients hold.
    """

    token: str = field(default_factory=lambda: secrets.token_hex(_TOKEN_BYTES), repr=False)

    def admits(self, request: Request, port: int) -> bool:
        """Tell whether a request to the server on this port may be answered."""
        if "origin" in request.headers:  # a web page, whatever it knows
            return False
        name, _, asked = request.headers.get("host", "").lower().rpartition(":")
        if name not in _NAMES or asked != str(port):  # a page that took this address for its own
            return False
        shown = request.headers.get("authorization", "").encode("latin-1")
        return hmac.compare_digest(shown, authorization(self.token).encode("latin-1"))
