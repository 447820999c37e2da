"""The end of a run: which exit code says it."""

import pytest

from waheal.engine.ending import Ending
from waheal.events import Tally
from waheal.model import ExitCode


@pytest.mark.parametrize(
    ("ending", "tally", "code"),
    [
        (Ending(), Tally(sent=3), ExitCode.OK),
        (Ending(), Tally(sent=3, failed=1), ExitCode.SOME_FAILED),
        (Ending(), Tally(failed=1, pending=1), ExitCode.LEFT_OVER),
        (Ending(), Tally(failed=1, uncertain=1), ExitCode.LEFT_OVER),
        (Ending(), Tally(sending=1), ExitCode.LEFT_OVER),
        (Ending(), Tally(suppressed=1, expired=1), ExitCode.OK),
        (Ending(no_device=True), Tally(pending=1), ExitCode.NO_DEVICE),
        (Ending(no_device=True), Tally(sent=1), ExitCode.OK),
        (Ending(interrupted=True), Tally(sent=1), ExitCode.INTERRUPTED),
        (Ending(failure=ExitCode.OWN_FAULT), Tally(pending=1), ExitCode.OWN_FAULT),
        (Ending(failure=ExitCode.HOME_UNUSABLE), Tally(), ExitCode.HOME_UNUSABLE),
        (
            Ending(interrupted=True, no_device=True, failure=ExitCode.OWN_FAULT),
            Tally(pending=1, failed=1),
            ExitCode.INTERRUPTED,
        ),
    ],
)
def test_the_strongest_of_what_holds_is_told(ending: Ending, tally: Tally, code: ExitCode) -> None:
    assert ending.exit_code(tally) is code
