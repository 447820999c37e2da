"""The witness of an attempt: 32 bytes that only this home can tell again; knows no database."""

import hashlib
import hmac

from waheal.model import Phone


def witness(key: bytes, campaign: str, phone: Phone, attempt: int) -> bytes:
    """Make the 32 bytes that ride as messageSecret with this attempt.

    HMAC-SHA256 of the home's key over campaign name, number and attempt, so that it can be told
    again from a ledger that was lost.
    """
    return hmac.digest(key, f"{campaign}\0{phone}\0{attempt}".encode(), hashlib.sha256)
