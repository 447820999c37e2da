"""Turns a template and a row's cells into a text, safely; it does not know where either is from.

Most templates only print variables; those need no Jinja. The others go through an environment
that bounds what they can do. Texts are exact: no escaping, the last newline kept, CRLF kept.
"""

import re
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from jinja2 import TemplateError

from waheal.campaign import filters
from waheal.campaign.environment import SIMPLER, Cells, Environment, MissingPrintedError
from waheal.campaign.faults import Fault, TooLong
from waheal.campaign.nearest import listed, nearest, written

TEXT_LIMIT = 65_536
"""Characters in a text message, WhatsApp's own limit."""

_LONGEST_SOURCE = 2 * TEXT_LIMIT

TEMPLATE_BYTES = 4 * _LONGEST_SOURCE
"""Bytes of a file with a template in it."""

_KEPT = 256  # templates
_KEPT_SOURCE = 1 << 19  # characters of all of them: what is read takes some ten times as much
_HOLES = 20
_FILLED = "|default('…')"
_MARK = re.compile(r"\{[{%#]")
_VARIABLE = re.compile(r"(?<!\{)\{\{\s*([^\W\d]\w*)\s*\}\}")
_WORDS = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "row", "true", "false", "none"}
    | {"True", "False", "None"}
)


def is_plain(source: str) -> bool:
    """Whether a template is its text, whatever the row holds."""
    return "{" not in source or not _MARK.search(source)


class Text(Protocol):
    """A template that was read.

    `uses`: the variables in it, and their cells' positions. `makes`: its text can have characters
    that neither its source nor a cell has.
    """

    @property
    def uses(self) -> Mapping[str, int]:
        """Variables, and their cells' positions."""
        ...

    @property
    def makes(self) -> bool:
        """Whether there may be characters in it from neither source nor cell."""
        ...

    def render(self, cells: Sequence[str]) -> str:
        """Make the row's text. `cells` is as long as the header.

        Raises: Fault.
        """
        ...


class Templates:
    """Reads templates over one header's variables; the last few hundred are kept.

    `own` are the header's other columns, which no text can print.
    """

    def __init__(
        self,
        variables: Mapping[str, int],
        ambiguous: frozenset[str] = frozenset(),
        own: Collection[str] = (),
    ) -> None:
        self._variables = {n: i for n, i in variables.items() if n not in ambiguous}
        self._lacks = _Lacks(tuple(variables), ambiguous, tuple(own))
        self._environment = Environment()
        self._known: OrderedDict[str, Text | Fault] = OrderedDict()
        self._held = 0  # characters of what is known

    def read(self, source: str) -> Text:
        """Read a template, or recall it.

        Raises: Fault.
        """
        if is_plain(source):
            return _Plain(source)
        known = self._known.get(source)
        if known is None:
            known = self._keep(source, self._read(source))
        else:
            self._known.move_to_end(source)
        if isinstance(known, Fault):
            raise known.with_traceback(None)
        return known

    def _keep(self, source: str, read: Text | Fault) -> Text | Fault:
        self._known[source] = read
        self._held += len(source)
        while len(self._known) > _KEPT or self._held > _KEPT_SOURCE:
            oldest, _ = self._known.popitem(last=False)
            self._held -= len(oldest)
        return read

    def _read(self, source: str) -> Text | Fault:
        if len(source) > _LONGEST_SOURCE:
            return _too_long()
        pieces = _VARIABLE.split(source)
        names = pieces[1::2]
        if not any(map(_MARK.search, pieces[::2])) and _WORDS.isdisjoint(names):
            return _Simple(pieces[::2], names, self._variables, self._lacks)
        try:
            return _Full(self._environment, source, self._variables, self._lacks)
        except Fault as fault:
            # Anew: what was raised holds on to all that was being read.
            return Fault(fault.problem, fault.column, fault.hint, of_text=True)


@dataclass(frozen=True, slots=True)
class _Lacks:
    """Words what is wrong with a name that no variable has."""

    variables: tuple[str, ...]
    ambiguous: frozenset[str]
    own: tuple[str, ...]

    def fault(self, name: str) -> Fault:
        """Tell why a text can't print it, and what was meant."""
        if name in self.ambiguous:
            return _of_text(f"two columns are called {name!r}", name, "rename one of them")
        if name in self.own:
            hint = "repeat it in a column of another name, and print that"
            return _of_text(
                f"the column {name!r} is waheal's own, and no text prints it", name, hint
            )
        near = nearest(name, self.variables)
        meant = "" if near is None else f"the column {near!r} is printed by {written(near)}; "
        return _of_text(
            f"the text uses {name!r}, but no column is called that",
            name,
            f"{meant}columns that a text can print: {listed(self.variables)}",
        )


