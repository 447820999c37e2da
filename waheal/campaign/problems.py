"""What a campaign file is told off for; it does not know how any of it is found."""

from dataclasses import dataclass

from waheal.model import Phone


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stops the row, or the whole file.

    `row` is the number that a spreadsheet shows (the header is 1), None where it is the file or
    an option. `column` is the header's text as it stands in the file. `skippable` is False where
    leaving rows out would not help: the header, the template, the file itself. `cuts` is True
    where rows after it could not be read: what is missing in the file then is not known. `phone`
    is the row's number, where that could be read.
    """

    row: int | None
    column: str | None
    problem: str
    hint: str | None = None
    skippable: bool = True
    cuts: bool = False
    phone: Phone | None = None


@dataclass(frozen=True, slots=True)
class Caution:
    """What the contract calls a warning: something worth a look that stops nothing."""

    row: int | None
    column: str | None
    problem: str
    hint: str | None = None
