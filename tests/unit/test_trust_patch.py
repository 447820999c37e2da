"""The trust patch, on a file that stands for the library."""

import mmap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from waheal.host import trust_patch
from waheal.host.trust_patch import WHATSAPP_ROOT, CheckedTrust, TrustRefusedError
from waheal.model import Trust

ROOT = bytes(range(32))


PROXY = "http://127.0.0.1:7001"


def trust(proxy: str = PROXY, root: str = ROOT.hex(), ca: str = __file__) -> Trust:
    return Trust(proxy, ca, root)


@contextmanager
def library(path: Path, content: bytes) -> Iterator[mmap.mmap]:
    """A file mapped privately and writable, as a library's data is."""
    path.write_bytes(content)
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE)) as data:
        yield data


def test_the_root_is_overwritten_where_it_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "library.so"
    with library(path, b"x" * 5000 + WHATSAPP_ROOT + b"y" * 5000) as data:
        trust_patch.apply(CheckedTrust(PROXY, ROOT), path)
        assert data[:] == b"x" * 5000 + ROOT + b"y" * 5000
    assert WHATSAPP_ROOT in path.read_bytes()  # the file itself is left alone


@pytest.mark.parametrize("times", [0, 2])
def test_anything_but_one_hit_is_refused(tmp_path: Path, times: int) -> None:
    path = tmp_path / "library.so"
    content = b"x" * 5000 + WHATSAPP_ROOT * times
    with library(path, content) as data:
        with pytest.raises(TrustRefusedError, match=f"{times} times"):
            trust_patch.apply(CheckedTrust(PROXY, ROOT), path)
        assert data[:] == content


def test_what_is_checked_is_a_proxy_on_loopback_and_a_root() -> None:
    assert trust_patch.check(trust()) == CheckedTrust(PROXY, ROOT)
    assert trust_patch.check(trust("http://[::1]:0080/")).proxy == "http://[::1]:80"
    assert trust_patch.check(trust(root=ROOT.hex().upper())).root == ROOT


@pytest.mark.parametrize(
    "proxy",
    ["http://192.0.2.1:80", "http://127.0.0.1:7001\0.example.org", "http://localhost:80", ""],
)
def test_a_proxy_that_is_not_plain_http_on_loopback_is_refused(proxy: str) -> None:
    with pytest.raises(TrustRefusedError, match="loopback"):
        trust_patch.check(trust(proxy))


@pytest.mark.parametrize(
    "root", ["", "00", "zz" * 32, "00" * 33, "00 " * 32, "0" * 64 + "\n", "\u0660" * 64]
)
def test_a_malformed_root_is_refused(root: str) -> None:
    with pytest.raises(TrustRefusedError, match="64 hex digits"):
        trust_patch.check(trust(root=root))


@pytest.mark.parametrize(
    "ca", ["", "ca.pem", "/no/such/file.pem", "/dev/null", "/", f"{__file__}\0"]
)
def test_a_ca_that_is_no_file_is_refused(ca: str) -> None:
    with pytest.raises(TrustRefusedError, match="CA"):
        trust_patch.check(trust(ca=ca))


def test_a_ca_by_a_relative_path_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrustRefusedError, match="CA"):
        trust_patch.check(trust(ca="ca.pem"))
