"""The picture in the README."""

import re
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from waheal.views.recording import main, record


def test_the_picture_in_the_project_is_up_to_date() -> None:
    kept = files("waheal.views").joinpath("live.svg").read_text(encoding="utf-8")
    assert kept == record(), "run `python -m waheal.views.recording waheal/views/live.svg`"


def test_the_picture_fetches_nothing() -> None:
    addresses = set(re.findall(r"https?://[^\"' )]+", record()))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the namespace, which nobody fetches


def test_the_picture_shows_what_matters() -> None:
    texts = ET.fromstring(record()).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own
    told = " ".join("".join(text.itertext()) for text in texts).replace("\xa0", " ")
    for word in ("spring-menu", "healing", "of 40 can send", "Last problems", "left", "/min"):
        assert word in told


def test_the_command_writes_the_file_it_is_given(tmp_path: Path) -> None:
    assert main([str(tmp_path / "out.svg")]) == 0
    assert (tmp_path / "out.svg").read_text(encoding="utf-8") == record()


def test_the_command_tells_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
