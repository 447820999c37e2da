"""Tells what to do about a recipient who failed or is uncertain; words only."""

from collections.abc import Iterator

from waheal.model import State
from waheal.records import Recipient

_AGAIN = "try again"
_WAYS = (
    ("not on WhatsApp", "see that the number is right, or take the row out"),
    ("no LID", "see that the number is right and on WhatsApp; then try again"),
    ("463", "let them write first, or try again from a device that they know"),
    ("429", "try again later, and slower"),
    ("479", "see that the text is no odd one; then try again"),
    ("attachment", "see that the file can be sent; then try again"),
    ("too large", "make the message shorter"),
    ("can't be encoded", "change the text"),
    ("refused", "see that the number is right; then try again"),
    ("logged out", "link the device anew; then try again"),
)  # the first that the reason holds


def what_to_do(recipient: Recipient, client: bool = False) -> str:
    """Say what can be done about it, without a command; `client`: by who has no devices."""
    if recipient.state is State.UNCERTAIN:
        return "ask them" if client else "ask them, or look into the device's chats"
    reason = recipient.reason or ""
    return next((way for word, way in _WAYS if word in reason), _AGAIN)


def commands(name: str, states: frozenset[State]) -> Iterator[tuple[str, str]]:
    """Give the commands that settle them, each with what it does; `name` is quoted for a shell."""
    if State.UNCERTAIN in states:
        yield f"waheal resolve {name} --accept", "takes the uncertain as sent"
        yield f"waheal resolve {name} --resend", "sends to them again, which some may get twice"
    if State.FAILED in states:
        yield f"waheal resolve {name} --failed --resend", "tries the failed again"
