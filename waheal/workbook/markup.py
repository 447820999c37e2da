"""Reads XML of strangers: nothing in it is expanded, fetched or kept; it does not know the words.

Workbooks declare no document type, so one that does is refused before it can define an entity.
Expat holds a token until it is whole, whatever is open, and each name that it has met. Hence the
bounds on all three, and one on how many elements there are, since each takes its time.
"""

from collections.abc import Iterable, Iterator
from typing import NoReturn
from xml.parsers import expat

from waheal.workbook.refusal import damaged, too_much

PARTED = " "
"""Between a namespace and a name of it."""

_TOKEN = 1 << 20
_DEPTH = 64
_NAMES = 1_000
_SMALL = 400_000  # elements of a part that does not grow with the list
_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)


def spelled(*names: str) -> dict[str, str]:
    """Give a workbook's own words by the names that `parser` tells, namespace and all."""
    return {f"{space}{PARTED}{name}": name for space in _NAMESPACES for name in names}


def parser() -> expat.XMLParserType:
    """Make a parser that refuses document types; names come with their namespace."""
    made = expat.ParserCreate(namespace_separator=PARTED)
    made.buffer_text = True
    made.buffer_size = 1 << 16
    made.StartDoctypeDeclHandler = _refuse
    made.EntityDeclHandler = _refuse
    return made


def feed(made: expat.XMLParserType, chunks: Iterable[bytes]) -> Iterator[None]:
    """Feed a part piece by piece, to its end.

    Raises: WorkbookError.
    """
    fed = 0
    try:
        for chunk in chunks:
            made.Parse(chunk)
            fed += len(chunk)
            if fed - made.CurrentByteIndex > _TOKEN:
                raise too_much("something in it that should be short is longer than 1 MiB")
            yield
        if fed:  # a part that is missing holds nothing
            made.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged("its XML is damaged") from error
    yield


def elements(chunks: Iterable[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each element's own name and attributes as it begins; for parts that are small.

    Raises: WorkbookError.
    """
    begun = _Begun()
    made = parser()
    made.StartElementHandler = begun.start
    made.EndElementHandler = begun.end
    for _ in feed(made, chunks):
        yield from begun.taken
        begun.taken.clear()


class PartBounds:
    """How many elements a part may have yet, how deep it is, and which foreign names it has."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._depth = 0
        self._names: set[str] = set()

    def begin(self) -> None:
        """Count an element. Raises: WorkbookError."""
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > _DEPTH:
            raise too_much("it has far more in it than its size lets expect")

    def end(self) -> None:
        """Leave an element."""
        self._depth -= 1

    def meet(self, names: Iterable[str]) -> None:
        """Note names of elements and attributes that nobody asks for. Raises: WorkbookError."""
        self._names.update(names)
        if len(self._names) > _NAMES:
            raise too_much("its XML has words that no workbook has")


class _Begun:
    """The elements that have begun."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str]]] = []
        self._bounds = PartBounds(_SMALL)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._bounds.begin()
        self._bounds.meet((name, *attributes))
        own = {key.rpartition(PARTED)[2]: value for key, value in attributes.items()}
        self.taken.append((name.rpartition(PARTED)[2], own))

    def end(self, _: str) -> None:
        self._bounds.end()


def _refuse(*_: object) -> NoReturn:
    raise damaged("its XML declares a document type, which no workbook does")
