"""Phone numbers for many: nobody's, and no sandbox device's."""

from collections.abc import Iterator
from functools import cache
from itertools import islice

import phonenumbers

from waheal.model import Phone

_LAST_OF_THE_SANDBOX = 425  # its own devices' area codes end here
_LINES = 100  # of an area
_BOTS = 313  # the library takes +1 313 555 for bots
_DIRECTORY = frozenset({1212, 4334})  # the two lines of the exchange 555 that answer


def recipients(count: int, start: int = 0) -> list[Phone]:
    """Give numbers set aside for fiction (555-0100 to 0199), none of them a sandbox device's."""
    wanted = (Phone(f"+1{area}55501{line:02d}") for area in _free() for line in range(_LINES))
    found = list(islice(wanted, start, start + count))
    assert len(found) == count, "there are not so many numbers for fiction"
    return found


def most() -> int:
    """Tell how many recipients there are."""
    return len(_free()) * _LINES


def unassigned() -> Iterator[Phone]:
    """Give a million numbers and more that are valid by their shape; only for files, never sent.

    There are not so many for fiction. The exchange 555 has no subscribers in any area.
    """
    for line in range(10_000):
        if line not in _DIRECTORY:
            yield from (Phone(f"+1{area}555{line:04d}") for area in _areas())


def _free() -> list[int]:
    return [area for area in _areas() if area > _LAST_OF_THE_SANDBOX]


@cache
def _areas() -> tuple[int, ...]:
    return tuple(
        area
        for area in range(201, 1000)
        if area != _BOTS and phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))
    )
