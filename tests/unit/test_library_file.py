"""The library's file: only the released one is loaded, and none is fetched."""

import platform
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from waheal.host import library_file
from waheal.host.library_file import KNOWN, LibraryRefusedError


def find(monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> None:
    """Let neonize be installed in that folder, or nowhere."""
    origin = None if folder is None else str(folder / "__init__.py")
    spec = None if folder is None else ModuleSpec("neonize", None, origin=origin)
    monkeypatch.setattr(library_file, "find_spec", lambda _name: spec)


def test_what_is_installed_is_the_released_library() -> None:
    path = library_file.require_known()
    assert path.name in KNOWN
    assert path.parent.name == "neonize"


@pytest.mark.parametrize(
    ("system", "architecture", "name"),
    [
        ("Linux", "x86_64", "neonize-linux-amd64.so"),
        ("Linux", "aarch64", "neonize-linux-arm64.so"),
    ],
)
def test_it_is_looked_for_by_the_name_that_neonize_gives_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, architecture: str, name: str
) -> None:
    find(monkeypatch, tmp_path)
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: architecture)
    (tmp_path / name).write_bytes(b"abc")
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    monkeypatch.setitem(KNOWN, name, abc)
    assert library_file.require_known() == tmp_path / name


def test_another_library_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = library_file.require_known()
    find(monkeypatch, tmp_path)
    (tmp_path / known.name).write_bytes(known.read_bytes() + b"\0")
    with pytest.raises(LibraryRefusedError, match="is not the library of neonize") as caught:
        library_file.require_known()
    assert caught.value.hint is not None
    assert "pip install" in caught.value.hint


def test_a_hash_counts_for_its_own_platform_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = library_file.require_known()
    find(monkeypatch, tmp_path)
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    (tmp_path / "neonize-linux-riscv64.so").write_bytes(known.read_bytes())
    with pytest.raises(LibraryRefusedError, match="riscv64"):
        library_file.require_known()


def test_a_library_that_is_missing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    find(monkeypatch, tmp_path)
    with pytest.raises(LibraryRefusedError, match="No such file"):
        library_file.require_known()
    find(monkeypatch, None)
    with pytest.raises(LibraryRefusedError, match="not installed"):
        library_file.require_known()


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "neonize.download", None)  # put back at the end
    library_file.forbid_download()
    stand_in = sys.modules["neonize.download"].__dict__
    assert stand_in["__GONEONIZE_VERSION__"] == library_file.PINNED
    with pytest.raises(LibraryRefusedError, match="wants to download"):
        stand_in["download"]()
