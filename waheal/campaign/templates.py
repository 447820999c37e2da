"""Turns a template and a row's cells into a text, safely; it does not know where either is from.

Only what a message needs may stand in a template: variables, `if`, comparisons, a few filters,
small arithmetic. Everything else is refused when it is read, so that a template reads nothing
outside its row and can neither run for long nor grow. Texts are exact: no escaping, the last
newline kept, CRLF kept.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from waheal.campaign import filters

TEXT_LIMIT = 65_536
"""Characters in a text message, WhatsApp's own limit."""

_LONGEST_SOURCE = 4 * TEXT_LIMIT
_KEPT = 256
_NODES = 2_000
_DEPTH = 40
_HOLES = 20
_MARKS = ("{{", "{%", "{#")
_VARIABLE = re.compile(r"(?<!\{)\{\{\s*([^\W\d]\w*)\s*\}\}")
_WORDS = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "row", "true", "false", "none"}
    | {"True", "False", "None"}
)
_CR = "\x1c"  # whitespace to Jinja, and refused in every cell, so that it can stand for a CR


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


class Text(Protocol):
    """A template that was read. `uses`: the variables in it, and their cells' positions."""

    @property
    def uses(self) -> Mapping[str, int]:
        """Variables, and their cells' positions."""
        ...

    def render(self, cells: Sequence[str]) -> str:
        """Make the row's text. `cells` is as long as the header.

        Raises: Fault.
        """
        ...


class Templates:
    """Reads templates over one header's variables; the last few hundred are kept."""

    def __init__(
        self, variables: Mapping[str, int], ambiguous: frozenset[str] = frozenset()
    ) -> None:
        self._variables = {n: i for n, i in variables.items() if n not in ambiguous}
        self._ambiguous = ambiguous
        self._environment = _environment()
        self._known: OrderedDict[str, Text | Fault] = OrderedDict()

    def read(self, source: str) -> Text:
        """Read a template, or recall it.

        Raises: Fault.
        """
        if not any(mark in source for mark in _MARKS):
            return _Plain(source)
        known = self._known.get(source)
        if known is None:
            known = self._known[source] = self._read(source)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(source)
        if isinstance(known, Fault):
            raise known.with_traceback(None)
        return known

    def _read(self, source: str) -> Text | Fault:
        pieces = _VARIABLE.split(source)
        names = pieces[1::2]
        if not any(mark in text for text in pieces[::2] for mark in _MARKS) and not (
            _WORDS.intersection(names)
        ):
            return _Simple(pieces[::2], names, self._variables, self._ambiguous)
        if len(source) > _LONGEST_SOURCE:
            return _too_long()
        try:
            return _Full(self._environment, source, self._variables, self._ambiguous)
        except Fault as fault:
            return fault


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text without variables."""

    text: str

    @property
    def uses(self) -> Mapping[str, int]:
        return {}

    def render(self, cells: Sequence[str]) -> str:  # noqa: ARG002 - nothing of the row is in it
        return self.text


class _Simple:
    """A text with nothing in it but printed variables: no need to go through Jinja."""

    def __init__(
        self,
        texts: Sequence[str],
        names: Sequence[str],
        variables: Mapping[str, int],
        ambiguous: frozenset[str],
    ) -> None:
        self._texts = texts
        self._names = names
        self._ambiguous = ambiguous
        self.uses = {name: variables[name] for name in names if name in variables}
        self._order = [self.uses.get(name) for name in names]

    def render(self, cells: Sequence[str]) -> str:
        parts = [self._texts[0]]
        for position, text in zip(self._order, self._texts[1:], strict=True):
            value = "" if position is None else cells[position]
            if not value:
                raise _all_of(self._holes(cells))
            parts.append(value)
            parts.append(text)
        if sum(map(len, parts)) > TEXT_LIMIT:
            raise _too_long()
        return "".join(parts)

    def _holes(self, cells: Sequence[str]) -> Iterator[Fault]:
        for name in dict.fromkeys(self._names):
            if name not in self.uses:
                yield _no_such(name, self._ambiguous)
            elif not cells[self.uses[name]]:
                yield _hole(name)


class _Full:
    """A template that goes through Jinja."""

    def __init__(
        self,
        environment: "_Environment",
        source: str,
        variables: Mapping[str, int],
        ambiguous: frozenset[str],
    ) -> None:
        template, names = _compile(environment, source)
        self._template = template
        self._ambiguous = ambiguous
        self._whole_row = "row" in names and "row" not in variables
        chosen = variables if self._whole_row else names
        self.uses = {name: variables[name] for name in chosen if name in variables}

    def render(self, cells: Sequence[str]) -> str:
        values: dict[str, object] = {
            name: cells[position] or filters.Empty(name) for name, position in self.uses.items()
        }
        if self._whole_row:
            values["row"] = _Row(values)
        faults: list[Fault] = []
        while len(faults) <= _HOLES:
            try:
                text = self._rendered(values)
            except (filters.EmptyPrintedError, _MissingPrintedError) as error:
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
        return _no_such(str(error), self._ambiguous)

    def _rendered(self, values: dict[str, object]) -> str:
        try:
            return _gather(self._template.root_render_func(self._template.new_context(values)))
        except (filters.EmptyPrintedError, _MissingPrintedError):
            raise
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise Fault(f"the text can't be made: {error}", None, _SIMPLER) from None


class _MissingPrintedError(UndefinedError):
    """A variable that no column has was used; the message is its name."""


class _Missing(StrictUndefined):
    """A variable that no column has."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[Exception] = UndefinedError,
    ) -> None:
        if hint is None and obj is missing and name is not None:
            hint, exc = name, _MissingPrintedError
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type] # Jinja says TemplateRuntimeError


