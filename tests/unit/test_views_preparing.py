"""What an operator is told before they say yes."""

from tests.kit.devices import OUT
from waheal.events import Question
from waheal.views.preparing import asked


def test_the_question_tells_who_is_out_the_pace_and_the_time() -> None:
    assert asked(Question(900, 12, OUT, 7200.0), "20/min a device") == [
        "10 of 12 devices can send; out: berlin-02 (banned), berlin-03 (paused)",
        "pace: 20/min a device; at best it takes about 2 h",
    ]
    assert asked(Question(900, 1), "") == [
        "1 of 1 device can send",
        "pace: no limit is set",
    ]


def test_of_many_that_are_out_a_few_are_named() -> None:
    assert asked(Question(900, 30, OUT * 4), "")[0].endswith("and 3 more")
