"""The trust patch, on a file that stands for the library."""

import mmap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from waheal.host import trust_patch
from waheal.host.trust_patch import WHATSAPP_ROOT, TrustRefusedError
from waheal.model import Trust

ROOT = bytes(range(32))


def trust(proxy: str = "http://127.0.0.1:7001", root: str = ROOT.hex()) -> Trust:
    return Trust(proxy, "/ca.pem", root)


@contextmanager
def library(path: Path, content: bytes) -> Iterator[mmap.mmap]:
    """A file mapped privately and writable, as a library's data is."""
    path.write_bytes(content)
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE)) as data:
        yield data


def test_the_root_is_overwritten_where_it_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "library.so"
    with library(path, b"x" * 5000 + WHATSAPP_ROOT + b"y" * 5000) as data:
        trust_patch.apply(trust(), path)
        assert data[:] == b"x" * 5000 + ROOT + b"y" * 5000
    assert WHATSAPP_ROOT in path.read_bytes()  # the file itself is left alone


@pytest.mark.parametrize("times", [0, 2])
def test_anything_but_one_hit_is_refused(tmp_path: Path, times: int) -> None:
    path = tmp_path / "library.so"
    content = b"x" * 5000 + WHATSAPP_ROOT * times
    with library(path, content) as data:
        with pytest.raises(TrustRefusedError, match=f"{times} times"):
            trust_patch.apply(trust(), path)
        assert data[:] == content


@pytest.mark.parametrize(
    "proxy",
    [
        "http://192.0.2.1:80",
        "http://example.org",
        "http://127.0.0.1.example.org:80",
        "https://127.0.0.1:80",
        "socks5://127.0.0.1:80",
        "",
        "127.0.0.1:80",
    ],
)
def test_a_proxy_that_is_not_plain_http_on_loopback_is_refused(tmp_path: Path, proxy: str) -> None:
    path = tmp_path / "library.so"
    with library(path, b"x" * 5000 + WHATSAPP_ROOT) as data:
        with pytest.raises(TrustRefusedError, match="loopback"):
            trust_patch.apply(trust(proxy), path)
        assert WHATSAPP_ROOT in data[:]


@pytest.mark.parametrize("proxy", ["http://localhost:1", "http://[::1]:1", "http://127.9.9.9:1"])
def test_every_way_to_say_loopback_is_taken(tmp_path: Path, proxy: str) -> None:
    path = tmp_path / "library.so"
    with library(path, WHATSAPP_ROOT) as data:
        trust_patch.apply(trust(proxy), path)
        assert data[:] == ROOT


@pytest.mark.parametrize("root", ["", "00", "zz" * 32, "00" * 33])
def test_a_malformed_root_is_refused(tmp_path: Path, root: str) -> None:
    with pytest.raises(TrustRefusedError, match="64 hex digits"):
        trust_patch.apply(trust(root=root), tmp_path / "library.so")
