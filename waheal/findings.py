"""What `check` and `doctor` find: plain rows that every room may draw or pass on; no I/O."""

from dataclasses import dataclass
from enum import StrEnum

from waheal.model import Content, Phone

# What is wrong with a campaign file, and what it would send.


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stops the row, or the whole file.

    `row` is the number that a spreadsheet shows (the header is 1), None where it is the file or
    an option. `column` is the header's text as it stands in the file. `skippable` is False where
    leaving rows out would not help: the header, the template, the file itself. `cuts` is True
    where rows after it could not be read: what is missing in the file then is not known. `phone`
    is the row's number, where that could be read. `again`: the text is at fault, and that was told
    with an earlier row. `cell` is what stands there, shortened, where that tells something.
    """

    row: int | None
    column: str | None
    problem: str
    hint: str | None = None
    skippable: bool = True
    cuts: bool = False
    phone: Phone | None = None
    again: bool = False
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning: something worth a look that stops nothing. `row` and `column` as a Problem's.

    `whole`: it concerns every recipient, so that `send` says it too.
    """

    row: int | None
    column: str | None
    problem: str
    hint: str | None = None
    whole: bool = False
    cell: str | None = None


@dataclass(slots=True)
class Alike:
    """Findings of one kind in one column: the first, and how many rows have it.

    `same`: all of them say the very same.
    """

    first: Problem | Caution
    rows: int = 1
    same: bool = True

    def add(self, other: Problem | Caution) -> None:
        """Count one more."""
        self.rows += 1
        self.same = self.same and other.problem == self.first.problem


@dataclass(frozen=True, slots=True)
class Preview:
    """What one recipient will get; `row` as a spreadsheet numbers it."""

    row: int
    phone: Phone
    content: Content


# How a home and its machine are.


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Result:
    """What one look found, and what the operator is to do about it.

    `told_by`: it was not looked at, for the reason that this other check gives.
    """

    status: Status
    detail: str
    hint: str | None = None
    told_by: str | None = None


def ok(detail: str) -> Result:
    """All is well."""
    return Result(Status.OK, detail)


def warn(detail: str, hint: str) -> Result:
    """Tell that it works, but not for long, or not for everything."""
    return Result(Status.WARN, detail, hint)


def fail(detail: str, hint: str) -> Result:
    """Tell that it does not work."""
    return Result(Status.FAIL, detail, hint)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `check` is its id, for scripts; `name` says what it looks at."""

    check: str
    name: str
    result: Result
