from pathlib import Path

import pytest

from waheal.campaign.template_file import read_template
from waheal.errors import UsageError

TEXT = "Guten Tag {{ name }},\r\nschöne Grüße\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_reads_a_template_as_editors_save_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "template.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert read_template(path) == TEXT


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"x" * ((1 << 20) + 1), "text".encode("utf-16") + b"x"]
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "template.txt"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        read_template(path)


def test_a_template_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.txt"):
        read_template(tmp_path / "gone.txt")
