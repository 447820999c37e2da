"""Reads a zone cell; it does not know whose zone it is."""

from functools import cache
from zoneinfo import available_timezones


def zone_of(text: str) -> str | None:
    """Give an IANA time zone as it is spelt there; None where there is none of that name."""
    return _zones().get("_".join(text.split()).casefold())


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if "/" in name or name == "UTC"}
