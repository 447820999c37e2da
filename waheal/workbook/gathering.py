"""Gathers the text of one cell as the parser gives it, piece by piece; it knows no elements."""

import re

from waheal.workbook.markup import PARTED
from waheal.workbook.refusal import too_much

TEXT_LIMIT = 1 << 16
"""Characters in a cell; Excel itself stops at 32,767."""

_SPACE = f"http://www.w3.org/XML/1998/namespace{PARTED}space"
_BLANKS = " \t\r\n"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Gathered:
    """A text that is being put together out of runs.

    `row` is where it stands, 0 where that is not known. `aside`: what comes now is how letters are
    read, and is left out.
    """

    def __init__(self) -> None:
        self.row = 0
        self.aside = False
        self._taking = False
        self._pieces: list[str] = []
        self._length = 0
        self._before: int | None = None

    def clear(self) -> None:
        """Begin another text."""
        self._pieces.clear()
        self._length = 0

    def begin(self) -> None:
        """Take what comes, character for character."""
        self._taking = True
        self._before = None

    def begin_run(self, attributes: dict[str, str]) -> None:
        """Take a run, without the blanks at its ends unless it is said that they are meant."""
        self._taking = not self.aside
        self._before = None if attributes.get(_SPACE) == "preserve" else len(self._pieces)

    def take(self, piece: str) -> None:
        """Add a piece, if one is expected. Raises: WorkbookError."""
        if self._taking:
            self._pieces.append(piece)
            self._length += len(piece)
            if self._length > TEXT_LIMIT:
                where = f"a cell of row {self.row}" if self.row else "one of its texts"
                raise too_much(f"{where} is longer than {TEXT_LIMIT:,} characters")

    def end(self) -> None:
        """Take no more."""
        if self._taking and self._before is not None:
            self._pieces[self._before :] = ["".join(self._pieces[self._before :]).strip(_BLANKS)]
        self._taking = False

    def text(self) -> str:
        """Give what was taken since it was begun."""
        return self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)


def unescaped(text: str) -> str:
    """Put back the characters that XML can't hold, and that are written as `_x000D_`."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
