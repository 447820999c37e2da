"""Translates what the library would say, in a process that may load it; prints one line each."""

from waheal.host import translation, whatsapp  # isort: skip - loads neonize, with its libmagic
from neonize.events import EVENT_TO_INT
from neonize.proto.waCommon import WACommon_pb2

from waheal.host.client import Outgoing
from waheal.host.composing import compose
from waheal.host.whatsapp import EventCode, e2e, messages
from waheal.model import CAPTIONED, Content, Errand, ErrandKind, Phone

PN, LID = "15555550100@s.whatsapp.net", "777@lid"


def source(
    sender: str = LID, alt: str = PN, chat: str = LID, *, mine: bool = False, group: bool = False
) -> "messages.MessageSource":
    empty = whatsapp.jid_of("@")
    return messages.MessageSource(
        Chat=whatsapp.jid_of(chat),
        Sender=whatsapp.jid_of(sender),
        SenderAlt=whatsapp.jid_of(alt) if alt else empty,
        RecipientAlt=empty,
        BroadcastListOwner=empty,
        IsFromMe=mine,
        IsGroup=group,
    )


def inbound(message: "e2e.Message", came: "messages.MessageSource") -> bytes:
    info = messages.MessageInfo(
        MessageSource=came,
        ID="X",
        ServerID=0,
        Type="text",
        Pushname="",
        Timestamp=1_700_000_000_500,
        Category="",
        Multicast=False,
        MediaType="",
        Edit="",
    )
    flags = dict.fromkeys(
        (
            "IsEphemeral",
            "IsViewOnce",
            "IsViewOnceV2",
            "IsViewOnceV2Extension",
            "IsDocumentWithCaption",
            "IsLottieSticker",
            "IsEdit",
        ),
        False,
    )
    told = messages.Message(
        Info=info, Message=message, UnavailableRequestID="", RetryCount=0, **flags
    )
    return bytes(told.SerializeToString())


def show(name: str, value: object) -> None:
    print(f"{name}: {value}", flush=True)  # noqa: T201 - stdout is read by the test


def texts() -> None:
    plain = e2e.Message(conversation="stop")
    kinds = {
        "conversation": plain,
        "extended": e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text="stop")),
        "image": e2e.Message(imageMessage=e2e.ImageMessage(caption="stop")),
        "button": e2e.Message(
            buttonsResponseMessage=e2e.ButtonsResponseMessage(selectedDisplayText="stop")
        ),
        "template": e2e.Message(
            templateButtonReplyMessage=e2e.TemplateButtonReplyMessage(selectedDisplayText="stop")
        ),
        "list": e2e.Message(listResponseMessage=e2e.ListResponseMessage(title="stop")),
        "nothing": e2e.Message(),
    }
    other_texts = {
        "corrected": e2e.Message(
            protocolMessage=e2e.ProtocolMessage(
                key=key("FIRST"),
                type=e2e.ProtocolMessage.MESSAGE_EDIT,
                editedMessage=e2e.Message(conversation="stop"),
            )
        ),
        "quoting": e2e.Message(
            extendedTextMessage=e2e.ExtendedTextMessage(
                text="stop", contextInfo=e2e.ContextInfo(stanzaID="OURS")
            )
        ),
    }
    kinds |= other_texts | wordless() | protocol()
    for name, message in kinds.items():
        show(name, translation.news(EventCode.MESSAGE, inbound(message, source())))
    sources = {
        "by number": source(sender=PN, alt="", chat=PN),
        "unknown number": source(alt=""),
        "mine": source(mine=True),
        "group": source(chat="1@g.us", group=True),
        "status": source(chat="status@broadcast"),
    }
    for name, came in sources.items():
        show(name, translation.news(EventCode.MESSAGE, inbound(plain, came)))


def key(message_id: str) -> "WACommon_pb2.MessageKey":
    return WACommon_pb2.MessageKey(remoteJID=LID, fromMe=True, ID=message_id)


def wordless() -> "dict[str, e2e.Message]":
    reaction = e2e.ReactionMessage(key=key("OURS"), text="\N{THUMBS UP SIGN}")
    return {
        "picture": e2e.Message(imageMessage=e2e.ImageMessage()),
        "voice": e2e.Message(audioMessage=e2e.AudioMessage(PTT=True)),
        "round video": e2e.Message(ptvMessage=e2e.VideoMessage()),
        "sticker": e2e.Message(stickerMessage=e2e.StickerMessage()),
        "place": e2e.Message(liveLocationMessage=e2e.LiveLocationMessage()),
        "card": e2e.Message(contactMessage=e2e.ContactMessage(displayName="Ann")),
        "reaction": e2e.Message(reactionMessage=reaction),
        "vote": e2e.Message(
            pollUpdateMessage=e2e.PollUpdateMessage(pollCreationMessageKey=key("OURS"))
        ),
        "file that quotes": e2e.Message(
            documentMessage=e2e.DocumentMessage(contextInfo=e2e.ContextInfo(stanzaID="OURS"))
        ),
        "poll": e2e.Message(pollCreationMessageV3=e2e.PollCreationMessage(name="which?")),
    }


def protocol() -> "dict[str, e2e.Message]":
    kinds = e2e.ProtocolMessage
    return {
        "taken back": e2e.Message(reactionMessage=e2e.ReactionMessage(key=key("OURS"), text="")),
        "deleted": e2e.Message(protocolMessage=kinds(key=key("X"), type=kinds.REVOKE)),
        "timer": e2e.Message(
            protocolMessage=kinds(type=kinds.EPHEMERAL_SETTING, ephemeralExpiration=86400)
        ),
        "album": e2e.Message(albumMessage=e2e.AlbumMessage(expectedImageCount=2)),
        "pinned": e2e.Message(pinInChatMessage=e2e.PinInChatMessage(key=key("OURS"))),
        "empty": e2e.Message(conversation=""),
    }


def receipts() -> None:
    for name, number in messages.Receipt.ReceiptType.items():
        receipt = messages.Receipt(
            MessageSource=source(), MessageIDs=["X", "Y"], Timestamp=1, Type=number
        )
        show(name, translation.news(EventCode.RECEIPT, receipt.SerializeToString()))


def composed() -> None:
    text = " *a* @15555550100\nhttps://example.org\t"
    message = compose(Outgoing(Phone("+15555550100"), Content(text), bytes(32)), None, 0.0)
    fields = sorted(field.name for field, _value in message.ListFields())
    context = sorted(field.name for field, _value in message.messageContextInfo.ListFields())
    show("composed", (fields, context, message.conversation == text))


def errands() -> None:
    words = [(f"errand {kind}", Errand(kind, "3EB0AA", "777@lid")) for kind in ErrandKind]
    amend = ErrandKind.AMEND
    files = [(f"caption {kind}", Errand(amend, "3EB0AA", "777@lid", kind)) for kind in CAPTIONED]
    for name, errand in (*words, *files):
        content = Content("new", errand=errand)
        outgoing = Outgoing(Phone("+15555550100"), content, bytes(range(32)))
        show(name, compose(outgoing, None, 1_700_000_000.5).SerializeToString().hex())


def codes() -> None:
    called = {number: kind.__name__ for kind, number in EVENT_TO_INT.items()}
    for code in EventCode:
        show(f"code {code.name}", called[code])


if __name__ == "__main__":
    codes()
    texts()
    receipts()
    composed()
    errands()
