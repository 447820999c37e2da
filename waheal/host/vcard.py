"""Writes a contact card as a vCard 3.0 (RFC 2426), in the form that WhatsApp's clients send."""

from waheal.model import Card

_ESCAPES = str.maketrans({"\\": r"\\", ",": r"\,", ";": r"\;", "\n": r"\n", "\r": None})


def vcard(card: Card) -> str:
    """Write it. `waid` lets the phone offer a chat with the number (Baileys' README, Contact).

    Its lines are not folded: the clients' own are not.
    """
    name = _escaped(card.name)
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{name};;;", f"FN:{name}"]
    if card.organisation:
        lines.append(f"ORG:{_escaped(card.organisation)}")
    if card.phone:
        lines.append(f"TEL;type=CELL;waid={card.phone.removeprefix('+')}:{card.phone}")
    if card.email:
        lines.append(f"EMAIL;type=INTERNET:{_escaped(card.email)}")
    return "\n".join([*lines, "END:VCARD"])


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
