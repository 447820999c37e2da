"""Why a text can't be made; it does not know of whom or of which template."""

from collections.abc import Sequence


class Fault(Exception):  # noqa: N818 - it is the row's, not the program's
    """Why a text can't be made. `column` is the variable's name, where one is to blame.

    `others` are more of them, so that an operator sees all of a row's at once.
    """

    def __init__(
        self,
        problem: str,
        column: str | None = None,
        hint: str | None = None,
        others: "Sequence[Fault]" = (),
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.column = column
        self.hint = hint
        self.others = tuple(others)


class TooLong(Fault):
    """The text is longer than any message may be."""
