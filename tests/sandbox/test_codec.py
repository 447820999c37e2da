"""Binary XML there and back, and against bytes worked out by hand from whatsmeow's rules."""

import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.sandbox.codec import MAX_DEPTH, CodecError, Jid, Node, decode, encode

# The machine may be busy: how long an example takes is no verdict.
_SERVERS = ("s.whatsapp.net", "lid", "g.us", "broadcast", "newsletter")

texts = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=300),
    st.text("0123456789-.", min_size=1, max_size=130),
    st.text("0123456789ABCDEF", min_size=1, max_size=130),
    st.sampled_from(["iq", "s.whatsapp.net", "read-self", "rate-overlimit", "0"]),
)
tags = texts
jids = st.one_of(
    st.builds(
        Jid,
        st.text("0123456789", min_size=1, max_size=15),
        st.sampled_from(["s.whatsapp.net", "lid", "hosted", "hosted.lid"]),
        st.integers(0, 255),
    ),
    st.builds(Jid, st.text("abc0123456789-", max_size=20), st.sampled_from(_SERVERS), st.just(0)),
)
attributes = st.dictionaries(texts, st.one_of(texts, jids), max_size=5)
nodes = st.recursive(
    st.builds(Node, tags, attributes, st.one_of(st.none(), st.binary(max_size=300))),
    lambda inner: st.builds(
        Node, tags, attributes, st.lists(inner, min_size=1, max_size=4).map(tuple)
    ),
    max_leaves=8,
)


@given(nodes)
def test_what_is_encoded_decodes_to_the_same_node(node: Node) -> None:
    assert decode(encode(node)) == node


@given(nodes)
def test_a_compressed_payload_decodes_to_the_same_node(node: Node) -> None:
    assert decode(b"\x02" + zlib.compress(encode(node)[1:])) == node


@given(st.binary(max_size=200))
def test_garbage_gives_a_node_or_a_codec_error(data: bytes) -> None:
    try:
        node = decode(data)
    except CodecError:
        return
    assert node.tag


@given(nodes, st.data())
def test_a_payload_cut_short_is_an_error(node: Node, data: st.DataObject) -> None:
    payload = encode(node)
    size = data.draw(st.integers(0, len(payload) - 1))
    with pytest.raises(CodecError):
        decode(payload[:size])


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Node("iq"), "f80119"),
        (Node("iq", {"id": "12.3-4"}), "f80319 08 ff03 12b3a4"),
        (Node("iq", {"id": "123"}), "f80319 08 ff82 123f"),
        (Node("iq", {"id": "ABC"}), "f80319 08 fb82 abcf"),
        (Node("iq", {"id": "abc"}), "f80319 08 fc03 616263"),
        (Node("iq", {"from": Jid("", "s.whatsapp.net")}), "f80319 06 fa0003"),
        (Node("iq", {"to": Jid("1201555", "s.whatsapp.net", 3)}), "f80319 11 f70003 ff841201555f"),
        (Node("iq", {"to": Jid("1201555", "lid", 3)}), "f80319 11 f70103 ff841201555f"),
        (Node("iq", {"to": Jid("1201555", "lid")}), "f80319 11 fa ff841201555f 76"),
        (Node("iq", {"type": ""}), "f80119"),
        (Node("receipt", {"type": "read-self"}), "f80307 04 ec00"),
        (Node("ack", {}, b"\x01\x02"), "f8021b fc02 0102"),
        (Node("iq", {}, (Node("ping"),)), "f80219 f801 f80156"),
        (Node("iq", {}, ()), "f80219 00"),
        (Node("iq", {}, bytes(256)), "f80219 fd000100" + "00" * 256),
        (Node("iq", {}, bytes(1 << 20)), "f80219 fe00100000" + "00" * (1 << 20)),
    ],
)
def test_nodes_are_laid_out_as_the_client_lays_them_out(node: Node, expected: str) -> None:
    assert encode(node) == b"\0" + bytes.fromhex(expected)


def test_a_long_list_takes_two_bytes_for_its_length() -> None:
    node = Node("list", {}, (Node("user"),) * 300)
    assert encode(node)[4:7] == bytes.fromhex("f9012c")
    assert decode(encode(node)) == node


@pytest.mark.parametrize("server", ["msgr", "interop"])
def test_addresses_of_other_networks_are_understood(server: str) -> None:
    wire = {"msgr": "f6 fc0161 0007 d0", "interop": "f5 fc0161 0007 0001 fc07" + b"interop".hex()}
    token = encode(Node(server))[3:]
    start = "f80319 11 " + wire[server].replace("d0", token.hex())
    assert decode(b"\0" + bytes.fromhex(start)).jid("to") == Jid("a", server, 7)


def test_nesting_is_bounded() -> None:
    node = Node("a")
    for _ in range(MAX_DEPTH):
        node = Node("a", {}, (node,))
    with pytest.raises(CodecError, match="nested"):
        decode(encode(node))


def test_a_payload_that_inflates_without_end_is_refused() -> None:
    bomb = zlib.compress(bytes(64 * 1024 * 1024))
    with pytest.raises(CodecError, match="too large"):
        decode(b"\x02" + bomb)


def test_bytes_after_the_node_are_refused() -> None:
    with pytest.raises(CodecError, match="after the node"):
        decode(encode(Node("iq")) + b"\0")


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("12015550100@s.whatsapp.net", Jid("12015550100", "s.whatsapp.net")),
        ("12015550100:4@lid", Jid("12015550100", "lid", 4)),
        ("s.whatsapp.net", Jid("", "s.whatsapp.net")),
    ],
)
def test_an_address_reads_as_it_is_written(text: str, jid: Jid) -> None:
    assert Jid.parse(text) == jid
    assert str(jid) == text


def test_an_address_with_an_agent_is_read_without_it() -> None:
    assert Jid.parse("12015550100.0:4@lid") == Jid("12015550100", "lid", 4)


@pytest.mark.parametrize("text", ["", "@", "@lid", "a:b@lid", "a:@lid", "a@"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(CodecError):
        Jid.parse(text)


def test_helpers_find_children_attributes_and_data() -> None:
    user = Jid("12015550100", "lid")
    node = Node("iq", {"id": "1", "to": user}, (Node("key", {}, b"x"), Node("key"), Node("skey")))
    first = node.child("key")
    assert first is not None
    assert first.data() == b"x"
    assert len(node.children("key")) == 2
    assert len(node.children()) == 3
    assert node.child("none") is None
    assert (node.attr("id"), node.attr("to"), node.attr("none")) == ("1", str(user), "")
    assert (node.jid("to"), node.jid("id"), node.data()) == (user, None, b"")


def test_the_token_tables_load_without_the_package_they_ship_in() -> None:
    assert "pyaileys.wabinary.constants" in sys.modules
    assert "pyaileys" not in sys.modules
    assert "pyaileys.wabinary" not in sys.modules
