import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.scripted import DeviceKeys, Initiator, bodies, login_payload
from waheal.sandbox.codec import Node, encode
from waheal.sandbox.curve import KeyPair
from waheal.sandbox.greeting import Login, Registration
from waheal.sandbox.noise import PROLOGUE, Responder
from waheal.sandbox.protobufs import ClientPayload
from waheal.sandbox.protocol import ChatProtocol, Greeted, ProtocolError, StanzaReceived, frame


def _chat() -> ChatProtocol:
    return ChatProtocol(Responder(KeyPair.generate()), b"certificates")


def _greeted(payload: bytes) -> tuple[ChatProtocol, Initiator, Greeted, DeviceKeys]:
    keys = DeviceKeys()
    chat, client = _chat(), Initiator(keys)
    assert chat.receive(client.hello()) == []
    (answer,) = bodies(chat.data_to_send())
    (event,) = chat.receive(client.finish(answer, payload))
    assert isinstance(event, Greeted)
    return chat, client, event, keys


def test_a_login_tells_number_device_and_key() -> None:
    _, _, event, keys = _greeted(login_payload("447700900123", 7))
    assert event.greeting == Login(keys.noise.public, "447700900123", 7, "0.0.0")


def test_a_registration_tells_the_keys_of_the_device_to_be() -> None:
    data = ClientPayload.DevicePairingRegistrationData(
        eRegid=(9).to_bytes(4, "big"),
        eIdent=b"i" * 32,
        eSkeyID=(3).to_bytes(3, "big"),
        eSkeyVal=b"k" * 32,
        eSkeySig=b"s" * 64,
    )
    _, _, event, _ = _greeted(ClientPayload(devicePairingData=data).SerializeToString())
    assert isinstance(event.greeting, Registration)
    assert event.greeting.registration_id == 9
    assert event.greeting.signed_prekey.key_id == 3


def test_stanzas_pass_both_ways() -> None:
    chat, client, _, _ = _greeted(login_payload("447700900123", 1))
    ping = Node("iq", {"id": "1", "xmlns": "w:p", "type": "get"})
    assert chat.receive(client.seal(ping)) == [StanzaReceived(ping)]
    chat.send(Node("iq", {"id": "1", "type": "result"}))
    assert client.open(chat.data_to_send()) == [Node("iq", {"id": "1", "type": "result"})]
    assert chat.data_to_send() == b""


def test_bytes_may_come_one_at_a_time() -> None:
    chat, client, _, _ = _greeted(login_payload("447700900123", 1))
    nodes = [Node("presence", {"type": "available"}), Node("ib")]
    stream = b"".join(client.seal(node) for node in nodes)
    events = [event for byte in stream for event in chat.receive(bytes((byte,)))]
    assert events == [StanzaReceived(node) for node in nodes]


def test_a_compressed_stanza_is_read() -> None:
    chat, client, _, _ = _greeted(login_payload("447700900123", 1))
    assert client._transport is not None
    node = Node("iq", {"id": "1"}, b"x" * 500)
    packed = b"\x02" + zlib.compress(encode(node)[1:])
    assert chat.receive(frame(client._transport.seal(packed))) == [StanzaReceived(node)]


def test_no_stanza_is_sent_before_the_handshake() -> None:
    with pytest.raises(ProtocolError):
        _chat().send(Node("ib"))


def test_another_header_is_refused() -> None:
    with pytest.raises(ProtocolError):
        _chat().receive(b"GET / HTTP/1.1")


def test_a_client_that_neither_registers_nor_logs_in_is_refused() -> None:
    with pytest.raises(ProtocolError):
        _greeted(ClientPayload(passive=True).SerializeToString())


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_waited_out(garbage: bytes) -> None:
    chat = _chat()
    try:
        assert chat.receive(PROLOGUE + garbage) == []
    except ProtocolError:
        return


@given(st.binary(min_size=1, max_size=200))
def test_garbage_after_the_handshake_is_refused(garbage: bytes) -> None:
    chat, _, _, _ = _greeted(login_payload("447700900123", 1))
    with pytest.raises(ProtocolError):
        chat.receive(frame(garbage))
