"""The end of a run: which exit code says it."""

from collections import Counter

import pytest

from waheal.engine.ending import Ending
from waheal.model import ExitCode, State
from waheal.records import Tally


@pytest.mark.parametrize(
    ("ending", "tally", "code"),
    [
        (Ending(), Tally(Counter({State.SENT: 3})), ExitCode.OK),
        (Ending(), Tally(Counter({State.SENT: 3, State.FAILED: 1})), ExitCode.SOME_FAILED),
        (Ending(), Tally(Counter({State.FAILED: 1, State.PENDING: 1})), ExitCode.LEFT_OVER),
        (Ending(), Tally(Counter({State.FAILED: 1, State.UNCERTAIN: 1})), ExitCode.LEFT_OVER),
        (Ending(), Tally(Counter({State.SENDING: 1})), ExitCode.LEFT_OVER),
        (Ending(), Tally(Counter({State.SUPPRESSED: 1, State.EXPIRED: 1})), ExitCode.OK),
        (Ending(no_device=True), Tally(Counter({State.PENDING: 1})), ExitCode.NO_DEVICE),
        (Ending(no_device=True), Tally(Counter({State.SENT: 1})), ExitCode.OK),
        (Ending(interrupted=True), Tally(Counter({State.SENT: 1})), ExitCode.INTERRUPTED),
        (
            Ending(failure=ExitCode.OWN_FAULT),
            Tally(Counter({State.PENDING: 1})),
            ExitCode.OWN_FAULT,
        ),
        (Ending(failure=ExitCode.HOME_UNUSABLE), Tally(), ExitCode.HOME_UNUSABLE),
        (
            Ending(interrupted=True, no_device=True, failure=ExitCode.OWN_FAULT),
            Tally(Counter({State.PENDING: 1, State.FAILED: 1})),
            ExitCode.INTERRUPTED,
        ),
    ],
)
def test_the_strongest_of_what_holds_is_told(ending: Ending, tally: Tally, code: ExitCode) -> None:
    assert ending.exit_code(tally) is code
