"""The client, beside somebody else's server: what a trust file leads to may be anybody by now."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.kit.strangers import answering
from waheal.sandbox import control as module
from waheal.sandbox.control import Control, ControlStrangerError

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def answered(answer: bytes) -> Iterator[Control]:
    with answering(answer) as port:
        yield Control(f"http://127.0.0.1:{port}", "0f" * 32)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-x\r\n",
        OK + b"x: y\r\n" * 500 + b"\r\n{}",
        OK + b"Content-Length: 9\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Content-Length: 1\r\n\r\n[",
        OK + b"\r\n" + b"[" * 100_000,
        OK + b'\r\n{"received": 7}',
        OK + b'\r\n{"received": [{"phone": 7}]}',
        OK + b'\r\n{"received": [7]}',
        b"HTTP/1.1 400 x\r\n\r\n[]",
    ],
)
def test_what_no_sandbox_answers_is_a_strangers(answer: bytes) -> None:
    with answered(answer) as control, pytest.raises(ControlStrangerError):
        control.phones.received()


def test_an_answer_is_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST", 1_000)
    with answered(OK + b"\r\n" + b" " * 1_001) as control, pytest.raises(ControlStrangerError):
        control.stats()


def test_a_watchers_line_is_one_of_a_sandbox() -> None:
    with answered(OK + b"\r\nhello\n") as control, pytest.raises(ControlStrangerError):
        next(control.watch())
