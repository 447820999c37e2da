"""Numbers with two spellings, of which WhatsApp knows one, through the real client."""

from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.kinds import every_kind
from tests.faults.scenes import settings
from tests.kit.kinds import Say
from tests.kit.rig import CAMPAIGN, Rig, rig
from waheal.model import MessageKind, Phone, Planned, State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

WRITTEN = (Phone("+5521998765432"), Phone("+5215512345678"), Phone("+541123456789"))
ACCOUNTS = (Phone("+552198765432"), Phone("+525512345678"), Phone("+5491123456789"))
REASON = "not on WhatsApp with this spelling, but as {}: correct the file"


def reasons(made: Rig) -> dict[Phone, tuple[State, str | None]]:
    campaign = made.ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    return {row.phone: (row.state, row.reason) for row in made.ledger.recipients.rows(campaign.id)}


@pytest.mark.parametrize("kind", [FaultKind.OTHER_SPELLING, FaultKind.NOT_ON_WHATSAPP])
@every_kind(also=MessageKind.CARD)
def test_the_spelling_that_is_registered_is_told(tmp_path: Path, kind: FaultKind, say: Say) -> None:
    with rig(tmp_path, devices=1) as made:
        made.enroll_rows(
            [Planned(row, phone, say(phone)) for row, phone in enumerate(WRITTEN, start=2)]
        )
        for written, account in zip(WRITTEN, ACCOUNTS, strict=True):
            number = account if kind is FaultKind.OTHER_SPELLING else ""
            made.control.faults.order(
                FaultOrder(kind, recipient=written, number=number, count=None)
            )
        made.send(settings(made))
        assert reasons(made) == {
            written: (State.FAILED, REASON.format(account))
            for written, account in zip(WRITTEN, ACCOUNTS, strict=True)
        }
        assert made.texts() == {}
        table.tell(
            table.Row(
                "a number registered under its other spelling only",
                f"failed, attempt 1: {REASON.format('+552198765432')}",
                "nothing",
                "the operator corrects the file",
            )
        )
