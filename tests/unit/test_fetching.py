"""Fetching a page for its preview: from a server on this machine, which must be allowed to be."""

import socket
from pathlib import Path

import pytest

from tests.kit.web import HTML, Answers, certified, server
from waheal.acts.fetching import fetch_preview, is_public
from waheal.campaign.links import place_of, read_link
from waheal.errors import UsageError
from waheal.model import LinkPreview

TICKET = (Path(__file__).parents[2] / "campaigns" / "media" / "ticket.png").read_bytes()
PAGE = b"""<html><head><title>Not this</title>
<meta property="og:title" content="Spring &quot;sale&quot;
 \\ today"><meta name="description" content="Until Friday">
<meta property="og:image" content="/sale.png"><meta property="og:title" content="Second">"""


def here(address: str) -> bool:
    return address == "127.0.0.1"


def test_a_page_is_fetched_once_and_kept_as_an_operator_would_write_it(tmp_path: Path) -> None:
    page: Answers = {
        "/a": (302, {"Location": "/b?c=d"}, b""),
        "/b?c=d": (200, HTML, PAGE),
        "/sale.png": (200, {"Content-Type": "image/png"}, TICKET),
    }
    with server(page) as (address, asked):
        path = fetch_preview(f"{address}/a", tmp_path, here)
        assert fetch_preview(f"{address}/a", tmp_path, here) == path
        assert asked == ["/a", "/b?c=d", "/sale.png"]
    link = read_link(path, tmp_path)
    assert isinstance(link, LinkPreview)
    assert (link.url, link.title) == (f"{address}/a", 'Spring "sale" \\ today')
    assert link.text == "Until Friday"
    assert link.picture is not None
    assert Path(link.picture.path).read_bytes() == TICKET
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((404, HTML, b""), "says 404"),
        ((200, {"Content-Type": "image/png"}, TICKET), "it is image/png"),
        ((200, HTML, b"<p>nothing</p>"), "no title"),
        ((200, HTML, b"x" * ((4 << 20) + 1)), "more than"),
        ((302, {"Location": "/a"}, b""), "one place to the next"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "no http address"),
        ((302, {"Location": "http://127.0.0.2/"}, b""), "127.0.0.2 is not a public address"),
    ],
)
def test_what_gives_no_preview_is_told_and_leaves_nothing(
    tmp_path: Path, answer: tuple[int, dict[str, str], bytes], why: str
) -> None:
    with server({"/a": answer}) as (address, _), pytest.raises(UsageError, match=why):
        fetch_preview(f"{address}/a", tmp_path, here)
    assert not place_of(f"{address}/a", tmp_path).exists()


def test_a_picture_that_can_not_be_had_is_left_out(tmp_path: Path) -> None:
    with server({"/a": (200, HTML, PAGE)}) as (address, _):
        link = read_link(fetch_preview(f"{address}/a", tmp_path, here), tmp_path)
    assert isinstance(link, LinkPreview)
    assert link.picture is None


def test_nothing_on_this_machine_or_in_its_network_is_fetched(tmp_path: Path) -> None:
    with server({"/a": (200, HTML, PAGE)}) as (address, asked):
        for name in (f"{address}/a", address.replace("127.0.0.1", "localhost") + "/a"):
            with pytest.raises(UsageError, match="not a public address"):
                fetch_preview(name, tmp_path)
        assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_lead_inside_are_none_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_others_are(address: str) -> None:
    assert is_public(address)


# Over TLS, whose trusted authorities are the machine's, or those of SSL_CERT_FILE.


def test_a_page_is_fetched_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = certified(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.authority))
    page: Answers = {
        "/a": (200, HTML, PAGE),
        "/sale.png": (200, {"Content-Type": "image/png"}, TICKET),
    }
    with server(page, ours.context) as (address, asked):
        assert address.startswith("https://")
        link = read_link(fetch_preview(f"{address}/a", tmp_path, here), tmp_path)
        assert asked == ["/a", "/sale.png"]
    assert isinstance(link, LinkPreview)
    assert link.picture is not None


@pytest.mark.parametrize(("trusted", "name"), [(False, "127.0.0.1"), (True, "127.0.0.2")])
def test_a_server_that_is_not_who_it_says_gives_no_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, name: str
) -> None:
    ours = certified(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(ours.authority))
    with server({"/a": (200, HTML, PAGE)}, ours.context) as (address, asked):
        with pytest.raises(UsageError, match="certificate verify failed"):
            fetch_preview(f"{address}/a", tmp_path, here)
        assert asked == []
    assert not place_of(f"{address}/a", tmp_path).exists()


def test_a_server_is_told_which_of_its_hosts_and_ports_is_meant(tmp_path: Path) -> None:
    said: list[str] = []
    with server({"/a": (200, HTML, PAGE)}, hosts=said) as (address, _):
        fetch_preview(f"{address}/a", tmp_path, here)
    assert set(said) == {address.removeprefix("http://")}


SHOP = "shop.example"
"""A name of two addresses, at the first of which nobody listens."""


@pytest.fixture
def _shop(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = socket.getaddrinfo

    def of_two(host: str, *asked: object, **more: object) -> object:
        if host != SHOP:
            return looked_up(host, *asked, **more)  # type: ignore[arg-type]
        both = ("127.0.0.2", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in both]

    monkeypatch.setattr(socket, "getaddrinfo", of_two)


@pytest.mark.usefixtures("_shop")
def test_a_name_of_which_one_address_lies_inside_is_not_fetched(tmp_path: Path) -> None:
    with server({"/a": (200, HTML, PAGE)}) as (address, asked):
        named = address.replace("127.0.0.1", SHOP)
        with pytest.raises(UsageError, match="not a public address"):
            fetch_preview(f"{named}/a", tmp_path, here)
        assert asked == []


@pytest.mark.usefixtures("_shop")
def test_the_next_address_of_a_name_is_tried_where_one_is_out_of_reach(tmp_path: Path) -> None:
    with server({"/a": (200, HTML, PAGE)}) as (address, asked):
        named = address.replace("127.0.0.1", SHOP)
        fetch_preview(f"{named}/a", tmp_path, lambda each: each.startswith("127."))
        assert "/a" in asked
