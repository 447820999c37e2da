"""Who is one person to WhatsApp: the spellings of a number, and the LID; reads no database.

One account has one number, and some numbers two spellings: Argentina's 9 and Mexico's 1
(https://faq.whatsapp.com/1294841057948784), and Brazil's ninth digit, which accounts from before it
do not have. The server answers with whichever the account has
(https://github.com/tulir/whatsmeow/issues/874). The LID stays when the number changes.
"""

import re
from typing import NewType

from waheal.model import Phone

Lid = NewType("Lid", str)
"""WhatsApp's own name for a person: digits and `@lid`, no device."""

_LID = re.compile(r"[0-9]{1,30}@lid")
_AMERICAS = "+5"  # no number of another zone has two spellings
_MEXICO = re.compile(r"\+521?([1-9][0-9]{9})")
_ARGENTINA = re.compile(r"\+549?([1-8][0-9]{9})")
_BRAZIL = re.compile(r"\+55([1-9][1-9])9?([6-9][0-9]{7})")


def is_lid(text: str) -> bool:
    """Tell whether this is a LID, as it is written here."""
    return _LID.fullmatch(text) is not None


def spellings(phone: Phone) -> frozenset[Phone]:
    """Give the other E.164 spellings of the same person's WhatsApp number; mostly none."""
    if not phone.startswith(_AMERICAS):
        return frozenset()
    both: tuple[str, ...] = ()
    if match := _MEXICO.fullmatch(phone):
        both = (f"+52{match[1]}", f"+521{match[1]}")
    elif match := _ARGENTINA.fullmatch(phone):
        both = (f"+54{match[1]}", f"+549{match[1]}")
    elif match := _BRAZIL.fullmatch(phone):
        both = (f"+55{match[1]}{match[2]}", f"+55{match[1]}9{match[2]}")
    return frozenset(map(Phone, both)) - {phone}


def every_spelling(phone: Phone) -> tuple[Phone, ...]:
    """Give all spellings of a person's number, this one first."""
    return (phone, *sorted(spellings(phone)))


def same_person(phone: Phone) -> Phone:
    """Give the one spelling that stands for all of a person's; cheap, since a file asks by row."""
    return min(every_spelling(phone)) if phone.startswith(_AMERICAS) else phone
