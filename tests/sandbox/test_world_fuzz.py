"""Whatever a linked device says, it is answered, ignored or cut off; the world goes on."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from tests.sandbox.worlds import NUMBER, Device, Stage
from waheal.sandbox.codec import Jid, Node, decode, encode
from waheal.sandbox.numbering import lid_of

_TAGS = st.sampled_from(
    [
        *["iq", "message", "receipt", "ack", "query", "usync", "list", "user", "contact"],
        *["devices", "lid", "key", "skey", "id", "value", "enc", "to", "participants", "count"],
        *["registration", "identity", "retry", "link_code_companion_reg", "media_conn"],
        *["remove-companion-device", "pair-device-sign"],
    ]
)
_NAMES = st.sampled_from(["id", "type", "xmlns", "to", "from", "jid", "stage", "count", "class"])
_TEXTS = st.sampled_from(
    ["get", "set", "result", "retry", "encrypt", "usync", "md", "w:m", "pkmsg", "msg", "1", "x"]
) | st.text(max_size=8)
_JIDS = st.builds(
    Jid,
    st.sampled_from([NUMBER, lid_of(NUMBER), "1", "9" * 40, "x", "²"]),
    st.sampled_from(["s.whatsapp.net", "lid", "g.us", "c.us"]),
    st.integers(0, 255),
)
_NODES = st.recursive(
    st.builds(Node, _TAGS, st.dictionaries(_NAMES, _TEXTS | _JIDS, max_size=4), st.binary()),
    lambda inner: st.builds(
        Node,
        _TAGS,
        st.dictionaries(_NAMES, _TEXTS | _JIDS, max_size=4),
        st.lists(inner, max_size=4).map(tuple) | st.none(),
    ),
    max_leaves=8,
)


@settings(max_examples=tries(40))
@given(st.lists(_NODES, max_size=6))
def test_no_stanza_upsets_the_world(nodes: list[Node]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        device, other = Device(stage), Device(stage, number="14255550151")
        for node in nodes:
            stage.world.received(device.session, decode(encode(node)))
        for told in stage.told(device.session):
            encode(told)
        stage.reopen()
        other.log_in()
        other.send(other.letter("still here"))
        assert "still here" in other.texts()
        stage.close()
