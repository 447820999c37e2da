"""What `import waheal` shows in its docstrings is run, in order, in an empty folder."""

import doctest
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import waheal
from waheal import errors, events, library
from waheal.acts.pages import page

ROOT = Path(__file__).resolve().parents[2]
# In the order of a campaign's life: each goes on in the home that the first one opened.
SHOWN = (
    waheal, library.open_home, library.check, library.pair, library.list_devices, library.send,
    library.status, library.results, library.export, library.sync, library.replies,
    library.suppress, library.suppressed, library.resolve, library.recall, library.stop,
)  # fmt: skip

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a folder with the samples, and work in it."""
    made = tmp_path_factory.mktemp("library")
    (made / "campaigns").symlink_to(ROOT / "campaigns")
    before = Path.cwd()
    os.chdir(made)
    yield made
    os.chdir(before)


def test_the_examples_of_the_library_do_what_they_show(folder: Path) -> None:
    names: dict[str, object] = {"waheal": waheal}
    finder = doctest.DocTestFinder(recurse=False)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for each in SHOWN:
        (example,) = finder.find(each, getattr(each, "__name__", "waheal"))
        assert example.examples, f"{example.name} shows nothing"
        example.globs = names  # each goes on where the one before has ended
        said: list[str] = []
        failed = runner.run(example, out=said.append, clear_globs=False).failed
        assert not failed, "".join(said)
    assert (folder / "rehearsal" / "sandbox" / "waheal.db").exists()


def test_its_page_shows_the_same_example() -> None:
    shown = page("library").text.partition("```pycon\n")[2]
    example, _, _ = shown.partition("```")
    assert example.startswith(">>> import waheal\n")
    assert f"\n\n{example}\n" in (waheal.__doc__ or "")


def test_importing_it_loads_nothing_that_a_host_or_a_help_has_no_use_for() -> None:
    look = "import sys, waheal; print(sorted(name for name in sys.modules if 'waheal' in name))"
    told = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "['waheal']"


def test_every_event_and_every_error_is_there_for_programs() -> None:
    told = {
        name
        for module in (events, errors)
        for name, each in vars(module).items()
        if isinstance(each, type) and each.__module__ == module.__name__
    }
    assert told <= set(dir(waheal))


def test_what_it_lacks_is_no_attribute() -> None:
    assert not hasattr(waheal, "nonsense")
    assert {"send", "check", "Workspace", "State"} <= set(dir(waheal))
