"""Numbers of plans that were changed, and what became of them; it knows no other number.

Sources: the plans of ARTCI (Côte d'Ivoire, from 2021-01-31 on), of ARCEP (Benin, from 2024-11-30
on) and of IFT (Mexico, from 2019-08-03 on).
"""

import re
from typing import NamedTuple

from waheal.model import Phone


class Renumbered(NamedTuple):
    """A number as it is today. `since`: the year of the change, None where nobody noticed it."""

    phone: Phone
    country: str
    since: int | None


_BENIN = re.compile(r"\+229([2-9][0-9]{7})")
_IVORY_MOBILE = re.compile(r"\+225([04-9]([0-9])[0-9]{6})")
_IVORY_FIXED = re.compile(r"\+225([23][0-9]([0-9])[0-9]{5})")
_MEXICO = re.compile(r"\+520?4[45]([1-9][0-9]{9})")  # once dialled before a mobile's number

_IVORY = "Côte d'Ivoire"
_IVORY_MOBILES = ("01", "01", "01", "01", "05", "05", "05", "07", "07", "07")
_IVORY_LINES = ("25", "27", "27", "27", "27", "27", "27", "27", "21", "27")


def renumbered(number: str) -> Renumbered | None:
    """Give what a `+` and digits of an old plan have become; None where that is no old number."""
    if found := _BENIN.fullmatch(number):
        return Renumbered(Phone(f"+22901{found[1]}"), "Benin", 2024)
    if found := _IVORY_MOBILE.fullmatch(number):
        return Renumbered(Phone(f"+225{_IVORY_MOBILES[int(found[2])]}{found[1]}"), _IVORY, 2021)
    if found := _IVORY_FIXED.fullmatch(number):
        return Renumbered(Phone(f"+225{_IVORY_LINES[int(found[2])]}{found[1]}"), _IVORY, 2021)
    if found := _MEXICO.fullmatch(number):
        return Renumbered(Phone(f"+52{found[1]}"), "Mexico", None)
    return None
