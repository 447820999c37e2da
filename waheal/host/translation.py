"""Turns the library's event bytes into the host's words; knows what they are called, not mean."""

from collections.abc import Callable

from waheal.host.client import (
    Banned,
    Connected,
    ConnectionEvent,
    Disconnected,
    KeepAliveRestored,
    KeepAliveTimeout,
    LoggedOut,
    LoginFault,
    News,
    ReceiptCame,
    ReceiptType,
    Refused,
    Replaced,
    TextCame,
)
from waheal.host.whatsapp import EventCode, e2e, messages
from waheal.model import Ballot, Phone, ReplyKind

_PN, _LID = "s.whatsapp.net", "lid"


def _faults() -> dict[int, LoginFault]:
    reason = messages.ConnectFailureReason
    return {
        reason.Value("GENERIC"): LoginFault.GENERIC,
        reason.Value("LOGGED_OUT"): LoginFault.LOGGED_OUT,
        reason.Value("MAIN_DEVICE_GONE"): LoginFault.LOCKED,
        reason.Value("UNKNOWN_LOGOUT"): LoginFault.ACCOUNT_BANNED,
        reason.Value("CLIENT_OUTDATED"): LoginFault.OUTDATED,
        reason.Value("BAD_USER_AGENT"): LoginFault.BAD_USER_AGENT,
    }


_LOGIN_FAULTS = _faults()

_RECEIPTS = {
    "DELIVERED": ReceiptType.DELIVERED,
    "SENDER": ReceiptType.SENDER,
    "RETRY": ReceiptType.RETRY,
    "READ": ReceiptType.READ,
    "READ_SELF": ReceiptType.READ_SELF,
    "PLAYED": ReceiptType.PLAYED,
    "SERVER_ERROR": ReceiptType.SERVER_ERROR,
    "INACTIVE": ReceiptType.INACTIVE,
    "PEER_MSG": ReceiptType.PEER_MSG,
    "HISTORY_SYNC": ReceiptType.HISTORY_SYNC,
}


# What a person sends by hand, by its field in WhatsApp's Message. The others are the protocol's:
# keys, deletions, timers, histories, and an album's announcement of the pictures that follow.
_KINDS = {
    "conversation": ReplyKind.TEXT,
    "extendedTextMessage": ReplyKind.TEXT,
    "buttonsResponseMessage": ReplyKind.BUTTON,
    "templateButtonReplyMessage": ReplyKind.BUTTON,
    "listResponseMessage": ReplyKind.BUTTON,
    "interactiveResponseMessage": ReplyKind.BUTTON,
    "imageMessage": ReplyKind.IMAGE,
    "videoMessage": ReplyKind.VIDEO,
    "ptvMessage": ReplyKind.VIDEO,
    "audioMessage": ReplyKind.AUDIO,
    "documentMessage": ReplyKind.DOCUMENT,
    "stickerMessage": ReplyKind.STICKER,
    "stickerPackMessage": ReplyKind.STICKER,
    "locationMessage": ReplyKind.LOCATION,
    "liveLocationMessage": ReplyKind.LOCATION,
    "contactMessage": ReplyKind.CONTACT,
    "contactsArrayMessage": ReplyKind.CONTACT,
    "reactionMessage": ReplyKind.REACTION,
    "encReactionMessage": ReplyKind.REACTION,
    "pollUpdateMessage": ReplyKind.VOTE,
    **dict.fromkeys(
        (
            "eventMessage", "groupInviteMessage", "musicMessage", "orderMessage",
            "paymentInviteMessage", "pollCreationMessage", "pollCreationMessageV2",
            "pollCreationMessageV3", "pollCreationMessageV5", "pollCreationMessageV6",
            "productMessage", "requestPaymentMessage", "sendPaymentMessage",
        ),
        ReplyKind.OTHER,
    ),
}  # fmt: skip


def _logged_out(data: bytes) -> ConnectionEvent:
    event = messages.LoggedOut.FromString(data)
    return LoggedOut(_LOGIN_FAULTS.get(event.Reason, LoginFault.OTHER))


def _banned(data: bytes) -> ConnectionEvent:
    event = messages.TemporaryBan.FromString(data)
    code = messages.TemporaryBan.TempBanReason.Name(event.Code)
    return Banned(code.lower().replace("_", " "), float(event.Expire))


def _refused(data: bytes) -> ConnectionEvent:
    event = messages.ConnectFailure.FromString(data)
    return Refused(_LOGIN_FAULTS.get(event.Reason, LoginFault.OTHER), str(event.Message))


_CONNECTION: dict[int, Callable[[bytes], ConnectionEvent]] = {
    EventCode.CONNECTED: lambda _data: Connected(),
    EventCode.DISCONNECTED: lambda _data: Disconnected(),
    EventCode.KEEP_ALIVE_TIMEOUT: lambda data: KeepAliveTimeout(
        int(messages.KeepAliveTimeout.FromString(data).ErrorCount)
    ),
    EventCode.KEEP_ALIVE_RESTORED: lambda _data: KeepAliveRestored(),
    EventCode.LOGGED_OUT: _logged_out,
    EventCode.STREAM_REPLACED: lambda _data: Replaced(),
    EventCode.TEMPORARY_BAN: _banned,
    EventCode.CONNECT_FAILURE: _refused,
    EventCode.CLIENT_OUTDATED: lambda _data: Refused(LoginFault.OUTDATED, ""),
}


