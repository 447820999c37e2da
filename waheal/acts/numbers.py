"""Reading one phone number that the operator typed; knows no file of them."""

import phonenumbers

from waheal.errors import UsageError
from waheal.model import Phone


def read_phone(text: str, region: str | None = None) -> Phone:
    """Give the number in E.164.

    Raises:
        UsageError: it can't be one.
    """
    try:
        number = phonenumbers.parse(text, region.upper() if region else None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise UsageError(
            f"{text[:80]!r} is no phone number",
            hint="write it with its country code, such as +44 7700 900123, or give --region",
        )
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
