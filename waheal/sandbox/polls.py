"""A phone's vote in a poll, sealed as whatsmeow's ``msgsecret.go`` does; knows no chat."""

import secrets
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waheal.sandbox.codec import Jid
from waheal.sandbox.curve import hkdf
from waheal.sandbox.protobufs import Message

_IV = 12  # bytes
_KEY = 32  # bytes


def vote_message(
    poll_id: str, key_of: bytes, creator: Jid, voter: Jid, chosen: Sequence[str], at: float
) -> bytes:
    """Write a vote for these options: all that the voter has chosen then.

    `key_of`: the poll's secret. `at`: Unix seconds.
    """
    message = Message()
    update = message.pollUpdateMessage
    update.pollCreationMessageKey.remoteJID = str(creator)
    update.pollCreationMessageKey.fromMe = False
    update.pollCreationMessageKey.ID = poll_id
    update.senderTimestampMS = int(at * 1000)
    options = b"".join(b"\x0a\x20" + sha256(each.encode()).digest() for each in chosen)
    key = hkdf(key_of, f"{poll_id}{creator}{voter}Poll Vote".encode(), _KEY)
    update.vote.encIV = secrets.token_bytes(_IV)
    sealed = AESGCM(key).encrypt(update.vote.encIV, options, f"{poll_id}\0{voter}".encode())
    update.vote.encPayload = sealed
    written: bytes = message.SerializeToString()
    return written
