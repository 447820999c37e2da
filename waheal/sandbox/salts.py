"""What a phone tells a device that was just linked, and what first messages' tokens are; pure.

First come the keys of the app state (``message.go``, `handleAppStateSyncKeyShare`), then the
history. That brings the account's NCT salt (`storeNCTSalt`) and the chats: of each its LID and
number, and where the contact trusts the account a token of theirs
(`storeHistoricalMessageSecrets`), which lasts for 28 days at most (``tctoken.go``). The token of a
first message is that one, or else an HMAC of the recipient's LID under the salt (``cstoken.go``).
"""

import hmac
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from waheal.sandbox.codec import Jid
from waheal.sandbox.protobufs import HistorySync, Message

_HISTORY_SYNC = 5  # ProtocolMessage's types
_KEY_SHARE = 6
_DONE = 100  # percent
_KEY_ID = b"\x00\x00\x00\x00\x4a\x01"


@dataclass(frozen=True, slots=True)
class OldChat:
    """A chat of the account's phone; `token`: the contact's for it, since then (Unix seconds)."""

    number: Jid
    lid: Jid
    token: bytes = b""
    since: int = 0


def keys_message(key: bytes, now: float) -> bytes:
    """Write the Message that carries a key of the app state; 32 bytes."""
    message = Message()
    message.protocolMessage.type = _KEY_SHARE
    shared = message.protocolMessage.appStateSyncKeyShare.keys.add()
    shared.keyID.keyID = _KEY_ID
    shared.keyData.keyData = key
    shared.keyData.fingerprint.rawID = 1
    shared.keyData.timestamp = int(now)
    written: bytes = message.SerializeToString()
    return written


def history_message(salt: bytes, chats: Iterable[OldChat] = ()) -> bytes:
    """Write the Message that carries a history with this salt and these chats, whole within it."""
    history = HistorySync(
        syncType=HistorySync.INITIAL_BOOTSTRAP, chunkOrder=1, progress=_DONE, nctSalt=salt
    )
    for chat in chats:
        told = history.conversations.add(ID=str(chat.lid))
        if chat.token:
            told.tcToken, told.tcTokenTimestamp = chat.token, chat.since
        history.phoneNumberToLidMappings.add(pnJID=str(chat.number), lidJID=str(chat.lid))
    message = Message()
    said = message.protocolMessage
    said.type = _HISTORY_SYNC
    said.historySyncNotification.syncType = HistorySync.INITIAL_BOOTSTRAP
    said.historySyncNotification.chunkOrder = 1
    said.historySyncNotification.progress = _DONE
    said.historySyncNotification.initialHistBootstrapInlinePayload = zlib.compress(
        history.SerializeToString()
    )
    written: bytes = message.SerializeToString()
    return written


def first_contact_token(salt: bytes, recipient: Jid) -> bytes:
    """Make the token that proves a first message's sender knows the salt; `recipient` is a LID."""
    return hmac.digest(salt, str(recipient).encode(), "sha256")
