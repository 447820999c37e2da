"""What a phone tells a device that was just linked, and what the device makes tokens of; pure.

The history brings the account's NCT salt (``message.go``, `storeNCTSalt`). The token of a first
message is an HMAC of the recipient's LID under it (``cstoken.go``). Of chats it has none.
"""

import hmac
import zlib

from waheal.sandbox.codec import Jid
from waheal.sandbox.protobufs import HistorySync, Message

_HISTORY_SYNC = 5  # ProtocolMessage's type
_DONE = 100  # percent


def history_message(salt: bytes) -> bytes:
    """Write the Message that carries a history with this salt, whole within it."""
    history = HistorySync(
        syncType=HistorySync.INITIAL_BOOTSTRAP, chunkOrder=1, progress=_DONE, nctSalt=salt
    )
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
