"""A stanza without anything of anybody's: its words, and of the rest kind and length; pure.

Reads what whatsmeow prints at DEBUG (`binary/xml.go`). That escapes nothing, so that a text in it
can look like an element. Hence the promise does not rest on reading it right: whatever comes out
is a word of `stanza_words.py`, a kind with a length, or a number of at most three digits.
"""

import re

from waheal.host.stanza_words import CODES, NAMES, SERVERS, TAGS, VALUES

RECEIVED, SENT = "Client/Recv", "Client/Send"
"""whatsmeow's loggers that print every stanza, at DEBUG."""

_DEEPEST = 32  # elements within elements
_LONGEST = 9999  # lengths beyond are told as "more"
_OPENING = re.compile(r"<([^\s\"'<>/=!]+)")
_ATTRIBUTE = re.compile(r" ([^\s\"'<>/=]+)=\"([^\"]*)\"")
_COMMENT = re.compile(r"<!-- ([0-9]{1,9}) bytes -->")
_ADDRESS = re.compile(r"([^\s@]*)@([a-z.]+)")
_SMALL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_ID = re.compile(r"[0-9A-Fa-f.-]{8,}")
_IDS = frozenset({"id", "call-id", "key", "sid", "v_id", "prev_v_id", "phash", "dhash"})


class _UnreadableError(Exception):
    """It is no stanza as whatsmeow prints them, or holds a text that makes it look otherwise."""


def skeleton(printed: str) -> str:
    """Mask a stanza as whatsmeow prints it; of one that can't be read, tell the length only."""
    reader = _Reader(printed)
    try:
        reader.element(0)
        reader.end()
    except _UnreadableError:
        return f"<unreadable {_length(len(printed))}>"
    return "".join(reader.told)


class _Reader:
    """Reads one stanza from left to right, and never twice."""

    def __init__(self, printed: str) -> None:
        self._text = printed
        self._at = 0
        self.told: list[str] = []

    def element(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise _UnreadableError
        tag = self._match(_OPENING).group(1)
        told = tag if tag in TAGS else _unknown(tag)
        self.told.append(f"<{told}")
        while found := _ATTRIBUTE.match(self._text, self._at):
            self._at = found.end()
            self.told.append(_attribute(*found.groups()))
        if self._skip("/>"):
            self.told.append("/>")
            return
        self._need(">")
        self.told.append(">")
        self._content(f"</{tag}>", depth)
        self.told.append(f"</{told}>")

    def end(self) -> None:
        if self._at != len(self._text):
            raise _UnreadableError

    def _content(self, closing: str, depth: int) -> None:
        if found := _COMMENT.match(self._text, self._at):
            self._at = found.end()
            self.told.append(f"<bytes {_length(int(found.group(1)))}>")
        elif not self._text.startswith("<", self._at):
            self._bytes(closing)
        else:
            while not self._text.startswith(closing, self._at):
                self.element(depth + 1)
        self._need(closing)

    def _bytes(self, closing: str) -> None:
        end = self._text.find(closing, self._at)
        if end < 0:
            raise _UnreadableError
        data = self._text[self._at : end]
        self._at = end
        hexadecimal = _HEX.fullmatch(data) is not None
        told = ("bytes", len(data) // 2) if hexadecimal else ("text", len(data))
        self.told.append(_kind(*told))

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise _UnreadableError
        self._at = found.end()
        return found

    def _skip(self, word: str) -> bool:
        there = self._text.startswith(word, self._at)
        self._at += len(word) * there
        return there

    def _need(self, word: str) -> None:
        if not self._skip(word):
            raise _UnreadableError


def _attribute(name: str, value: str) -> str:
    told = name if name in NAMES else _unknown(name)
    return f' {told}="{_value(name, value)}"'


def _value(name: str, value: str) -> str:
    if value in VALUES.get(name, ()) or (name in CODES and _SMALL.fullmatch(value)):
        return value
    if name in _IDS:
        return _kind("id", len(value))
    if (address := _ADDRESS.fullmatch(value)) and address.group(2) in SERVERS:
        return _address(address.group(1), SERVERS[address.group(2)])
    if value.isdecimal():
        return _kind("number", len(value))
    return _kind("id" if _ID.fullmatch(value) else "text", len(value))


def _address(user: str, kind: str) -> str:
    if (user, kind) == ("status", "broadcast"):
        kind = "status"
    return f"<jid {kind} device>" if ":" in user else f"<jid {kind}>"


def _unknown(name: str) -> str:
    """Stand in for a tag or a name that the protocol's words lack."""
    return f"name-{_length(len(name))}"


def _kind(kind: str, length: int) -> str:
    return f"<{kind} {_length(length)}>"


def _length(length: int) -> str:
    return str(length) if length <= _LONGEST else "more"
