from waheal.host.vcard import vcard
from waheal.model import Card, Phone


def test_a_card_is_a_vcard_with_a_number_to_chat_with() -> None:
    card = Card("Ana Silva", Phone("+15035550185"), "Harbor Tours", "ana@example.org")
    assert vcard(card).split("\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:;Ana Silva;;;",
        "FN:Ana Silva",
        "ORG:Harbor Tours",
        "TEL;type=CELL;waid=15035550185:+15035550185",
        "EMAIL;type=INTERNET:ana@example.org",
        "END:VCARD",
    ]


def test_no_cell_can_add_a_line_or_a_field() -> None:
    """RFC 2426, 4: backslash, comma, semicolon and line ends are escaped."""
    written = vcard(Card("A;B,C\\D\r\nTEL:1", None, "", "a@example.org"))
    assert written.split("\n")[3] == "FN:A\\;B\\,C\\\\D\\nTEL:1"
    assert len(written.split("\n")) == 6


def test_what_is_not_known_is_not_said() -> None:
    assert vcard(Card("Ana", Phone("+15035550185"))).count("\n") == 5
