"""Two own peers talk, whatever becomes of their messages on the way."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from waheal.sandbox.curve import KeyPair, hkdf, sign, verify
from waheal.sandbox.envelopes import PreKeyMessage, SignalError, SignalMessage
from waheal.sandbox.json_fields import Fields
from waheal.sandbox.prekeys import KEY_TYPE, PublicPreKey
from waheal.sandbox.signal import (
    MAX_SKIP,
    Bundle,
    CipherKind,
    DuplicateMessageError,
    SessionRecord,
    SignalSession,
)

# The machine may be busy: how long an example takes is no verdict.
_CHAINS = 5  # receiving chains a session remembers


def _read(kind: CipherKind, data: bytes) -> SignalMessage:
    return PreKeyMessage.read(data).message if kind == "pkmsg" else SignalMessage.read(data)


def _stored(session: SignalSession) -> SignalSession:
    return SignalSession.from_state(Fields(json.loads(json.dumps(session.to_state()))))


def _bundle(identity: KeyPair, signed: KeyPair, one_time: KeyPair | None) -> Bundle:
    signature = sign(identity.private, KEY_TYPE + signed.public)
    return Bundle(
        registration_id=77,
        identity=identity.public,
        signed=PublicPreKey(1, signed.public, signature),
        one_time=None if one_time is None else PublicPreKey(9, one_time.public),
    )


class _Pair:
    """Alice has written once; Bob has opened it."""

    def __init__(self, *, one_time: bool = True) -> None:
        identity, self.bob_identity, self.signed = (KeyPair.generate() for _ in range(3))
        self.one_time = KeyPair.generate() if one_time else None
        bundle = _bundle(self.bob_identity, self.signed, self.one_time)
        self.alice = SignalSession.initiate(identity, 55, bundle)
        kind, data = self.alice.encrypt(b"first")
        assert kind is CipherKind.PREKEY
        self.first = PreKeyMessage.read(data)
        self.bob = SignalSession.respond(self.bob_identity, self.signed, self.one_time, self.first)
        assert self.bob.decrypt(self.first.message) == b"first"


@pytest.mark.parametrize("one_time", [True, False])
def test_a_first_message_names_its_keys_and_opens(one_time: bool) -> None:
    pair = _Pair(one_time=one_time)
    assert pair.first.registration_id == 55
    assert pair.first.signed_id == 1
    assert pair.first.one_time_id == (9 if one_time else None)


def test_the_initiator_introduces_itself_until_it_is_answered() -> None:
    pair = _Pair()
    kind, data = pair.alice.encrypt(b"second")
    assert kind is CipherKind.PREKEY
    assert pair.bob.decrypt(_read(kind, data)) == b"second"
    kind, data = pair.bob.encrypt(b"answer")
    assert kind is CipherKind.MESSAGE
    assert pair.alice.decrypt(_read(kind, data)) == b"answer"
    kind, data = pair.alice.encrypt(b"third")
    assert kind is CipherKind.MESSAGE
    assert pair.bob.decrypt(_read(kind, data)) == b"third"


def test_a_replay_is_told_as_a_duplicate() -> None:
    pair = _Pair()
    with pytest.raises(DuplicateMessageError):
        pair.bob.decrypt(pair.first.message)


def test_messages_open_out_of_order_and_only_once() -> None:
    pair = _Pair()
    sent = [_read(*pair.alice.encrypt(bytes((n,)))) for n in range(10)]
    for n in (7, 2, 9, 0):
        assert pair.bob.decrypt(sent[n]) == bytes((n,))
        with pytest.raises(DuplicateMessageError):
            pair.bob.decrypt(sent[n])


def test_a_forged_message_changes_nothing() -> None:
    pair = _Pair()
    before = pair.bob.to_state()
    message = _read(*pair.alice.encrypt(b"x"))
    stranger = KeyPair.generate().public
    for forged in (
        replace(message, mac=bytes(8)),
        replace(message, ratchet_key=stranger),
        replace(message, counter=5),
        replace(message, ratchet_key=bytes(32)),
    ):
        with pytest.raises(SignalError):
            pair.bob.decrypt(forged)
    assert pair.bob.to_state() == before
    assert pair.bob.decrypt(message) == b"x"


def test_too_many_missing_messages_are_refused() -> None:
    pair = _Pair()
    for _ in range(MAX_SKIP):
        pair.alice.encrypt(b"lost")
    last = _read(*pair.alice.encrypt(b"x"))
    assert _stored(pair.bob).decrypt(last) == b"x"
    beyond = _read(*pair.alice.encrypt(b"y"))
    with pytest.raises(SignalError, match="missing"):
        pair.bob.decrypt(beyond)


def test_a_bundle_with_a_foreign_signature_is_refused() -> None:
    identity, signed = KeyPair.generate(), KeyPair.generate()
    bundle = _bundle(identity, signed, None)
    for bad in (
        replace(bundle, identity=KeyPair.generate().public),
        replace(bundle, signed=replace(bundle.signed, signature=b"")),
        replace(bundle, signed=replace(bundle.signed, public=KeyPair.generate().public)),
    ):
        with pytest.raises(SignalError, match="not signed"):
            SignalSession.initiate(identity, 1, bad)


@given(st.binary(max_size=120))
def test_garbage_is_a_signal_error(data: bytes) -> None:
    for garbage in (data, b"\x33" + data):
        with pytest.raises(SignalError):
            PreKeyMessage.read(garbage)
        with pytest.raises(SignalError):
            SignalMessage.read(garbage)


def test_a_message_travels_in_libsignals_layout() -> None:
    pair = _Pair()
    pair.bob.encrypt(b"zero")
    _, data = pair.bob.encrypt(b"sixteen bytes...")
    ratchet = pair.bob._sending.public
    head = b"\x33\x0a\x21\x05" + ratchet + b"\x10\x01\x18\x00\x22\x20"  # body: two blocks
    assert data.startswith(head)
    assert len(data) == len(head) + 32 + 8


def test_a_first_message_travels_in_libsignals_layout() -> None:
    pair = _Pair()
    kind, data = pair.alice.encrypt(b"x")
    assert kind is CipherKind.PREKEY
    again = PreKeyMessage.read(data)
    inner = again.message.authenticated + again.message.mac
    assert data[1:] == (
        b"\x12\x21\x05" + again.base_key + b"\x1a\x21\x05" + pair.alice.local
        + b"\x22" + bytes((len(inner),)) + inner + b"\x28\x37\x30\x01\x08\x09"
    )  # fmt: skip


def test_hkdf_gives_what_rfc_5869_gives() -> None:
    expected = (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )
    assert hkdf(b"\x0b" * 22, b"", 42, salt=b"").hex() == expected


@given(st.binary(max_size=100))
@settings(max_examples=tries(20))
def test_signatures_hold_for_their_message_and_key_only(message: bytes) -> None:
    pair = KeyPair.generate()
    signature = sign(pair.private, message)
    assert verify(pair.public, message, signature)
    assert not verify(pair.public, message + b"x", signature)
    assert not verify(KeyPair.generate().public, message, signature)
    assert not verify(pair.public, message, signature[:63])


def test_a_record_opens_with_whichever_session_fits_and_writes_with_that() -> None:
    pairs = [_Pair() for _ in range(3)]
    record = SessionRecord([])
    for pair in pairs:
        record.adopt(pair.bob)
    for pair in pairs:
        kind, data = pair.alice.encrypt(b"x")
        assert record.decrypt(_read(kind, data)) == b"x"
        assert record.sessions[0] is pair.bob
        with pytest.raises(DuplicateMessageError):
            record.decrypt(_read(kind, data))
    with pytest.raises(SignalError, match="none of 3"):
        record.decrypt(_read(*_Pair().alice.encrypt(b"x")))


class _Side:
    """One peer, what is on its way to it, and which of the other's chains it has seen."""

    def __init__(self, session: SignalSession, seen: list[bytes]) -> None:
        self.session = session
        self.seen = seen
        self.inbound: list[tuple[bytes, SignalMessage]] = []
        self.opened: set[bytes] = set()

    def receive(self, plain: bytes, message: SignalMessage) -> None:
        key = message.ratchet_key
        late = key in self.seen and key not in self.seen[-_CHAINS:]
        if late or plain in self.opened:
            with pytest.raises(SignalError):
                self.session.decrypt(message)
            return
        assert self.session.decrypt(message) == plain
        self.opened.add(plain)
        if key not in self.seen:
            self.seen.append(key)


@given(st.lists(st.tuples(st.sampled_from("sdrx"), st.booleans(), st.integers(0, 99)), max_size=60))
@settings(max_examples=tries(60))
def test_every_order_of_delivery_loss_replay_and_restart_is_survived(
    steps: list[tuple[str, bool, int]],
) -> None:
    pair = _Pair()
    own_first = pair.alice._chains[0].ratchet_key
    alice = _Side(pair.alice, [own_first])
    bob = _Side(pair.bob, [pair.first.message.ratchet_key])
    for number, (step, from_alice, choice) in enumerate(steps):
        sender, receiver = (alice, bob) if from_alice else (bob, alice)
        waiting = receiver.inbound
        match step:
            case "s":
                plain = f"{number}".encode()
                waiting.append((plain, _read(*sender.session.encrypt(plain))))
            case "d" if waiting:  # delivered, in any order
                receiver.receive(*waiting.pop(choice % len(waiting)))
            case "r" if waiting:  # delivered, and kept for a replay
                receiver.receive(*waiting[choice % len(waiting)])
            case _:
                receiver.session = _stored(receiver.session)
