"""Any course of a run: whatever the order of its steps, its end says what was strongest."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from waheal.engine.course import TRANSITIONS, Course, Phase, Step
from waheal.model import EXIT_PRECEDENCE, ExitCode, State
from waheal.records import Tally

FAULTS = (ExitCode.OWN_FAULT, ExitCode.HOME_UNUSABLE)
TALLIES = st.dictionaries(st.sampled_from(State), st.integers(0, 3)).map(
    lambda counts: Tally(Counter(counts))
)


@st.composite
def courses(draw: st.DrawFn) -> list[Course]:
    """Take legal steps from the start on, and keep each course on the way."""
    way = [Course()]
    for _ in range(draw(st.integers(0, 12))):
        here = way[-1]
        step = draw(st.sampled_from(sorted(TRANSITIONS[here.phase])))
        if step is Step.FAIL:
            way.append(here.failed(draw(st.sampled_from(FAULTS))))
        else:
            way.append(here.after(step, step.value))
    return way


@given(courses(), TALLIES)
def test_interrupted_outranks_everything(way: list[Course], tally: Tally) -> None:
    asked = bool(way[-1].taken & {Step.ASK, Step.ABANDON})
    assert (way[-1].exit_code(tally) is ExitCode.INTERRUPTED) is asked


@given(courses())
def test_over_is_final_and_nothing_is_claimed_again_once_it_ends(way: list[Course]) -> None:
    phases = [each.phase for each in way]
    if Phase.OVER in phases:
        assert set(phases[phases.index(Phase.OVER) :]) == {Phase.OVER}
    claims = [each.claims for each in way]
    assert claims == sorted(claims, reverse=True)


@given(courses(), TALLIES)
def test_no_weaker_code_is_told_than_what_holds(way: list[Course], tally: Tally) -> None:
    code = way[-1].exit_code(tally)
    rank = EXIT_PRECEDENCE.index
    assert all(rank(code) <= rank(fault) for fault in way[-1].faults)
    if tally.left:
        assert rank(code) <= rank(ExitCode.LEFT_OVER)
    if tally[State.FAILED]:
        assert rank(code) <= rank(ExitCode.SOME_FAILED)


@given(courses(), TALLIES)
def test_a_code_only_gets_stronger_on_the_way(way: list[Course], tally: Tally) -> None:
    ranks = [EXIT_PRECEDENCE.index(each.exit_code(tally)) for each in way]
    assert ranks == sorted(ranks, reverse=True)


@given(courses())
def test_a_pause_alone_ends_nothing(way: list[Course]) -> None:
    for each in way:
        if not each.taken - {Step.PAUSE, Step.RESUME}:
            assert each.claims
