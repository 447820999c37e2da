"""Loopback: which URLs lead to this machine, and what is left of them."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.loopback import loopback_url


@pytest.mark.parametrize(
    ("url", "anew"),
    [
        ("http://127.0.0.1:7001", "http://127.0.0.1:7001"),
        ("http://127.0.0.1:7001/", "http://127.0.0.1:7001"),
        ("http://127.9.9.9:1", "http://127.9.9.9:1"),
        ("http://127.0.0.1:65535", "http://127.0.0.1:65535"),
        ("http://127.0.0.1:00080", "http://127.0.0.1:80"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("http://[0:0:0:0:0:0:0:1]:80", "http://[::1]:80"),
    ],
)
def test_an_address_on_loopback_is_written_anew(url: str, anew: str) -> None:
    assert loopback_url(url) == anew


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:80",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:-1",
        "http://127.0.0.1:\u0661",
        "http://127.0.0.1:80\n",
        "http://127.0.0.1:80\0",
        "http://127.0.0.1:80\0.example.org",
        "http://127.0.0.1\0:80",
        "http://192.0.2.1\0@127.0.0.1:80",
        "http://192.0.2.1@127.0.0.1:80",
        "http://127.0.0.1:80@192.0.2.1:80",
        "http://127.0.0.1:80/path",
        "http://127.0.0.1:80?query",
        "http://127.0.0.1:80#fragment",
        "http://127.0.0.1.example.org:80",
        "http://localhost:80",
        "http://192.0.2.1:80",
        "http://0.0.0.0:80",
        "http://0x7f000001:80",
        "http://2130706433:80",
        "http://127.1:80",
        "http://127.0.0.01:80",
        "http://[::]:80",
        "http://[fe80::1%lo]:80",
        "http://[127.0.0.1]:80",
        "http://::1:80",
        "https://127.0.0.1:80",
        "HTTP://127.0.0.1:80",
        "socks5://127.0.0.1:80",
        " http://127.0.0.1:80",
        "ht\ttp://127.0.0.1:80",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    assert loopback_url(url) is None


@given(st.text(alphabet="htp:/@127.0[]\0\n%#?x", max_size=30).map("http://127.0.0.1:80".__add__))
def test_nothing_is_left_of_what_was_not_read(url: str) -> None:
    anew = loopback_url(url)
    if anew is not None:
        parts = urlsplit(anew)
        assert parts.hostname == "127.0.0.1"
        assert anew == f"http://127.0.0.1:{parts.port}"
