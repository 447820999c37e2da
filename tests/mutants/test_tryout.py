"""A mutant is tried in a copy, told by what its tests say, and taken back."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.__main__ import share
from tests.mutants.catalogue import select
from tests.mutants.mutant import Mutant
from tests.mutants.tryout import ROOT, Fate, Tryout

((FOUND,),) = select(["routing.failover-unasked"]).values()
UNFOUND = replace(FOUND, tests=("tests/unit/test_witness.py",))


@pytest.mark.parametrize(
    ("mutant", "fate"),
    [
        (FOUND, Fate.KILLED),
        (UNFOUND, Fate.SURVIVED),
        (replace(UNFOUND, equivalent="a reason"), Fate.EQUIVALENT),
        (replace(FOUND, new="("), Fate.SPOILED),
    ],
    ids=["found", "unfound", "equivalent", "spoiled"],
)
def test_its_tests_tell_its_fate(tmp_path: Path, mutant: Mutant, fate: Fate) -> None:
    tryout = Tryout(tmp_path)
    assert tryout.attempt(mutant) is fate
    (copy,) = tmp_path.glob(f"*/{mutant.file}")
    assert copy.read_bytes() == (ROOT / mutant.file).read_bytes()


def test_the_share_is_of_those_that_can_be_killed() -> None:
    fates = Counter({Fate.KILLED: 2, Fate.HUNG: 1, Fate.SURVIVED: 1, Fate.EQUIVALENT: 5})
    assert share("store", fates) == "store    3 of 4 killed (75%), 5 equivalent"
    assert [fate for fate in Fate if fate.is_wrong] == [Fate.SURVIVED, Fate.SPOILED]
