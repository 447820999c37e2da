"""Each kind of message through the real library to a sandbox's phone: it shows what was meant."""

import json

import pytest

from tests.contract.host_process import Home
from tests.kit.sends import make_send
from waheal.model import Accepted, Body, Card, Content, Location, Phone

pytestmark = pytest.mark.real


def arrived(home: Home, content: Content) -> dict[str, object]:
    """Send one message; what the phone shows of it, once the message came with its witness."""
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "a", jid, content=content))
    assert isinstance(host.outcome(1), Accepted)
    (received,) = home.control.phones.wait_received(1)
    assert (received.dropped, received.problem) == (None, None)
    assert received.message_secret == (1).to_bytes(32).hex()
    assert (received.text or "") == content.text
    shown = json.loads(received.particulars or "{}")
    assert isinstance(shown, dict)
    return shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            Location(-33.8568, 151.2153, "Opera House", "Bennelong Point, Sydney"),
            {
                "message": "locationMessage", "degreesLatitude": -33.8568,
                "degreesLongitude": 151.2153, "name": "Opera House",
                "address": "Bennelong Point, Sydney",
            },
        ),
        (
            Card("Ana; Silva", Phone("+15035550185"), "", "ana@example.org"),
            {
                "message": "contactMessage", "displayName": "Ana; Silva",
                "vcard": "BEGIN:VCARD\nVERSION:3.0\nN:;Ana\\; Silva;;;\nFN:Ana\\; Silva\n"
                "TEL;type=CELL;waid=15035550185:+15035550185\n"
                "EMAIL;type=INTERNET:ana@example.org\nEND:VCARD",
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_has_no_file_arrives_as_it_was_written(
    home: Home, body: Body, shown: dict[str, object]
) -> None:
    assert arrived(home, Content("", body)) == shown
