"""A run's course: the table, its diagram, and which exit code says how it went."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from waheal.engine import course
from waheal.engine.course import TRANSITIONS, Course, Phase, Step
from waheal.model import ExitCode, State
from waheal.records import Tally

_ARROW = re.compile(r"──([\w, ]+)──►")


def drawn() -> dict[Phase, dict[Step, Phase]]:
    """Read the diagram: phases, and between two of them the steps that lead there."""
    table: dict[Phase, dict[Step, Phase]] = {phase: {} for phase in Phase}
    for line in (course.__doc__ or "").splitlines():
        parts = [part.strip() for part in _ARROW.split(line)]
        phases, steps = parts[::2], parts[1::2]
        for (before, after), labels in zip(pairwise(phases), steps, strict=True):
            for each in before.split(", "):
                for label in labels.split(", "):
                    assert Step(label) not in table[Phase(each)], f"{each}: {label} is drawn twice"
                    table[Phase(each)][Step(label)] = Phase(after)
    return table


def test_the_diagram_shows_the_table() -> None:
    assert drawn() == {phase: dict(steps) for phase, steps in TRANSITIONS.items()}


def test_every_step_is_taken_somewhere_and_every_phase_can_be_reached() -> None:
    assert {step for steps in TRANSITIONS.values() for step in steps} == set(Step)
    assert {after for steps in TRANSITIONS.values() for after in steps.values()} == set(Phase)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("step", Step)
def test_a_step_leads_where_the_table_says_or_is_refused(phase: Phase, step: Step) -> None:
    here = Course(phase)
    if step in TRANSITIONS[phase]:
        assert here.after(step).phase is TRANSITIONS[phase][step]
    else:
        with pytest.raises(ValueError, match=step.value):
            here.after(step)


def test_only_a_run_that_runs_or_waits_claims() -> None:
    assert {phase for phase in Phase if Course(phase).claims} == {Phase.RUNNING, Phase.WAITING}


def test_nothing_follows_when_it_is_over() -> None:
    assert {phase for phase in Phase if Course(phase).over} == {Phase.OVER}


def test_the_first_reason_stays() -> None:
    here = Course().after(Step.BOUND, "its time is over").after(Step.ASK, "Ctrl-C")
    assert here.why == "its time is over"


def test_a_reason_is_told_at_the_end_unless_it_was_told_or_is_the_operators_own() -> None:
    assert Course().after(Step.STRAND, "no device can send").untold == "no device can send"
    assert Course().after(Step.TRIP, "60 of 100 failed").untold is None
    assert Course().after(Step.AGE, "too old").untold is None
    assert Course().after(Step.ASK, "Ctrl-C").untold is None
    assert Course().after(Step.BOUND, "its time is over").after(Step.ABANDON).untold is None


def test_hosts_are_forced_once_the_operator_does_not_want_to_wait() -> None:
    drained = Course().after(Step.ASK)
    assert not drained.abandoned
    assert drained.after(Step.ABANDON).abandoned


STRANDED = Course().after(Step.STRAND)
ASKED = Course().after(Step.ASK)


@pytest.mark.parametrize(
    ("course", "tally", "code"),
    [
        (Course(), Tally(Counter({State.SENT: 3})), ExitCode.OK),
        (Course(), Tally(Counter({State.SENT: 3, State.FAILED: 1})), ExitCode.SOME_FAILED),
        (Course(), Tally(Counter({State.FAILED: 1, State.PENDING: 1})), ExitCode.LEFT_OVER),
        (Course(), Tally(Counter({State.FAILED: 1, State.UNCERTAIN: 1})), ExitCode.LEFT_OVER),
        (Course(), Tally(Counter({State.SENDING: 1})), ExitCode.LEFT_OVER),
        (Course(), Tally(Counter({State.SUPPRESSED: 1, State.EXPIRED: 1})), ExitCode.OK),
        (STRANDED, Tally(Counter({State.PENDING: 1})), ExitCode.NO_DEVICE),
        (STRANDED, Tally(Counter({State.SENT: 1})), ExitCode.OK),
        (Course().after(Step.AGE), Tally(Counter({State.PENDING: 1})), ExitCode.NO_DEVICE),
        (Course().after(Step.AGE), Tally(Counter({State.UNCERTAIN: 1})), ExitCode.LEFT_OVER),
        (ASKED, Tally(Counter({State.SENT: 1})), ExitCode.INTERRUPTED),
        (
            Course().failed(ExitCode.OWN_FAULT),
            Tally(Counter({State.PENDING: 1})),
            ExitCode.OWN_FAULT,
        ),
        (Course().failed(ExitCode.HOME_UNUSABLE), Tally(), ExitCode.HOME_UNUSABLE),
        (
            Course().failed(ExitCode.HOME_UNUSABLE).failed(ExitCode.OWN_FAULT),
            Tally(),
            ExitCode.OWN_FAULT,
        ),
        (
            STRANDED.failed(ExitCode.OWN_FAULT).after(Step.ASK),
            Tally(Counter({State.PENDING: 1, State.FAILED: 1})),
            ExitCode.INTERRUPTED,
        ),
    ],
)
def test_the_strongest_of_what_holds_is_told(course: Course, tally: Tally, code: ExitCode) -> None:
    assert course.exit_code(tally) is code
