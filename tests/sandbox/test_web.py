import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.sandbox.web import Request, RequestReader, WebError

_POST = b"POST /mms/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"


def test_a_request_may_come_byte_by_byte() -> None:
    reader = RequestReader()
    found = [reader.receive(bytes((byte,))) for byte in _POST]
    assert found[:-1] == [None] * (len(_POST) - 1)
    request = found[-1]
    assert request is not None
    assert (request.method, request.target, request.body) == ("POST", "/mms/x", b"hello")


def test_requests_follow_each_other() -> None:
    reader = RequestReader()
    first, second, third = (
        reader.receive(_POST + _POST + b"rest"),
        reader.receive(b""),
        reader.receive(b""),
    )
    assert first == second
    assert third is None
    assert reader.rest() == b"rest"


def test_a_websocket_upgrade_is_known_by_its_header() -> None:
    head = b"GET /ws/chat HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"
    request = RequestReader().receive(head)
    assert request is not None
    assert request.wants_websocket


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET / SPDY/3\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"x" * 40_000,
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(WebError):
        RequestReader().receive(data)


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_waited_out(data: bytes) -> None:
    try:
        request = RequestReader().receive(data)
    except WebError:
        return
    assert request is None or isinstance(request, Request)
