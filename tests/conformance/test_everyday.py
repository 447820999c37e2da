"""What the real server says beside any run, said to the real client while it sends."""

import pytest

from tests.conformance.everyday import EVERYDAY
from tests.conformance.notation import Cast, stanza
from tests.conformance.player import Player
from tests.conformance.said import Said
from waheal.host.stanza_words import NAMES, TAGS
from waheal.sandbox.codec import Node

pytestmark = pytest.mark.real

_ACKED = ("<notification ", "<receipt ", "<call ")


@pytest.mark.parametrize("said", EVERYDAY, ids=lambda said: said.name)
def test_it_is_taken_for_what_it_is_and_the_client_stays_up(player: Player, said: Said) -> None:
    acked = player.acks()
    assert player.beside_a_run(said.stanza, said.text, said.makes) == sorted(said.makes)
    if said.stanza.startswith(_ACKED):  # who does not acknowledge it is told it again and again
        player.control.wait_stats("ack", acked + 3, device=player.jid)


def test_a_recording_would_show_every_word_of_theirs() -> None:
    unknown = {
        word
        for said in EVERYDAY
        for word in _words(stanza(said.stanza, Cast("1", "2", "3", 0.0)))
        if word not in TAGS | NAMES
    }
    assert unknown == {"wormhole"}


def _words(node: Node) -> set[str]:
    return {node.tag, *node.attrs}.union(*map(_words, node.children()))


def test_each_has_a_name_and_an_address_of_its_source() -> None:
    assert len({said.name for said in EVERYDAY}) == len(EVERYDAY)
    assert [said.name for said in EVERYDAY if not said.source.startswith("https://")] == []
