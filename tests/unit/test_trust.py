import json
import os
from pathlib import Path

import pytest

from waheal.acts.trust import read_trust
from waheal.errors import UsageError

KEY = "0f" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_text("a certificate\n")
    return tmp_path / "trust.json"


def written(path: Path, *, ca: str = "ca.pem") -> Path:
    told = {"proxy": "http://127.0.0.1:7001", "ca": ca, "noise_root": KEY, "token": KEY}
    path.write_text(json.dumps(told))
    return path


def test_a_certificate_is_looked_for_beside_the_file(path: Path) -> None:
    assert read_trust(written(path)).ca == str(path.with_name("ca.pem"))


@pytest.mark.parametrize(
    "ca", ["none.pem", "x" * 300, "x/" * 3_000, "a\0b", "\ud800", ".", "pipe", "/dev/zero", "loop"]
)
def test_a_certificate_is_a_file(path: Path, ca: str) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.with_name("loop").symlink_to("loop")
    with pytest.raises(UsageError, match=r"ca .* can't be read"):
        read_trust(written(path, ca=ca))


@pytest.mark.parametrize("whole", ["[" * 60_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
def test_what_is_nested_without_an_end_is_no_json(path: Path, whole: str) -> None:
    path.write_text(whole)
    with pytest.raises(UsageError, match="it is no JSON"):
        read_trust(path)
