"""Draws the operators' pages: in a terminal, as one HTML page, as a manual page.

All three come from the same Markdown. Knows no file, and nothing of what the pages say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import RenderableType
from rich.markdown import Markdown

_LINK_TO_PAGE = re.compile(r'href="([\w-]+)\.md"')
_LINK_OUTSIDE = re.compile(r'<a href="\.\./[^"]*">(.*?)</a>')
_EMPHASIS = {"strong_open": r"\fB", "em_open": r"\fI", "strong_close": r"\fR", "em_close": r"\fR"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")

Described = tuple[str, str]
"""How something is typed, and what it does."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as its manual tells it: how it is called, what it does, examples, its options."""

    usage: str
    does: str
    examples: Sequence[Described]
    options: Sequence[Described]


def in_terminal(text: str) -> RenderableType:
    """Draw one page for a terminal of any width."""
    return Markdown(text, hyperlinks=False)


def as_html(pages: Mapping[str, str]) -> str:
    """Write all pages as one that needs nothing else; by topic, in their order."""
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source = files("waheal.views").joinpath("booklet.html.j2").read_text(encoding="utf-8")
    drawn = [(topic, _title(text), _html(text)) for topic, text in pages.items()]
    return environment.from_string(source).render(pages=drawn)


def as_manual(pages: Mapping[str, str], summary: str, commands: Iterable[Command]) -> str:
    """Write the manual page, as `man` reads it."""
    head = [
        '.TH WAHEAL 1 "" waheal "User Commands"',
        ".SH NAME",
        f"waheal \\- {_plain(summary)}",
        ".SH SYNOPSIS",
        r".B waheal",
        r"\fICOMMAND\fR [\fIOPTION\fR]...",
        ".SH OPTIONS OF EACH COMMAND",
    ]
    told = [line for command in commands for line in _command(command)]
    rest = [line for text in pages.values() for line in _roff(_MARKDOWN.parse(text))]
    return "\n".join([*head, *told, *rest]) + "\n"


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _html(text: str) -> str:
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type.startswith("heading"):  # the page's own h1 is the booklet's
            token.tag = f"h{int(token.tag[1:]) + 1}"
    drawn: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    drawn = _LINK_OUTSIDE.sub(r"\1", _LINK_TO_PAGE.sub(r'href="#\1"', drawn))
    wide = '<div class="scroll" tabindex="0"><table>'
    return drawn.replace("<table>", wide).replace("</table>", "</table></div>")


def _command(told: Command) -> Iterator[str]:
    yield f".SS {_plain(told.usage)}"
    yield from (_line(each) for each in told.does.splitlines() if each)
    if told.examples:
        yield from (".PP", ".EX")
        yield from (_line(f"waheal {typed:36}  {does}") for typed, does in told.examples)
        yield ".EE"
    for written, meaning in told.options:
        yield from (".TP", rf"\fB{_plain(written)}\fR", _line(meaning))


def _roff(tokens: Sequence[Token]) -> Iterator[str]:
    """Turn a page's tokens into lines for `man`; a table becomes a list of its first column."""
    cells: list[str] = []
    in_table = False
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in {"table_open", "table_close"}:
            in_table = token.type == "table_open"
        elif token.type == "tr_close":
            yield from _row(cells)
            cells = []
        elif token.type == "inline" and in_table:
            cells.append(_inline(token))
        else:
            yield from _block(token, before)


def _block(token: Token, before: Token | None) -> Iterator[str]:
    match token.type:
        case "heading_open":
            yield ".SH" if token.tag == "h1" else ".SS"
        case "paragraph_open" if before is None or before.type != "list_item_open":
            yield ".PP"
        case "list_item_open":
            yield r".IP \(bu 2"
        case "fence":
            yield from (".PP", ".EX", *map(_line, token.content.splitlines()), ".EE")
        case "inline":
            yield _inline(token)


def _row(cells: Sequence[str]) -> Iterator[str]:
    first, *rest = cells
    told = "; ".join(cell for cell in rest if cell)
    yield from (".TP", first or r"\&", told or r"\&")


def _inline(token: Token) -> str:
    told = list[str]()
    for child in token.children or ():
        match child.type:
            case "code_inline":
                told.append(rf"\fB{_plain(child.content)}\fR")
            case "softbreak" | "hardbreak":
                told.append(" ")
            case _:
                told.append(_EMPHASIS.get(child.type) or _plain(child.content))
    return _whole("".join(told))


def _line(text: str) -> str:
    return _whole(_plain(text)) or r"\&"


def _plain(text: str) -> str:
    return text.replace("\\", r"\e").replace("-", r"\-")


def _whole(line: str) -> str:
    """Keep a line that begins as an instruction would from being one."""
    return rf"\&{line}" if line.startswith((".", "'")) else line
