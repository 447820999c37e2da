import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.scripted import DeviceKeys, Initiator, bodies
from waheal.sandbox.curve import KeyPair
from waheal.sandbox.greeting import write_hello
from waheal.sandbox.noise import NoiseError, Responder, Transport
from waheal.sandbox.protobufs import HandshakeMessage


def _shake_hands(payload: bytes) -> tuple[Responder, Initiator, bytes, bytes, DeviceKeys]:
    static, keys = KeyPair.generate(), DeviceKeys()
    responder, initiator = Responder(static), Initiator(keys)
    (hello,) = bodies(initiator.hello()[4:])
    ephemeral = HandshakeMessage.FromString(hello).clientHello.ephemeral
    answer = write_hello(*responder.answer_hello(ephemeral, b"certificates"))
    (finish,) = bodies(initiator.finish(answer, payload))
    assert initiator.server_static == static.public
    assert initiator.certificates == b"certificates"
    sealed = HandshakeMessage.FromString(finish).clientFinish
    return responder, initiator, sealed.static, sealed.payload, keys


def test_both_sides_learn_each_others_static_key_and_payload() -> None:
    responder, _, static, payload, keys = _shake_hands(b"who I am")
    assert responder.read_finish(static, payload) == (keys.noise.public, b"who I am")


def test_frames_pass_both_ways_in_order() -> None:
    responder, initiator, static, payload, _ = _shake_hands(b"")
    responder.read_finish(static, payload)
    server = responder.finish()
    assert initiator._transport is not None
    for text in (b"one", b"two"):
        assert server.open(initiator._transport.seal(text)) == text
        assert initiator._transport.open(server.seal(text)) == text


def test_a_frame_out_of_its_turn_is_refused() -> None:
    sender, receiver = Transport(bytes(32), bytes(32)), Transport(bytes(32), bytes(32))
    sender.seal(b"lost")
    with pytest.raises(NoiseError):
        receiver.open(sender.seal(b"second"))


def test_a_finish_that_was_tampered_with_is_refused() -> None:
    responder, _, static, payload, _ = _shake_hands(b"who I am")
    with pytest.raises(NoiseError):
        responder.read_finish(static, payload[:-1] + bytes((payload[-1] ^ 1,)))


@given(st.binary(max_size=64))
def test_no_ephemeral_key_crashes_the_responder(ephemeral: bytes) -> None:
    responder = Responder(KeyPair.generate())
    try:
        ours, static, payload = responder.answer_hello(ephemeral, b"")
    except NoiseError:
        return
    assert (len(ours), len(static), len(payload)) == (32, 48, 16)