class _Row:
    """What `row["First name"]` looks into."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with nothing in it but the row."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        del context  # Jinja's signature
        return filters.combine(operator, left, right)

    def getitem(self, obj: object, argument: object) -> object:
        if isinstance(obj, _Row) and isinstance(argument, str):
            return obj.values[argument] if argument in obj.values else self.undefined(name=argument)
        if isinstance(obj, str) and isinstance(argument, int):
            return obj[argument]
        raise SecurityError("only row[\"a column's name\"] and a text's letters can be taken out")

    def getattr(self, obj: object, attribute: str) -> object:
        if isinstance(obj, _Row):
            return self.getitem(obj, attribute)
        raise SecurityError(f"{attribute!r} is not part of the row")


def _environment() -> _Environment:
    environment = _Environment(
        undefined=_Missing,
        autoescape=False,
        keep_trailing_newline=True,
        finalize=_printable,
        cache_size=0,
        optimized=False,
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.filters.update(filters.filters())
    tests = {name: test for name, test in environment.tests.items() if name in _TESTS}
    environment.tests.clear()
    environment.tests.update(tests)
    return environment


def _printable(value: object) -> object:
    if isinstance(value, str | int | float | Undefined):
        return value
    raise SecurityError("only texts and numbers can be printed")


_TESTS = frozenset(
    {"defined", "undefined", "number", "string", "none", "in", "odd", "even", "lower", "upper"}
    | {"eq", "equalto", "==", "ne", "!=", "gt", "greaterthan", ">", "ge", ">="}
    | {"lt", "lessthan", "<", "le", "<="}
)
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Filter,
    nodes.Test,
    nodes.Concat,
    nodes.Getitem,
    nodes.Getattr,
    nodes.Slice,
    nodes.List,
    nodes.Tuple,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Neg,
    nodes.Pos,
    nodes.Name,
    nodes.Keyword,
)
_SIMPLER = "a text may use variables, if, comparisons and a few filters"


def _compile(environment: _Environment, source: str) -> tuple[Template, frozenset[str]]:
    try:
        tree = environment.parse(source.replace("\r", _CR))
        names = _inspect(tree)
        _rewrite(tree)
        code = environment.compile(tree)
        return Template.from_code(environment, code, environment.globals), names
    except TemplateSyntaxError as error:
        raise Fault(
            f"the template can't be read: {error.message} (line {error.lineno})",
            None,
            'a column whose name is no single word is written {{ row["First name"] }}; braces that'
            " are meant as such stand between {% raw %} and {% endraw %}",
        ) from None
    except (SyntaxError, RecursionError, MemoryError, ValueError, OverflowError) as error:
        raise Fault(f"the template can't be read: {error}", None, _SIMPLER) from None


def _inspect(tree: nodes.Template) -> frozenset[str]:
    """Refuse what has no place in a message, and name the variables."""
    names = set()
    for count, (node, depth) in enumerate(_walk(tree)):
        if count > _NODES or depth > _DEPTH:
            raise Fault("the template is too complex", None, _SIMPLER)
        if not isinstance(node, _ALLOWED):
            raise Fault(f"{type(node).__name__.lower()} has no place in a message", None, _SIMPLER)
        if isinstance(node, nodes.Name):
            if node.ctx != "load":
                raise Fault("a message sets no variables", None, _SIMPLER)
            names.add(node.name)
    return frozenset(names)


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int]]:
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())


def _rewrite(tree: nodes.Template) -> None:
    """Put the CRs back, and let `~` join through a filter that knows a bound."""
    for data in tree.find_all(nodes.TemplateData):
        data.data = data.data.replace(_CR, "\r")
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str):
            constant.value = constant.value.replace(_CR, "\r")
    for node, _ in list(_walk(tree)):
        for field in node.fields:
            value = getattr(node, field)
            if isinstance(value, nodes.Concat):
                setattr(node, field, _joined(value))
            elif isinstance(value, list):
                value[:] = [_joined(v) if isinstance(v, nodes.Concat) else v for v in value]


def _joined(concat: nodes.Concat) -> nodes.Filter:
    parts = nodes.List(concat.nodes, lineno=concat.lineno)
    return nodes.Filter(parts, "_join", [], [], None, None, lineno=concat.lineno)


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
    return Fault(first.problem, first.column, first.hint, others) if others else first


def _hole(name: str) -> Fault:
    return Fault(
        f"{name!r} is empty, and the text prints it",
        name,
        f"fill in the cell, or write {{{{ {name}|default('…') }}}}",
    )


def _no_such(name: str, ambiguous: frozenset[str]) -> Fault:
    if name in ambiguous:
        return Fault(f"two columns are called {name!r}", name, "rename one of them")
    return Fault(
        f"the text uses {name!r}, but no column is called that",
        name,
        "variables are spelled as in the header, upper and lower case too",
    )


def _too_long() -> TooLong:
    return TooLong(f"the text is longer than {TEXT_LIMIT:,} characters", None, "shorten it")
