"""A fault's own test with a message of each kind: it tells the same row of the table for all."""

from collections.abc import Mapping, Sequence

import pytest

from tests.faults.scenes import Part
from tests.kit.kinds import MESSAGES, Say
from waheal.model import Content, MessageKind, Phone

OTHERS = tuple(kind for kind in MESSAGES if kind != MessageKind.TEXT)
"""The kinds beside a text, whose own tests are there."""


def every_kind(also: str) -> pytest.MarkDecorator:
    """Hand a test what is said, as `say`: a text, and what `also` names; the others on demand."""
    assert also in MESSAGES
    always = {MessageKind.TEXT, also}
    return pytest.mark.parametrize(
        "say",
        [
            pytest.param(say, id=kind, marks=() if kind in always else pytest.mark.soak)
            for kind, say in MESSAGES.items()
        ],
    )


def in_turn(parts: Sequence[Part], first: int = 0) -> Say:
    """Deal the other kinds out to the parts of a scene, one after the other, from `first` on."""
    dealt: Mapping[Phone, Say] = {
        phone: MESSAGES[OTHERS[number % len(OTHERS)]]
        for number, part in enumerate(parts, start=first)
        for phone in part.phones
    }

    def say(phone: Phone) -> Content:
        return dealt[phone](phone)

    return say
