"""Looking at everything, and mending what can be mended; knows no single check."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from waheal.doctor.situation import Check, Situation
from waheal.errors import HomeUnusableError, WahealError
from waheal.findings import Finding, Result, Status, fail, warn


def look(checks: Iterable[Check], situation: Situation) -> Iterator[Finding]:
    """Run the checks one after the other; what one can't look at is a failure, told once."""
    told = dict[str, str]()
    for check in checks:
        try:
            result = check.look(situation)
        except WahealError as error:
            result = _once(told, check.id, error.message, error.hint)
        except OSError as error:
            message = f"{error.filename}: {error.strerror}"
            result = _once(told, check.id, message, "mend its owner and its mode")
        yield Finding(check.id, check.name, result)


def _once(told: dict[str, str], check: str, message: str, hint: str | None) -> Result:
    first = told.setdefault(message, check)
    if first != check:
        result = warn(f"not looked at, see {first}", "mend that first")
        return replace(result, told_by=first)
    return fail(message, hint or "mend that first")


def mend(checks: Iterable[Check], situation: Situation) -> list[str]:
    """Mend what can be mended, and tell what was done; nothing, the second time.

    Call it under the home's lock.
    """
    broken = [
        check
        for check in checks
        if check.mend is not None
        for finding in look([check], situation)
        if finding.result.status is not Status.OK
    ]
    done = list[str]()
    for check in broken:
        try:
            told = check.mend(situation) if check.mend else None
        except HomeUnusableError:
            continue  # what can't even be opened can't be mended, and its check says so
        if told is not None:
            done.append(told)
    return done


def worst(results: Iterable[Result]) -> Status:
    """Tell the worst of all."""
    found = {result.status for result in results}
    for status in (Status.FAIL, Status.WARN):
        if status in found:
            return status
    return Status.OK
