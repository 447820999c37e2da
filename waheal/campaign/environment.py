"""Jinja with nothing in it but the row, and a bound on everything; it does not know the cells.

Only what a message needs may stand in a template: variables, `if`, comparisons, a few filters,
small arithmetic. Everything else is refused when it is read, so that a template reads nothing
outside its row. What is left can't run for long nor grow: no loops, at most `_NODES` steps,
filters and operators that are waheal's own and bounded, and a budget of characters for each row,
to which every value that a template makes is charged.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from waheal.campaign import filters
from waheal.campaign.budget import Budget
from waheal.campaign.faults import Fault

SIMPLER = "a text may use variables, if, comparisons and a few filters"
"""The way out of a template that is refused."""

_NODES = 2_000
_DEPTH = 40
_TOKENS = 20_000
_CR = "\x1c"  # whitespace to Jinja, and refused in every cell, so that it can stand for a CR

_TYPOGRAPHIC = re.compile(
    r"\{[{%][^{}]*?([\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033\u00b4`])"
)


class MissingPrintedError(UndefinedError):
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
            hint, exc = name, MissingPrintedError
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type] # Jinja says TemplateRuntimeError


class Cells:
    """What `row["First name"]` looks into."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values


class Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with nothing in it but the row; `budget` is to be refilled for each."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(
            undefined=_Missing,
            autoescape=False,
            keep_trailing_newline=True,
            finalize=_printable,
            cache_size=0,
            optimized=False,
        )
        self.budget = Budget()
        self.globals = {}
        self.filters = {**filters.FILTERS, "_spend": self.budget.spend}
        self.tests = {name: test for name, test in self.tests.items() if name in _TESTS}

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Let only the operators be applied that know a bound."""
        del context  # Jinja's signature
        return filters.combine(operator, left, right)

    def getitem(self, obj: object, argument: object) -> object:
        """Take a column's cell out of the row, or a letter out of a text."""
        if isinstance(obj, Cells) and isinstance(argument, str):
            return obj.values[argument] if argument in obj.values else self.undefined(name=argument)
        if isinstance(obj, str) and isinstance(argument, int):
            return obj[argument]
        raise SecurityError("only row[\"a column's name\"] and a text's letters can be taken out")

    def getattr(self, obj: object, attribute: str) -> object:
        """Take a column's cell out of the row."""
        if isinstance(obj, Cells):
            return self.getitem(obj, attribute)
        raise SecurityError(f"{attribute!r} is not part of the row")

    def read(self, source: str) -> tuple[Template, frozenset[str]]:
        """Compile a template, and name the variables in it.

        Raises: Fault.
        """
        self.budget.refill()  # constants are worked out here
        try:
            source = source.replace("\r", _CR)
            if len(source) > _TOKENS:  # each has a character at least
                self._count(source)
            tree = self.parse(source)
            names = _inspect(tree)
            _rewrite(tree)
            return Template.from_code(self, self.compile(tree), self.globals), names
        except TemplateSyntaxError as error:
            if quotes := _TYPOGRAPHIC.search(source):
                raise Fault(
                    f"the template has a typographic quote, {quotes[1]}, within braces",
                    None,
                    "write straight quotes there: 'friend' or \"friend\"",
                ) from None
            raise Fault(
                f"the template can't be read: {error.message} (line {error.lineno})",
                None,
                'a column whose name is no single word is written {{ row["First name"] }}; braces'
                " that are meant as such stand between {% raw %} and {% endraw %}",
            ) from None
        except (SyntaxError, RecursionError, MemoryError):
            raise _too_complex() from None
        except (ValueError, OverflowError):
            raise Fault("a number is too large", None, SIMPLER) from None

    def _count(self, source: str) -> None:
        """Refuse what would take long to parse, before it does."""
        if any(True for _ in islice(self.lex(source), _TOKENS, None)):
            raise _too_complex()


def _printable(value: object) -> object:
    return value if isinstance(value, Undefined) else filters.printed(value)


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


def _inspect(tree: nodes.Template) -> frozenset[str]:
    """Refuse what has no place in a message, and name the variables."""
    names = set()
    for count, (node, depth) in enumerate(_walk(tree)):
        if count > _NODES or depth > _DEPTH:
            raise _too_complex()
        if not isinstance(node, _ALLOWED):
            raise Fault(f"{type(node).__name__.lower()} has no place in a message", None, SIMPLER)
        if isinstance(node, nodes.Const) and _too_large(node.value):
            raise Fault("a number is too large", None, SIMPLER)
        if isinstance(node, nodes.Name):
            if node.ctx != "load":
                raise Fault("a message sets no variables", None, SIMPLER)
            names.add(node.name)
    return frozenset(names)


def _too_large(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) > filters.LARGEST


def _too_complex() -> Fault:
    return Fault("the template is too complex", None, SIMPLER)


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int]]:
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())


def _rewrite(tree: nodes.Template) -> None:
    """Put the CRs back, let `~` join through a filter that knows a bound, and charge each value."""
    for data in tree.find_all(nodes.TemplateData):
        data.data = data.data.replace(_CR, "\r")
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str):
            constant.value = constant.value.replace(_CR, "\r")
    for node, _ in list(_walk(tree)):
        for field in node.fields:
            value = getattr(node, field)
            if isinstance(value, nodes.Expr):
                setattr(node, field, _charged(value))
            elif isinstance(value, list):
                value[:] = [_charged(v) if isinstance(v, nodes.Expr) else v for v in value]


_MAKING = (
    nodes.Name,
    nodes.Filter,
    nodes.Concat,
    nodes.Getitem,
    nodes.Getattr,
    nodes.BinExpr,
)  # the rest is a constant, or hands on one of these


def _charged(made: nodes.Expr) -> nodes.Expr:
    if not isinstance(made, _MAKING):
        return made
    if isinstance(made, nodes.Concat):
        made = _filtered(nodes.List(made.nodes, lineno=made.lineno), "_join")
    return _filtered(made, "_spend")


def _filtered(value: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(value, name, [], [], None, None, lineno=value.lineno)
