"""Why a text can't be made; it does not know of whom or of which template."""

from collections.abc import Sequence


class Fault(Exception):  # noqa: N818 - it is the row's, not the program's
    """Why a text can't be made. `column` is the variable's name, where one is to blame.

    `others` are more of them, so that an operator sees all of a row's at once. `of_text`: the text
    itself is at fault, whatever the row holds.
    """

    def __init__(
        self,
        problem: str,
        column: str | None = None,
        hint: str | None = None,
        others: "Sequence[Fault]" = (),
        *,
        of_text: bool = False,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.column = column
        self.hint = hint
        self.others = tuple(others)
        self.of_text = of_text


class TooLong(Fault):
    """The text is longer than any message may be."""
