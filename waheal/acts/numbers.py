"""Reading a person's number, or LID, that the operator typed; knows no file of them."""

import phonenumbers

from waheal.acts import parsing
from waheal.campaign.phones import Number, NumberReader
from waheal.errors import UsageError
from waheal.identity import Lid, is_lid
from waheal.model import Phone


def read_person(text: str, region: str | None = None) -> Phone | Lid:
    """Give the number in E.164, or the LID as it is.

    Raises:
        UsageError: it can't be either.
    """
    return Lid(text) if is_lid(text) else read_phone(text, region)


def read_phone(text: str, region: str | None = None) -> Phone:
    """Give the number in E.164.

    Raises:
        UsageError: it can't be one.
    """
    region = parsing.region(region) if region else None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        # It no longer knows Mexico's 1, which WhatsApp numbers still carry.
        if isinstance(found := NumberReader(region).read(text), Number):
            return found.phone
        raise UsageError(
            f"{text[:80]!r} is no phone number",
            hint="write it with its country code, such as +44 7700 900123, or give --region",
        )
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
