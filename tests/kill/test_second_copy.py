"""After a reconnect in mid-send the library writes the same stanza again."""

from pathlib import Path

import pytest

from tests.soak.fleet import fleet
from waheal.model import State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real


@pytest.mark.parametrize("code", [479, 463, 429, 400])
def test_a_refusal_of_the_second_copy_proves_nothing_about_the_first(
    tmp_path: Path, code: int
) -> None:
    with fleet(tmp_path, devices=1) as made:
        first, *_ = made.enroll(3)
        made.control.faults.order(FaultOrder(FaultKind.DROP_AFTER, recipient=first))
        made.control.faults.order(FaultOrder(FaultKind.ACK_ERROR, recipient=first, code=code))
        made.send()
        assert made.states()[first] in {State.SENT, State.DELIVERED}
        assert made.texts()[first] == [f"to {first}"]