def _of_text(problem: str, column: str, hint: str) -> Fault:
    return Fault(problem, column, hint, of_text=True)


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text without variables."""

    text: str

    @property
    def uses(self) -> Mapping[str, int]:
        return {}

    @property
    def makes(self) -> bool:
        return False

    def render(self, cells: Sequence[str]) -> str:  # noqa: ARG002 - nothing of the row is in it
        return self.text


class _Simple:
    """A text with nothing in it but printed variables: no need to go through Jinja."""

    makes = False

    def __init__(
        self,
        texts: Sequence[str],
        names: Sequence[str],
        variables: Mapping[str, int],
        lacks: "_Lacks",
    ) -> None:
        self._names = names
        self._lacks = lacks
        self.uses = {name: variables[name] for name in names if name in variables}
        self._order = [self.uses[name] for name in names if name in variables]
        self._parts = [part for text in texts for part in (text, "")][:-1]
        self._whole = len(self._order) == len(names)

    def render(self, cells: Sequence[str]) -> str:
        values = [cells[position] for position in self._order]
        if not (self._whole and all(values)):
            raise _all_of(islice(self._holes(cells), _HOLES))
        parts = self._parts.copy()
        parts[1::2] = values
        if sum(map(len, parts)) > TEXT_LIMIT:
            raise _too_long()
        return "".join(parts)

    def _holes(self, cells: Sequence[str]) -> Iterator[Fault]:
        for name in dict.fromkeys(self._names):
            if name not in self.uses:
                yield self._lacks.fault(name)
            elif not cells[self.uses[name]]:
                yield _hole(name)


class _Full:
    """A template that goes through Jinja."""

    makes = True

    def __init__(
        self,
        environment: Environment,
        source: str,
        variables: Mapping[str, int],
        lacks: "_Lacks",
    ) -> None:
        self._template, names = environment.read(source)
        self._budget = environment.budget
        self._lacks = lacks
        self._whole_row = "row" in names and "row" not in variables
        chosen = variables if self._whole_row else names
        self.uses = {name: variables[name] for name in chosen if name in variables}

    def render(self, cells: Sequence[str]) -> str:
        values: dict[str, object] = {
            name: cells[position] or filters.Empty(name) for name, position in self.uses.items()
        }
        self._budget.refill()
        if self._whole_row:
            values["row"] = Cells(values)
        faults: list[Fault] = []
        while len(faults) <= _HOLES:
            try:
                text = self._rendered(values)
            except (filters.EmptyPrintedError, MissingPrintedError) as error:
                faults.append(self._hole(error))
                values[str(error)] = "…"  # stands in, so that the next hole shows
            except Fault as fault:
                raise _all_of([*faults, fault]) from None
            else:
                if not faults:
                    return text
                break
        raise _all_of(faults)

    def _hole(self, error: Exception) -> Fault:
        if isinstance(error, filters.EmptyPrintedError):
            return _hole(str(error))
        return self._lacks.fault(str(error))

    def _rendered(self, values: dict[str, object]) -> str:
        try:
            return _gather(self._template.root_render_func(self._template.new_context(values)))
        except (filters.EmptyPrintedError, MissingPrintedError):
            raise
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise Fault(f"the text can't be made: {_why(error)}", None, SIMPLER) from None


def _why(error: Exception) -> str:
    """Word it without Python's own words for it."""
    match error:
        case TemplateError():
            return str(error)
        case ZeroDivisionError():
            return "it divides by zero"
        case ArithmeticError():
            return "a number is too large"
        case IndexError():
            return "a text has fewer letters than are asked for"
        case _:
            return "its values do not go together"


def _gather(chunks: Iterator[str]) -> str:
    """Join a rendering, but never more of it than a message can be."""
    parts = []
    length = 0
    for chunk in chunks:
        length += len(chunk)
        if length > TEXT_LIMIT:
            raise _too_long()
        parts.append(chunk)
    return "".join(parts)


def _all_of(faults: Iterable[Fault]) -> Fault:
    first, *others = faults
    if not others:
        return first
    return Fault(first.problem, first.column, first.hint, others, of_text=first.of_text)


def _hole(name: str) -> Fault:
    return Fault(
        f"{name!r} is empty, and the text prints it",
        name,
        f"fill in the cell, or write {written(name, _FILLED)}",
    )


def _too_long() -> TooLong:
    return TooLong(f"the text is longer than {TEXT_LIMIT:,} characters", None, "shorten it")
