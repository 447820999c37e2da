"""The lock files hold what pyproject.toml asks for, each by its hashes."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEEDED = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
TESTED = [*NEEDED, *PROJECT["project"]["optional-dependencies"]["test"]]
FILES = {"requirements.lock": NEEDED, "tests.lock": TESTED}


def pins(name: str) -> dict[str, set[tuple[str, int]]]:
    """Each package's versions, one for some Pythons or machines, with how many hashes each has."""
    text = (ROOT / ".ci" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found = dict[str, set[tuple[str, int]]]()
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+--hash=", line)
        pinned = Requirement(requirement)
        (version,) = pinned.specifier
        assert (version.operator, pinned.url) == ("==", None), line
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", each) for each in hashes), line
        found.setdefault(canonicalize_name(pinned.name), set()).add((version.version, len(hashes)))
    return found


@pytest.mark.parametrize("name", FILES)
def test_everything_that_is_asked_for_is_pinned_within_its_bounds(name: str) -> None:
    pinned = pins(name)
    for each in FILES[name]:
        wanted = Requirement(each)
        versions = pinned[canonicalize_name(wanted.name)]
        assert all(version in wanted.specifier for version, _ in versions), each


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_a_hash_and_names_no_place(name: str) -> None:
    assert all(hashes for versions in pins(name).values() for _, hashes in versions)
    assert "://" not in (ROOT / ".ci" / name).read_text(encoding="utf-8")


def test_the_library_is_pinned_for_both_machines() -> None:
    ((_, hashes),) = pins("requirements.lock")["neonize"]
    assert hashes > 1


def test_what_is_tried_is_what_is_installed() -> None:
    tried = pins("tests.lock")
    assert {name: tried[name] for name in pins("requirements.lock")} == pins("requirements.lock")


def test_ci_and_the_readme_install_by_hash() -> None:
    assert "--require-hashes -r .ci/tests.lock" in (ROOT / ".ci" / "run").read_text()
    assert "--require-hashes -r .ci/requirements.lock" in (ROOT / "README.md").read_text()
