"""Looking at everything, and mending what can be mended; knows no single check."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from waheal.doctor.model import Check, Result, Situation, Status, fail
from waheal.errors import WahealError


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: Check
    result: Result


def look(checks: Iterable[Check], situation: Situation) -> Iterator[Finding]:
    """Run the checks one after the other; one that can't look is a failure of its own."""
    for check in checks:
        try:
            yield Finding(check, check.look(situation))
        except WahealError as error:
            yield Finding(check, fail(error.message, error.hint or "mend that first"))
        except OSError as error:
            yield Finding(
                check, fail(f"{error.filename}: {error.strerror}", "mend its owner and its mode")
            )


def mend(checks: Iterable[Check], situation: Situation) -> list[str]:
    """Mend what can be mended, and tell what was done; nothing, the second time.

    Call it under the home's lock.
    """
    done = list[str]()
    for check in checks:
        told = None if check.mend is None else check.mend(situation)
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
