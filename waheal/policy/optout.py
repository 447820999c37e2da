"""Whether a reply asks to be left alone, or takes that back; knows nothing of who wrote it.

Only a whole message counts: the word alone, or with a please or a thank-you, whatever its case,
accents and punctuation; or a sentence that says nothing else ("remove me from your list"). One that
merely contains the word is no opt-out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain

from waheal.vocabulary.european import EUROPEAN
from waheal.vocabulary.forms import drawn_out, forms, parts, squeezed
from waheal.vocabulary.further import FURTHER
from waheal.vocabulary.opting import POLITE, START_WORDS, STOP_WORDS
from waheal.vocabulary.phrasing import Phrasing
from waheal.vocabulary.western import WESTERN

_ENDS = re.compile(r"[.,!?;:\n。、!?،؟।…]+")
_LONGEST = 120  # characters; a longer message is about more


class OptIntent(StrEnum):
    """What a reply asks for."""

    STOP = "stop"
    START = "start"


@dataclass(frozen=True, slots=True)
class Found:
    """What a reply asks for, and by which word of the lists."""

    intent: OptIntent
    word: str


class Words:
    """The built-in words and the operator's own; where one stands in both lists, it stops."""

    def __init__(self, extra_stop: Iterable[str] = (), extra_start: Iterable[str] = ()) -> None:
        self._found: dict[str, Found] = {}
        self._learn(OptIntent.START, chain(*START_WORDS.values(), extra_start))
        self._learn(OptIntent.STOP, chain(*STOP_WORDS.values(), extra_stop))
        self._squeezed = {squeezed(form): found for form, found in self._found.items()}
        self._polite = sorted({form for word in POLITE for form in forms(word)}, key=len)[::-1]

    def _learn(self, intent: OptIntent, words: Iterable[str]) -> None:
        for word in words:
            self._found.update((form, Found(intent, word)) for form in forms(word) if form)

    @cached_property
    def _phrasings(self) -> list[Phrasing]:
        """Made for the first reply: most runs get none."""
        phrases = {**WESTERN, **EUROPEAN, **FURTHER}
        return [Phrasing(each, POLITE) for each in phrases.values()]

    def classify(self, text: str) -> Found | None:
        """Tell what a whole message asks for; None for everything else."""
        if len(text) > _LONGEST:
            return None
        return self._asks(text) or self._sentences(text)

    def _asks(self, text: str) -> Found | None:
        ways = (found for form in forms(text) for found in self._ways(form))
        return next((found for found in ways if found), None)

    def _sentences(self, text: str) -> Found | None:
        """Let several sentences stop where each of them does: "I don't want this spam. Stop."."""
        sentences = [each for each in _ENDS.split(text) if any(forms(each))]
        found = [self._asks(each) for each in sentences]
        every = found and all(each and each.intent is OptIntent.STOP for each in found)
        return found[0] if every else None

    def _ways(self, form: str) -> Iterator[Found | None]:
        bare = self._bare(form)
        yield self._found.get(form) or self._found.get(bare)
        if drawn_out(bare):  # "stoppp"
            yield self._squeezed.get(squeezed(bare))
        letters = bare.split()
        if all(len(letter) == 1 for letter in letters):  # "s t o p"
            yield self._found.get("".join(letters))
        words = parts(form)
        for phrasing in self._phrasings:
            if phrase := phrasing.find(words):
                yield Found(OptIntent.STOP, phrase)

    def _bare(self, form: str) -> str:
        """Take the politeness off both ends, and the repetitions out."""
        bare, before = form, ""
        while bare != before:
            before = bare
            for word in self._polite:
                bare = bare.removeprefix(f"{word} ").removesuffix(f" {word}")
        words = bare.split()
        return words[0] if len(set(words)) == 1 else bare
