"""Numbers of plans that were changed, as an operator is told of them; it knows no other number.

Sources: the plans of ARTCI (Côte d'Ivoire, from 2021-01-31 on), of ARCEP (Benin, from 2024-11-30
on) and of IFT (Mexico, from 2019-08-03 on).
"""

import re
from typing import NamedTuple

from waheal.identity import number_today
from waheal.model import Phone


class Renumbered(NamedTuple):
    """A number as it is today. `since`: the year of the change, None where nobody noticed it."""

    phone: Phone
    country: str
    since: int | None


_CHANGED = {"+229": ("Benin", 2024), "+225": ("Côte d'Ivoire", 2021)}
_MEXICO = re.compile(r"\+520?4[45]([1-9][0-9]{9})")  # once dialled before a mobile's number


def renumbered(number: str) -> Renumbered | None:
    """Give what a `+` and digits of an old plan have become; None where that is no old number."""
    if new := number_today(number):
        return Renumbered(new, *_CHANGED[number[:4]])
    if found := _MEXICO.fullmatch(number):
        return Renumbered(Phone(f"+52{found[1]}"), "Mexico", None)
    return None
