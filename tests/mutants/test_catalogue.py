"""Each mutant still applies to the code, and its tests are there."""

import ast
from collections import Counter

import pytest

from tests.mutants.catalogue import ROOMS, select
from tests.mutants.mutant import Mutant
from tests.mutants.tryout import ROOT

ALL = [each for mutants in ROOMS.values() for each in mutants]

each_mutant = pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.id)


def names(test: str) -> bool:
    """Whether the file is there, and has the test that is named in it."""
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.is_file() and (not name or f"def {name}(" in path.read_text(encoding="utf-8"))


@each_mutant
def test_what_it_replaces_stands_in_the_file_once(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1


@each_mutant
def test_it_is_another_program_and_still_one(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    changed = ast.parse(text.replace(mutant.old, mutant.new))
    assert ast.dump(changed) != ast.dump(ast.parse(text))


@each_mutant
def test_its_tests_are_there(mutant: Mutant) -> None:
    assert mutant.tests
    assert [test for test in mutant.tests if not names(test)] == []


def test_no_id_and_no_mutant_is_there_twice() -> None:
    ids = Counter(each.id for each in ALL)
    changes = Counter((each.file, each.old, each.new) for each in ALL)
    assert {what for what, count in (ids + changes).items() if count > 1} == set()


def test_it_is_chosen_by_room_by_module_and_by_id() -> None:
    assert select([]) == dict(ROOMS)
    assert select(["policy"]) == {"policy": ROOMS["policy"]}
    assert {each.module for each in select(["pacing"])["policy"]} == {"pacing"}
    (alone,) = select(["lock.unlocked"])["store"]
    assert alone.promise == "a release does not free the lock under the children"
    with pytest.raises(LookupError, match="nonsense"):
        select(["nonsense"])
