"""Stanzas as they are written in this folder and in recordings, made whole again.

The notation is whatsmeow's print of a stanza, where what is somebody's is told as kind and length:
`<notification from="<jid lid>" id="<id 8>" t="<number 10>" type="devices"/>`. Besides what
`waheal doctor --record` writes, `<own pn>`, `<own lid>` and `<sent>` name the device that is told
the stanza and the message that it sent last.
"""

import re
from dataclasses import dataclass
from itertools import count

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.numbering import lid_of

GROUP, CHANNEL = "120363000000000001", "120363000000000002"

_TAG = re.compile(r"<([\w:.-]+)")
_ATTRIBUTE = re.compile(r" ([\w.:-]+)=\"([^\"]*)\"")
_BYTES = re.compile(r"<(bytes|text) ([0-9]+|more)>")
_KIND = re.compile(r"<([a-z]+)(?: ([a-z.]+|[0-9]+))?( device)?>")
_SERVERS = {
    "pn": "s.whatsapp.net",
    "hosted": "hosted",
    "hosted.lid": "hosted.lid",
    "bot": "bot",
    "msgr": "msgr",
    "interop": "interop",
    "call": "call",
}
_BARE = frozenset({"s.whatsapp.net", "g.us", "call", "broadcast"})
_MORE = 10_000  # bytes that stand for a length that was not told


class NotationError(Exception):
    """It is no stanza in this notation."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the kinds stand for. Numbers are digits without a plus sign."""

    own: str
    contact: str
    sent: str
    now: float


def stanza(text: str, cast: Cast) -> Node:
    """Make a stanza of its notation.

    Raises:
        NotationError: the text is none.
    """
    reader = _Reader(text, cast)
    node = reader.element()
    if reader.at != len(text):
        raise NotationError(f"something follows the stanza: {text[reader.at :]!r}")
    return node


class _Reader:
    def __init__(self, text: str, cast: Cast) -> None:
        self._text = text
        self._cast = cast
        self._ids = count(1)
        self.at = 0

    def element(self) -> Node:
        opening = self._match(_TAG)
        if opening is None:
            raise NotationError(f"no stanza: {self._text[self.at :]!r}")
        tag = opening.group(1)
        attrs: dict[str, str | Jid] = {}
        while found := self._match(_ATTRIBUTE):
            attrs[found.group(1)] = self._value(*found.groups())
        if self._skip("/>"):
            return Node(tag, attrs)
        self._need(">")
        content = self._content(f"</{tag}>")
        self._need(f"</{tag}>")
        return Node(tag, attrs, content)

    def _content(self, closing: str) -> bytes | tuple[Node, ...]:
        if found := self._match(_BYTES):
            size = _MORE if found.group(2) == "more" else int(found.group(2))
            return b"x" * size if found.group(1) == "text" else bytes(size)
        if not self._text.startswith("<", self.at):
            end = self._text.index(closing, self.at)
            told, self.at = self._text[self.at : end], end
            return told.encode()
        children: list[Node] = []
        while not self._text.startswith(closing, self.at):
            children.append(self.element())
        return tuple(children)

    def _value(self, name: str, told: str) -> str | Jid:
        if told in _BARE and name != "class":
            return Jid("", told)
        kind = _KIND.fullmatch(told)
        if kind is None:
            return told
        word, which, device = kind.group(1), kind.group(2) or "", kind.group(3) is not None
        match word:
            case "own":
                return _person(self._cast.own, which, device=device)
            case "jid":
                return _jid(self._cast.contact, which, device=device)
            case _:
                return self._text_of(word, which)

    def _text_of(self, word: str, size: str) -> str:
        match word, size:
            case "sent", "":
                return self._cast.sent
            case "number", "10":
                return str(int(self._cast.now))
            case "number", _:
                return "1" * int(size)
            case "id", _:
                return f"{next(self._ids):0{size}X}"
            case "text", _:
                return "x" * int(size)
            case _:
                raise NotationError(f"<{word} {size}> is no kind")

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def _skip(self, word: str) -> bool:
        there = self._text.startswith(word, self.at)
        self.at += len(word) * there
        return there

    def _need(self, word: str) -> None:
        if not self._skip(word):
            raise NotationError(f"{word} is missing before {self._text[self.at :]!r}")


def _person(number: str, which: str, *, device: bool) -> Jid:
    user = lid_of(number) if which == "lid" else number
    return Jid(user, _SERVERS.get(which, "lid"), 1 if device else 0)


def _jid(contact: str, which: str, *, device: bool) -> Jid:
    match which:
        case "group":
            return Jid(GROUP, "g.us")
        case "newsletter":
            return Jid(CHANNEL, "newsletter")
        case "status" | "broadcast":
            return Jid("status" if which == "status" else "1790000000", "broadcast")
        case _:
            return _person(contact, which, device=device)
