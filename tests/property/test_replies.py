"""Replies, in any order of texts and claims, beside a list of who wrote what."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tests.kit.sends import make_send
from waheal.host.replies import MOST_NAMELESS, Replies
from waheal.model import DeviceId, Phone
from waheal.wire import InboundText


@dataclass(frozen=True)
class Person:
    number: str
    lid: str


PEOPLE = [Person(f"+4915551230{n}", f"{n}@lid") for n in range(4)]
persons = st.sampled_from(PEOPLE)


@st.composite
def texts(draw: st.DrawFn) -> list[tuple[Person, bool]]:
    """Who wrote, and whether the number came along; nobody writes too often without one."""
    told = draw(st.lists(st.tuples(persons, st.booleans()), max_size=20))
    nameless = dict.fromkeys(PEOPLE, 0)
    kept: list[tuple[Person, bool]] = []
    for person, named in told:
        nameless[person] += not named
        kept.append((person, named or nameless[person] > MOST_NAMELESS))
    return kept


@given(texts(), persons, st.booleans(), st.integers(0, 20))
def test_no_send_slips_past_a_text_that_its_claim_had_not_heard(
    told: list[tuple[Person, bool]], recipient: Person, lid_known: bool, heard: int
) -> None:
    replies = Replies()
    for person, named in told:
        phone = Phone(person.number) if named else None
        text = InboundText(DeviceId("a"), person.lid, phone, "STOP", 0.0)
        replies.tell(text, lambda _text: None)
    lid = recipient.lid if lid_known else None
    held = replies.unheard(make_send(1, "a", "jid", recipient.number, heard=heard, lid=lid))
    late = told[heard:]
    if any(person == recipient for person, _named in late):
        assert held
    if all(person != recipient and (named or lid_known) for person, named in late):
        assert not held
