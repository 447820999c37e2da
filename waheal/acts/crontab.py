"""When a cron expression's times are, in a zone; knows nothing of what is done then.

Five fields, as cron(8) has them. The reading is croniter's, which comes with the extra `cluster`.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from waheal.errors import UsageError

_FIELDS = 5


def see_it_is_one(cron: str) -> str:
    """Give the expression as it is kept.

    Raises:
        UsageError: it is none.
    """
    from croniter import CroniterError, croniter  # noqa: PLC0415 - of the extra, as in the others

    fields = cron.split()
    try:
        croniter(" ".join(fields)).get_next()  # the 30th of February never comes
        known = len(fields) == _FIELDS
    except CroniterError:
        known = False
    if not known:
        raise UsageError(
            f"{cron!r} is no cron expression",
            hint="five fields: minute, hour, day, month, weekday; such as '0 9 * * 1-5'",
        )
    return " ".join(fields)


def last_of(cron: str, zone: str, now: float) -> float:
    """Give its latest time up to now (Unix s)."""
    from croniter import croniter  # noqa: PLC0415

    # What lies at this very moment is not yet past to croniter.
    return _moment(croniter(cron, _at(now + 1, zone)).get_prev(datetime))


def next_of(cron: str, zone: str, now: float) -> float:
    """Give its next time (Unix s)."""
    from croniter import croniter  # noqa: PLC0415

    return _moment(croniter(cron, _at(now, zone)).get_next(datetime))


def _at(moment: float, zone: str) -> datetime:
    return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone))


def _moment(at: datetime) -> float:
    return at.timestamp()
