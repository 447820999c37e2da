"""What WhatsApp's directory says of a number, and what follows for who has it; pure.

A send fails for want of a LID whether or not the number is registered: all that it says is that an
answer had none. The directory has a yes and a no of its own (`contact` in whatsmeow's `user.go`),
and says nothing where it does not know. Only its no is a no. And a number that has two spellings
(`waheal/identity.py`) is registered under one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from waheal.model import NotSent, Outcome, Phone, Rejected

ASK_AGAIN = 3600.0
"""Seconds until somebody of whom nothing is known is tried again."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is said of one spelling. `registered` None: nothing. `lid` as user@lid."""

    registered: bool | None = None
    lid: str | None = None


def judge(phone: Phone, listings: Mapping[Phone, Listing]) -> Outcome:
    """Say what becomes of a recipient for whose number, so spelled, a send found no LID."""
    own = listings.get(phone, Listing())
    others = {other: said for other, said in listings.items() if other != phone}
    found = [other for other, said in others.items() if said.registered]
    if found and (own.registered is False or _same_person(own, others[found[0]])):
        return Rejected(f"not on WhatsApp with this spelling, but as {found[0]}: correct the file")
    if own.registered is False and not any(each.registered is None for each in others.values()):
        return Rejected("not on WhatsApp")
    if own.registered:
        return _later(
            "on WhatsApp, which tells no LID for them, and without it nobody is written to"
        )
    return _later("WhatsApp does not say whether they are on it")


def _same_person(own: Listing, other: Listing) -> bool:
    """Whether the server gave the account of the other spelling for this one, too."""
    return own.lid is not None and own.lid == other.lid


def _later(reason: str) -> NotSent:
    return NotSent(reason, counts=True, ask_again=ASK_AGAIN)
