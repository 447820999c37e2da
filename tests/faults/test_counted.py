"""What a campaign came to, through the sandbox: the phones themselves count the same."""

from collections import Counter
from pathlib import Path

import pytest

from tests.kit.rig import CAMPAIGN, Rig, phones, rig
from waheal.acts.report import export, results
from waheal.acts.status import status
from waheal.acts.workspace import Workspace
from waheal.model import Content, DeviceId, Phone, Planned, State
from waheal.reckoning.summing import STEPS
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

EVERYONE = phones(48)
ABSENT, REFUSED, DOUBTFUL = EVERYONE[0:3], EVERYONE[3:5], EVERYONE[5:6]
SILENT = EVERYONE[6:10]  # their phones tell nothing
READERS, WRITERS, LEAVERS = EVERYONE[10:30], EVERYONE[8:16], EVERYONE[14:16]


def order(made: Rig, kind: FaultKind, people: list[Phone], code: int = 0) -> None:
    for phone in people:
        made.control.faults.order(FaultOrder(kind, recipient=phone, code=code, count=None))


def tell(made: Rig) -> None:
    """Let phones show it to their owners, and these write back."""
    messages = {Phone(each.phone): each for each in made.control.phones.received()}
    for phone in READERS:
        made.control.phones.mark_read(phone, messages[phone].message_id)
    for phone in WRITERS:
        said = "STOP" if phone in LEAVERS else "thank you"
        made.control.phones.reply(phone, messages[phone].device, said)


def hear(made: Rig) -> None:
    """Let each device send once more: what waited for it is heard before."""
    rows = [
        Planned(row, phone, Content("again"), pinned=DeviceId(f"d{row % 2}"))
        for row, phone in enumerate(phones(60)[50:], start=2)
    ]
    made.enroll_rows(rows, "again")
    made.send(made.settings("again"))


def test_the_funnel_is_what_the_phones_have(tmp_path: Path) -> None:
    with rig(tmp_path, devices=2) as made:
        order(made, FaultKind.NOT_ON_WHATSAPP, ABSENT)
        order(made, FaultKind.ACK_ERROR, REFUSED, 420)
        order(made, FaultKind.ACK_ERROR, DOUBTFUL, 503)
        order(made, FaultKind.RECEIPTS_WITHHELD, SILENT)
        made.enroll(len(EVERYONE))
        made.send()
        tell(made)
        hear(made)
        workspace = Workspace(made.home.root)
        found = results(workspace, CAMPAIGN)
        received = {
            Phone(each.phone)
            for each in made.control.phones.received()
            if each.delivered and Phone(each.phone) in EVERYONE
        }
        told = received - set(SILENT)
        assert dict(zip(STEPS, found.steps, strict=True)) == {
            "sent": len(received),
            "delivered": len(told | set(WRITERS)),
            "read": len({*READERS, *WRITERS}),
            "replied": len(WRITERS),
            "opted_out": len(LEAVERS),
        }
        assert sum(number for _, number in found.failures) == len(ABSENT + REFUSED)
        states = {
            State.READ: len(told & set(READERS)),
            State.DELIVERED: len(told - set(READERS)),
            State.SENT: len(SILENT),
            State.FAILED: len(ABSENT + REFUSED),
            State.UNCERTAIN: len(DOUBTFUL),
        }
        assert found.tally.counts == states
        assert status(workspace, CAMPAIGN).tally == found.tally
        assert Counter(each.state for each in export(workspace, CAMPAIGN)) == states
        assert {each.phone for each in export(workspace, CAMPAIGN, {State.FAILED})} == {
            *ABSENT,
            *REFUSED,
        }
        assert {each.phone for each in export(workspace, CAMPAIGN) if each.opted_out} == {*LEAVERS}
