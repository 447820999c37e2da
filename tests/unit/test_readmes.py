"""What the documents name is there: files, links, headings, commands, options, modules.

A word in backticks or on a shell's line counts as a file's name if it ends like one, or if it
begins with one of our folders. Absolute paths, globs and placeholders in capitals are none.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from textwrap import indent

import pytest

from tests.kit.commands import what_it_lacks

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("waheal", "tests", "campaigns")
DOCUMENTS = sorted(
    [
        ROOT / "README.md",
        *(ROOT / ".github").glob("*.md"),
        *(path for room in ROOMS for path in (ROOT / room).rglob("*.md")),
    ]
)
ENDINGS = {".py", ".md", ".toml", ".csv", ".txt", ".j2", ".yml", ".svg", ".png", ".xlsx"}
SHELLS = {"console", "sh", "bash"}
NOT_OURS = {
    "waheal.toml": "the operator's, in a home",
    "news.csv": "the operator's, in the examples",
    "news.txt": "likewise",
    "bad.csv": "likewise",
    "code.png": "likewise",
    "opted-out.csv": "likewise",
    "store/sqlstore/upgrades": "whatsmeow's",
}
OUTSIDE = (
    "design.md", "contract.md", "neonize.md", "sandbox-protocol.md", "style.md",
    "whatsapp-2026.md", "shared/cluster",
)  # fmt: skip
"""Notes that the project was begun with: a reader of the repository has none of them."""

_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_QUOTED = re.compile(r"^```\w+\n(?:#|--) ([\w/]+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
_MODULE = re.compile(r"python3? -m ((?:tests|waheal)[\w.]*)")
_BETWEEN = re.compile(r"[;&|<>()]+")

each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


@dataclass(frozen=True, slots=True)
class Document:
    """A page, taken apart: its prose, what stands in backticks there, its shell's lines."""

    path: Path
    prose: str
    spans: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def places(self) -> tuple[Path, ...]:
        """From where a file may be named."""
        return self.path.parent, ROOT / "waheal", ROOT / "tests", ROOT


@cache
def read(path: Path) -> Document:
    text = path.read_text(encoding="utf-8")
    prose = _FENCE.sub("", text)
    shells = [block for language, block in _FENCE.findall(text) if language in SHELLS]
    return Document(
        path,
        prose,
        tuple(" ".join(span.split()) for _, span in _SPAN.findall(prose)),
        tuple(line for block in shells for line in block.replace("\\\n", " ").splitlines()),
    )


def files(document: Document) -> Iterator[str]:
    """Give each word that is a file's name."""
    for text in (*document.spans, *document.lines):
        for word in text.split():
            bare = word.strip("\"'(),;:").partition("::")[0]
            if is_file(bare, document):
                yield bare


def is_file(word: str, document: Document) -> bool:
    parts = word.split("/")
    if not _FILE.fullmatch(word) or any(part.isupper() and "." not in part for part in parts):
        return False
    in_ours = len(parts) > 1 and any((place / parts[0]).is_dir() for place in document.places)
    return in_ours or Path(word).suffix in ENDINGS


def anchors(document: Document) -> set[str]:
    """Give the anchors of the headings, as GitHub makes them."""
    bare = (re.sub(r"[^\w\- ]", "", head.lower()) for head in _HEADING.findall(document.prose))
    return {head.replace(" ", "-") for head in bare}


def stands(code: str, file: Path) -> bool:
    """Whether the file has these lines, however deep they stand in it."""
    text = file.read_text(encoding="utf-8")
    return any(indent(code, " " * depth) in text for depth in range(0, 20, 4))


def calls(line: str) -> Iterator[list[str]]:
    """Give each command on a shell's line as its words, without what is set before it."""
    reader = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    for between, words in groupby(reader, lambda word: bool(_BETWEEN.fullmatch(word))):
        if not between:
            told = list(words)
            while told and re.match(r"\w+=", told[0]):
                told.pop(0)
            yield told


@each_document
def test_each_file_that_is_named_is_there(path: Path) -> None:
    document = read(path)
    named = {name for name in files(document) if name not in NOT_OURS}
    missing = {
        name for name in named if not any((place / name).exists() for place in document.places)
    }
    assert missing == set()


@each_document
def test_each_link_leads_somewhere(path: Path) -> None:
    missing = list[str]()
    for link in _LINK.findall(read(path).prose):
        file, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(read(target))):
            missing.append(link)
    assert missing == []


@each_document
def test_each_command_has_the_options_that_it_is_called_with(path: Path) -> None:
    document = read(path)
    lines = (*document.lines, *(span for span in document.spans if span.startswith("waheal ")))
    wrong = {
        line: lacking
        for line in lines
        for call in calls(line)
        if call[:1] == ["waheal"] and (lacking := what_it_lacks(call[1:]))
    }
    assert wrong == {}


@each_document
def test_each_module_that_is_run_is_there(path: Path) -> None:
    document = read(path)
    told = "\n".join((*document.spans, *document.lines))
    places = [ROOT.joinpath(*name.split(".")) for name in _MODULE.findall(told)]
    missing = [
        place
        for place in places
        if not (place / "__main__.py").exists() and not place.with_suffix(".py").exists()
    ]
    assert missing == []


@each_document
def test_code_that_is_shown_stands_in_the_file_that_it_names(path: Path) -> None:
    told = _QUOTED.findall(path.read_text(encoding="utf-8"))
    assert [file for file, code in told if not stands(code, ROOT / file)] == []


def test_nothing_refers_to_notes_outside_of_the_repository() -> None:
    names = re.compile(rb"(?<![\w-])(?:" + "|".join(map(re.escape, OUTSIDE)).encode() + rb")")
    rooms = [ROOT / room for room in ("waheal", "tests", "campaigns", ".github", ".ci")]
    inside = [path for room in rooms for path in room.rglob("*") if "__pycache__" not in path.parts]
    wrong = {
        str(path.relative_to(ROOT))
        for path in (*ROOT.iterdir(), *inside)
        if path.is_file() and path != Path(__file__) and names.search(path.read_bytes())
    }
    assert wrong == set()


def test_these_rules_find_what_is_wrong() -> None:
    assert what_it_lacks(["send", "x.csv", "--sandbox", "--nope=1"]) == ["--nope=1"]
    assert what_it_lacks(["check", "x.csv", "--no-sticky", "--limit", "5"]) == []
    assert what_it_lacks(["devices", "paint", "a"]) == ["paint"]
    assert what_it_lacks(["--help"]) == []
    assert list(calls("$ A=1 waheal stop && pip install '.[test]'  # both")) == [
        ["waheal", "stop"],
        ["pip", "install", ".[test]"],
    ]
    page = read(ROOT / "README.md")
    assert is_file("waheal/nothing", page)
    assert is_file("nothing.py", page)
    assert not any(is_file(word, page) for word in ("20/min", "HOME/logs", "/tmp/a.csv", ".py"))  # noqa: S108 - a word
