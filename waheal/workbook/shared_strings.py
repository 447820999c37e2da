"""The texts that a workbook keeps once for all of its cells; it does not know the cells.

They are held as one run of UTF-8 with the place where each ends: a million names then take what
their letters take.
"""

from array import array
from collections.abc import Iterable

from waheal.workbook.gathering import Gathered, unescaped
from waheal.workbook.markup import PartBounds, feed, parser, spelled
from waheal.workbook.refusal import damaged, too_much

_BYTES = 96 << 20
_WORDS = spelled("si", "t", "rPh", "r", "rPr")


class SharedStrings:
    """A list of texts, read once: so many at most, of so many elements."""

    def __init__(self, chunks: Iterable[bytes], *, texts: int, elements: int) -> None:
        """Read them. Raises: WorkbookError."""
        self._letters = bytearray()
        self._ends = array("L")
        self._most = texts
        self._bounds = PartBounds(elements)
        self._gathered = Gathered()
        made = parser()
        made.StartElementHandler = self._start
        made.EndElementHandler = self._end
        made.CharacterDataHandler = self._gathered.take
        for _ in feed(made, chunks):
            pass

    def looked_up(self, position: str) -> str:
        """Give the text that a cell refers to. Raises: WorkbookError."""
        if not (position.isdecimal() and len(position) < 10 and int(position) < len(self._ends)):  # noqa: PLR2004 - digits
            raise damaged("a cell refers to a text that is not there")
        place = int(position)
        start = self._ends[place - 1] if place else 0
        return self._letters[start : self._ends[place]].decode("utf-8", "surrogatepass")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._bounds.begin()
        word = _WORDS.get(name)
        if word == "t":
            self._gathered.begin_run(attributes)
        elif word == "si":
            self._gathered.clear()
        elif word == "rPh":
            self._gathered.aside = True
        else:
            self._bounds.meet((name, *attributes))

    def _end(self, name: str) -> None:
        self._bounds.end()
        word = _WORDS.get(name)
        if word == "t":
            self._gathered.end()
        elif word == "rPh":
            self._gathered.aside = False
        elif word == "si":
            self._keep(unescaped(self._gathered.text()))

    def _keep(self, text: str) -> None:
        self._letters += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))
        if len(self._letters) > _BYTES or len(self._ends) > self._most:
            raise too_much("its texts are too many")
