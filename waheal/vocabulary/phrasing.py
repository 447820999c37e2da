"""Reads a message as one of a language's longer ways to say something; knows no language.

A phrasing says what it says by itself; other words may stand before it, and others after it. A
message is read word by word, all of it, by the words of one language: a word too many, and it is
about something else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from waheal.vocabulary.forms import forms, parts


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's longer ways: `before` any of `asks` may stand, and `after` it.

    `refuses` say it together with one of the `things` only: "I don't want" is a beginning.
    """

    before: tuple[str, ...]
    asks: tuple[str, ...]
    after: tuple[str, ...]
    refuses: tuple[str, ...] = ()
    things: tuple[str, ...] = ()


class _Place(Enum):
    """How far a message has got."""

    BEGUN = auto()
    REFUSING = auto()  # what is refused is to follow
    REFUSED = auto()  # and may not be a request: "I don't want you to stop"
    ASKED = auto()


class Phrasing:
    """One language's phrases, ready to be looked for; `polite` words may stand anywhere."""

    def __init__(self, phrases: Phrases, polite: Sequence[str]) -> None:
        before, asks = _Pieces((*phrases.before, *polite)), _Pieces(phrases.asks)
        after, things = _Pieces((*phrases.after, *polite)), _Pieces(phrases.things)
        refuses = _Pieces(phrases.refuses)
        self._steps: dict[_Place, tuple[tuple[_Pieces, _Place], ...]] = {
            _Place.BEGUN: (
                (before, _Place.BEGUN), (asks, _Place.ASKED), (refuses, _Place.REFUSING),
            ),
            _Place.REFUSING: ((things, _Place.REFUSED), (after, _Place.REFUSING)),
            _Place.REFUSED: ((things, _Place.REFUSED), (after, _Place.REFUSED)),
            _Place.ASKED: (
                (asks, _Place.ASKED), (after, _Place.ASKED), (refuses, _Place.REFUSING),
            ),
        }  # fmt: skip

    def find(self, words: Sequence[str]) -> str | None:
        """Give the phrase that a whole message comes to; None where it says anything else."""
        # Each place that a beginning of the message may come to, by its first phrase that tells.
        reached: list[dict[_Place, str]] = [{} for _ in range(len(words) + 1)]
        reached[0][_Place.BEGUN] = ""
        for start, places in enumerate(reached):
            for place, phrase in places.items():
                for pieces, onward in self._steps[place]:
                    for end, found in pieces.at(words, start):
                        told = "" if onward is _Place.BEGUN else phrase or found
                        reached[end].setdefault(onward, told)
        last = reached[len(words)]
        return last.get(_Place.ASKED) or last.get(_Place.REFUSED)


class _Pieces:
    """Phrases by their words."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._known = {
            words: phrase for phrase in phrases for form in forms(phrase) if (words := parts(form))
        }
        self._longest = max(map(len, self._known), default=0)

    def at(self, words: Sequence[str], start: int) -> Iterator[tuple[int, str]]:
        """Give those that stand at a place, each with where it ends."""
        for end in range(start + 1, min(len(words), start + self._longest) + 1):
            phrase = self._known.get(tuple(words[start:end]))
            if phrase is not None:
                yield end, phrase
