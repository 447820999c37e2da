"""A Send as tests build it: its shape stands here, once."""

from collections.abc import Sequence

from waheal.model import Content, DeviceId, Phone
from waheal.records import Claim
from waheal.wire import Send

HELLO = Content("hello")


def make_send(
    delivery: int,
    device: str,
    jid: str,
    phone: str = "+15555550100",
    *,
    content: Content = HELLO,
    attempt: int = 1,
    witness: bytes | None = None,
    not_after: float | None = None,
    heard: int = 0,
    lid: str | None = None,
    unless: tuple[str, ...] = (),
    ask_lid: bool = False,
    ahead: Sequence[tuple[str, str | None]] = (),
) -> Send:
    """Make a Send; its witness tells the delivery, unless it is given."""
    secret = delivery.to_bytes(32) if witness is None else witness
    return Send(
        delivery,
        attempt,
        DeviceId(device),
        jid,
        Phone(phone),
        content,
        secret,
        not_after,
        heard,
        lid,
        unless,
        ask_lid,
        tuple((Phone(each), known) for each, known in ahead),
    )


def send_of(claim: Claim) -> Send:
    """Make the Send that a claim is dispatched as."""
    return make_send(
        claim.delivery,
        claim.device,
        claim.jid,
        claim.phone,
        content=claim.content,
        attempt=claim.attempt,
        witness=claim.witness,
        lid=claim.lid,
        unless=claim.earlier,
        ask_lid=claim.ask_lid,
    )