def connection_event(code: int, data: bytes) -> ConnectionEvent | None:
    """Translate the event if it is about the connection."""
    make = _CONNECTION.get(code)
    return None if make is None else make(data)


def news(code: int, data: bytes) -> News | None:
    """Translate it if it is a receipt, or something from somebody else in a private chat."""
    if code == EventCode.RECEIPT:
        return _receipt(messages.Receipt.FromString(data))
    if code == EventCode.MESSAGE:
        return _text(messages.Message.FromString(data))
    return None


def _receipt(receipt: messages.Receipt) -> ReceiptCame:
    name = messages.Receipt.ReceiptType.Name(receipt.Type)
    # played-self comes as SERVER_ERROR, and neither proves anything.
    kind = _RECEIPTS.get(name, ReceiptType.SERVER_ERROR)
    return ReceiptCame(tuple(receipt.MessageIDs), kind, bool(receipt.MessageSource.IsFromMe))


def _text(message: messages.Message) -> TextCame | None:
    source = message.Info.MessageSource
    private = source.Chat.Server in (_PN, _LID) and not source.IsGroup and not source.IsFromMe
    body, message_id = _as_it_is_now(message)
    kind = _kind(body)
    if not private or kind is None:
        return None
    return TextCame(
        sender=f"{source.Sender.User}@{source.Sender.Server}",
        phone=_phone(source),
        text=_words(body),
        at=message.Info.Timestamp / 1000,  # the one timestamp that neonize gives in milliseconds
        kind=kind,
        message_id=message_id,
        quotes=_quoted(body),
        ballot=_ballot(body, source, message.Info.Timestamp) if kind is ReplyKind.VOTE else None,
    )


def _ballot(body: e2e.Message, source: messages.MessageSource, came: int) -> Ballot:
    """Give a vote as it is sealed (whatsmeow's `EncryptPollVote` in msgsecret.go).

    `came`: when the message did, in milliseconds; the voter's own clock is asked first.
    """
    vote = body.pollUpdateMessage
    voters = (source.Sender, source.SenderAlt)
    return Ballot(
        payload=bytes(vote.vote.encPayload),
        iv=bytes(vote.vote.encIV),
        creator=str(vote.pollCreationMessageKey.remoteJID),
        voters=tuple(f"{each.User}@{each.Server}" for each in voters if each.User),
        at=(vote.senderTimestampMS or came) / 1000,
    )


def _as_it_is_now(message: messages.Message) -> tuple[e2e.Message, str | None]:
    """Give what was sent, and its id; of a correction, what it corrects and how it reads now."""
    body, protocol = message.Message, message.Message.protocolMessage
    if protocol.HasField("editedMessage"):
        return protocol.editedMessage, str(protocol.key.ID) or None
    return body, str(message.Info.ID) or None


def _kind(body: e2e.Message) -> ReplyKind | None:
    """Tell what it is; None for what nobody sends by hand, and for a reaction taken back."""
    found = next((kind for field, kind in _KINDS.items() if body.HasField(field)), None)
    if found is ReplyKind.TEXT:
        return found if _words(body) else None
    taken_back = found is ReplyKind.REACTION and not (
        body.reactionMessage.text or body.HasField("encReactionMessage")
    )
    return None if taken_back else found


def _quoted(body: e2e.Message) -> str | None:
    """Tell the id of the message that it answers, reacts to or votes on."""
    named = (
        body.reactionMessage.key.ID,
        body.encReactionMessage.targetMessageKey.ID,
        body.pollUpdateMessage.pollCreationMessageKey.ID,
    )
    contexts = (
        content.contextInfo.stanzaID
        for field, content in body.ListFields()
        if field.name in _KINDS
        and field.message_type is not None  # a plain text is no message of its own
        and "contextInfo" in field.message_type.fields_by_name
    )
    return next((str(each) for each in (*named, *contexts) if each), None)


def _phone(source: messages.MessageSource) -> Phone | None:
    for jid in (source.Sender, source.SenderAlt):
        if jid.Server == _PN and jid.User:
            return Phone(f"+{jid.User}")
    return None


def _words(message: e2e.Message) -> str:
    """Find what a person wrote, or tapped, in any of the forms that a text comes in."""
    found = (
        message.conversation,
        message.extendedTextMessage.text,
        message.imageMessage.caption,
        message.videoMessage.caption,
        message.documentMessage.caption,
        message.buttonsResponseMessage.selectedDisplayText,
        message.templateButtonReplyMessage.selectedDisplayText,
        message.listResponseMessage.title,
        message.interactiveResponseMessage.body.text,
        message.reactionMessage.text,
    )
    return next((str(text) for text in found if text), "")
