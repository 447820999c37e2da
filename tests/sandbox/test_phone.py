"""Phones that write to each other, and read what a client may send them."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.sandbox.codec import Jid
from waheal.sandbox.curve import verify
from waheal.sandbox.envelopes import SignalError
from waheal.sandbox.phone import Phone
from waheal.sandbox.plaintext import (
    MediaError,
    MediaFileKind,
    PlaintextError,
    decrypt_media,
    encrypt_media,
    pad,
    read_plaintext,
    text_message,
    unpad,
)
from waheal.sandbox.prekeys import KEY_TYPE
from waheal.sandbox.protobufs import Message
from waheal.sandbox.signal import DuplicateMessageError, NoSessionError

# The machine may be busy: how long an example takes is no verdict.
ALICE = Jid("100000000000001", "lid", 3)
BOB = Jid("100000000000002", "lid")
KEY = bytes(range(32))


def _stored(phone: Phone) -> Phone:
    return Phone.from_state(json.loads(json.dumps(phone.to_state())))


def _serialised(message: Message) -> bytes:
    written: bytes = message.SerializeToString()
    return written


def test_a_bundle_is_signed_and_never_hands_out_a_key_twice() -> None:
    phone = Phone.create()
    bundles = [phone.bundle() for _ in range(50)]
    for bundle in bundles:
        assert verify(bundle.identity, KEY_TYPE + bundle.signed.public, bundle.signed.signature)
    assert len({bundle.one_time.public for bundle in bundles if bundle.one_time}) == 50


@pytest.mark.parametrize("between", [lambda phone: phone, _stored], ids=["kept", "stored"])
def test_phones_talk_both_ways(between: Callable[[Phone], Phone]) -> None:
    alice, bob = Phone.create(), Phone.create()
    kinds = []
    kind, data = alice.encrypt(BOB, text_message("one", KEY), bob.bundle())
    kinds.append(kind)
    alice, bob = between(alice), between(bob)
    first = bob.decrypt(ALICE, kind, data)
    assert (first.text, first.message_secret, first.device_sent_to) == ("one", KEY, None)
    for turn in range(4):
        alice, bob = between(alice), between(bob)
        kind, data = bob.encrypt(ALICE, text_message(f"b{turn}"))
        assert alice.decrypt(BOB, kind, data).text == f"b{turn}"
        kinds.append(kind)
        kind, data = alice.encrypt(BOB, text_message(f"a{turn}"))
        assert bob.decrypt(ALICE, kind, data).text == f"a{turn}"
        kinds.append(kind)
    assert kinds == ["pkmsg"] + ["msg"] * 8


@pytest.mark.parametrize("stored", [False, True])
def test_a_replayed_first_message_is_a_duplicate(stored: bool) -> None:
    alice, bob = Phone.create(), Phone.create()
    kind, data = alice.encrypt(BOB, text_message("one"), bob.bundle())
    bob.decrypt(ALICE, kind, data)
    with pytest.raises(DuplicateMessageError):
        (_stored(bob) if stored else bob).decrypt(ALICE, kind, data)


def test_a_one_time_key_begins_one_session_only() -> None:
    alice, other, bob = Phone.create(), Phone.create(), Phone.create()
    bundle = bob.bundle()
    bob.decrypt(ALICE, *alice.encrypt(BOB, text_message("one"), bundle))
    with pytest.raises(SignalError, match="used up"):
        bob.decrypt(replace(ALICE, device=9), *other.encrypt(BOB, text_message("two"), bundle))


def test_a_forged_first_message_neither_uses_up_a_key_nor_leaves_a_session() -> None:
    alice, bob = Phone.create(), Phone.create()
    kind, data = alice.encrypt(BOB, text_message("one"), bob.bundle())
    forged = data.replace(alice.identity, Phone.create().identity)
    with pytest.raises(SignalError):
        bob.decrypt(ALICE, kind, forged)
    assert not bob.has_session(ALICE)
    assert bob.decrypt(ALICE, kind, data).text == "one"


def test_a_device_that_lost_its_session_begins_another() -> None:
    alice, bob = Phone.create(), Phone.create()
    bob.decrypt(ALICE, *alice.encrypt(BOB, text_message("one"), bob.bundle()))
    again = bob.decrypt(ALICE, *alice.encrypt(BOB, text_message("two"), bob.bundle()))
    assert again.text == "two"
    assert alice.decrypt(BOB, *bob.encrypt(ALICE, text_message("three"))).text == "three"


def test_writing_without_session_or_prekeys_is_refused() -> None:
    phone = Phone.create()
    with pytest.raises(NoSessionError):
        phone.encrypt(BOB, text_message("x"))
    with pytest.raises(NoSessionError):
        phone.decrypt(BOB, "msg", _sample_message())
    assert not phone.has_session(BOB)


def _sample_message() -> bytes:
    alice, bob = Phone.create(), Phone.create()
    bob.decrypt(ALICE, *alice.encrypt(BOB, text_message("one"), bob.bundle()))
    return bob.encrypt(ALICE, text_message("two"))[1]


def test_a_forgotten_peer_has_no_session() -> None:
    alice, bob = Phone.create(), Phone.create()
    bob.decrypt(ALICE, *alice.encrypt(BOB, text_message("one"), bob.bundle()))
    bob.forget(ALICE)
    assert not bob.has_session(ALICE)


@pytest.mark.parametrize("kind", ["skmsg", "", "PREKEY"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(SignalError, match="kind"):
        Phone.create().decrypt(ALICE, kind, b"")


def test_text_is_read_from_wherever_it_is() -> None:
    image = Message(imageMessage={"caption": "c"})
    for message, text, field in (
        (Message(conversation="a"), "a", "conversation"),
        (Message(extendedTextMessage={"text": "b"}), "b", "extendedTextMessage"),
        (image, "c", "imageMessage"),
        (Message(ephemeralMessage={"message": image}), "c", "imageMessage"),
        (Message(audioMessage={"mimetype": "audio/ogg"}), "", "audioMessage"),
        (Message(), "", ""),
    ):
        read = read_plaintext(_serialised(message))
        assert (read.text, read.field) == (text, field)


def test_an_own_phones_copy_is_unwrapped() -> None:
    outer = Message()
    outer.deviceSentMessage.destinationJID = str(BOB)
    outer.deviceSentMessage.message.conversation = "hello"
    outer.messageContextInfo.messageSecret = KEY
    read = read_plaintext(_serialised(outer))
    assert (read.text, read.device_sent_to, read.message_secret) == ("hello", BOB, KEY)


def test_a_copy_for_nobody_is_told() -> None:
    outer = Message(deviceSentMessage={"destinationJID": ""})
    with pytest.raises(PlaintextError, match="no JID"):
        read_plaintext(_serialised(outer))


def test_wrapping_is_bounded() -> None:
    message = Message(conversation="deep")
    for _ in range(20):
        message = Message(ephemeralMessage={"message": message})
    with pytest.raises(PlaintextError, match="wrapped"):
        read_plaintext(_serialised(message))


@pytest.mark.parametrize("kind", list(MediaFileKind))
def test_media_are_described_and_open(kind: MediaFileKind) -> None:
    plain = b"file" * 1000
    blob = encrypt_media(plain, KEY, kind)
    message = Message()
    part = getattr(message, f"{kind}Message")
    part.directPath, part.URL, part.mimetype = "/v/t1", "https://mmg.whatsapp.net/v/t1", "x/y"
    part.mediaKey, part.fileLength = KEY, len(plain)
    part.fileSHA256, part.fileEncSHA256 = sha256(plain).digest(), sha256(blob).digest()
    if kind is MediaFileKind.DOCUMENT:
        part.fileName = "a.pdf"
    media = read_plaintext(_serialised(message)).media
    assert media is not None
    assert media.kind is kind
    assert media.file_name == ("a.pdf" if kind is MediaFileKind.DOCUMENT else "")
    assert (media.direct_path, media.mimetype, media.file_length) == ("/v/t1", "x/y", 4000)
    assert media.open(blob) == plain
    with pytest.raises(MediaError, match="stored file has another hash"):
        media.open(blob + b"x")
    with pytest.raises(MediaError, match="decrypted file has another hash"):
        replace(media, file_sha256=bytes(32)).open(blob)


@given(st.binary(max_size=200), st.sampled_from(MediaFileKind))
def test_a_damaged_or_foreign_file_does_not_open(plain: bytes, kind: MediaFileKind) -> None:
    blob = encrypt_media(plain, KEY, kind)
    assert decrypt_media(blob, KEY, kind) == plain
    other = MediaFileKind.AUDIO if kind is not MediaFileKind.AUDIO else MediaFileKind.VIDEO
    for bad, key, told in (
        (bytes((blob[0] ^ 1,)) + blob[1:], KEY, kind),
        (blob[:-1], KEY, kind),
        (blob, bytes(32), kind),
        (blob, KEY, other),
        (b"", KEY, kind),
    ):
        with pytest.raises(MediaError):
            decrypt_media(bad, key, told)


@given(st.binary(max_size=64))
def test_padding_comes_off_as_it_was_put_on(plain: bytes) -> None:
    padded = pad(plain)
    assert 1 <= len(padded) - len(plain) <= 16
    assert unpad(padded) == plain


@pytest.mark.parametrize("padded", [b"", b"\0", b"x\x03\x02\x03", b"\x11" * 17, b"\x02"])
def test_wrong_padding_is_told(padded: bytes) -> None:
    with pytest.raises(PlaintextError):
        unpad(padded)


def test_a_plaintext_that_is_no_message_is_told() -> None:
    with pytest.raises(PlaintextError, match="no Message"):
        read_plaintext(b"\xff\xff\xff")
