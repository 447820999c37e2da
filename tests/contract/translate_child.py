"""Translates what the library would say, in a process that may load it; prints one line each."""

from waheal.host import translation, whatsapp  # isort: skip - loads neonize, with its libmagic
from neonize.events import EVENT_TO_INT

from waheal.host.client import Outgoing
from waheal.host.composing import compose
from waheal.host.whatsapp import EventCode, e2e, messages
from waheal.model import Content, Phone

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


def receipts() -> None:
    for name, number in messages.Receipt.ReceiptType.items():
        receipt = messages.Receipt(
            MessageSource=source(), MessageIDs=["X", "Y"], Timestamp=1, Type=number
        )
        show(name, translation.news(EventCode.RECEIPT, receipt.SerializeToString()))


def composed() -> None:
    text = " *a* @15555550100\nhttps://example.org\t"
    message = compose(Outgoing(Phone("+15555550100"), Content(text), bytes(32)), None)
    fields = sorted(field.name for field, _value in message.ListFields())
    context = sorted(field.name for field, _value in message.messageContextInfo.ListFields())
    show("composed", (fields, context, message.conversation == text))


def codes() -> None:
    called = {number: kind.__name__ for kind, number in EVENT_TO_INT.items()}
    for code in EventCode:
        show(f"code {code.name}", called[code])


if __name__ == "__main__":
    codes()
    texts()
    receipts()
    composed()
