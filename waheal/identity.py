"""Who is one person to WhatsApp: the spellings of a number, and the LID; reads no database.

One account has one number, and some numbers two spellings: Argentina's 9 and Mexico's 1
(https://faq.whatsapp.com/1294841057948784), and Brazil's ninth digit, which accounts from before it
do not have. The server answers with whichever the account has
(https://github.com/tulir/whatsmeow/issues/874). An account of Benin or Côte d'Ivoire may still go
by the eight digits that its number had before the plan was changed (ARTCI, from 2021-01-31 on;
ARCEP, from 2024-11-30 on). The LID stays when the number changes.
"""

import re
from typing import NewType

from waheal.model import Phone

Lid = NewType("Lid", str)
"""WhatsApp's own name for a person: digits and `@lid`, no device."""

SEVERAL = ("+5", "+225", "+229")
"""What numbers begin with that may have two spellings; no other one has."""

_LID = re.compile(r"[0-9]{1,30}@lid")
_MEXICO = re.compile(r"\+521?([1-9][0-9]{9})")
_ARGENTINA = re.compile(r"\+549?([1-8][0-9]{9})")
_BRAZIL = re.compile(r"\+55([1-9][1-9])9?([6-9][0-9]{7})")
_BENIN = re.compile(r"\+229(01)?([2-9][0-9]{7})")
_IVORY_MOBILE = re.compile(r"\+225(0[157])?([04-9]([0-9])[0-9]{6})")
_IVORY_FIXED = re.compile(r"\+225(2[157])?([23][0-9]([0-9])[0-9]{5})")
_IVORY_MOBILES = ("01", "01", "01", "01", "05", "05", "05", "07", "07", "07")
_IVORY_LINES = ("25", "27", "27", "27", "27", "27", "27", "27", "21", "27")


def is_lid(text: str) -> bool:
    """Tell whether this is a LID, as it is written here."""
    return _LID.fullmatch(text) is not None


def number_today(phone: str) -> Phone | None:
    """Give what a number of an old plan has become; None where this is none."""
    both = _renumbered(phone)
    return both[1] if both and both[0] == phone else None


def spellings(phone: Phone) -> frozenset[Phone]:
    """Give the other E.164 spellings of the same person's WhatsApp number; mostly none."""
    if not phone.startswith(SEVERAL):
        return frozenset()
    both: tuple[str, ...] = ()
    if match := _MEXICO.fullmatch(phone):
        both = (f"+52{match[1]}", f"+521{match[1]}")
    elif match := _ARGENTINA.fullmatch(phone):
        both = (f"+54{match[1]}", f"+549{match[1]}")
    elif match := _BRAZIL.fullmatch(phone):
        both = (f"+55{match[1]}{match[2]}", f"+55{match[1]}9{match[2]}")
    else:
        both = _renumbered(phone) or ()
    return frozenset(map(Phone, both)) - {phone}


def _renumbered(phone: str) -> tuple[Phone, Phone] | None:
    """Give a number as it was and as it is, whichever of them this is."""
    if match := _BENIN.fullmatch(phone):
        code, front = "+229", "01"
    elif match := _IVORY_MOBILE.fullmatch(phone):
        code, front = "+225", _IVORY_MOBILES[int(match[3])]
    elif match := _IVORY_FIXED.fullmatch(phone):
        code, front = "+225", _IVORY_LINES[int(match[3])]
    else:
        return None
    if match[1] not in {None, front}:
        return None  # it was given out since
    return Phone(f"{code}{match[2]}"), Phone(f"{code}{front}{match[2]}")


def every_spelling(phone: Phone) -> tuple[Phone, ...]:
    """Give all spellings of a person's number, this one first."""
    return (phone, *sorted(spellings(phone)))


def same_person(phone: Phone) -> Phone:
    """Give the one spelling that stands for all of a person's; cheap, since a file asks by row."""
    return min(every_spelling(phone)) if phone.startswith(SEVERAL) else phone
