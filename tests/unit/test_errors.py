import errno
import os

import pytest

from waheal.errors import HomeBusyError, MachineError, code_of, used_up
from waheal.model import ExitCode


@pytest.mark.parametrize(
    "error",
    [
        MachineError("full"),
        MemoryError(),
        RuntimeError("can't start new thread"),
        *(OSError(each, os.strerror(each)) for each in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)),
    ],
    ids=str,
)
def test_a_machine_that_is_used_up_is_no_fault_of_waheals_own(error: Exception) -> None:
    assert used_up(error)
    assert code_of(error) is ExitCode.HOME_UNUSABLE


@pytest.mark.parametrize(
    "error",
    [RuntimeError("something else"), KeyError("x"), BlockingIOError(errno.EAGAIN, "stdout")],
    ids=str,
)
def test_anything_else_is(error: Exception) -> None:
    assert not used_up(error)
    assert code_of(error) is ExitCode.OWN_FAULT


def test_an_error_in_the_operators_words_has_its_own_code() -> None:
    assert code_of(HomeBusyError("held")) is ExitCode.HOME_BUSY
