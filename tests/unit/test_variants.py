import pytest

from waheal.reckoning.variants import LEAST_SENT, Comparison, Variants
from waheal.views.comparing import notes, sentences, share_of


def compared(**groups: tuple[int, int]) -> Comparison:
    """Compare groups, each by how many were sent and how many of these read it."""
    variants = Variants("text")
    for value, (sent, read) in groups.items():
        for number in range(sent):
            variants.take(value, 3 if number < read else 1)
    return variants.comparison()


def said(comparison: Comparison, measure: str = "Read") -> str:
    return next(each for each in sentences(comparison) if each.startswith(f"{measure}: "))


def test_a_variant_counts_whoever_came_to_a_step_in_those_before() -> None:
    variants = Variants("text")
    for value, steps in (("a", 0), ("a", 1), ("a", 5), ("b", 2), (None, 3)):
        variants.take(value, steps)
    found = variants.comparison()
    assert [(each.value, each.total, each.sent, each.parts) for each in found.variants] == [
        ("a", 3, 2, (1, 1, 1, 1)),
        ("b", 1, 1, (1, 0, 0, 0)),
    ]
    assert found.unknown == 1


def test_a_difference_that_is_one_is_said_to_be_one() -> None:
    told = said(compared(A=(500, 250), B=(500, 320)))
    assert told.startswith("Read: B (64 %) is ahead of A (50 %), and that means something;")
    assert told.endswith("in fewer than 1 of 10,000 tries.")


def test_one_that_chance_may_bring_is_said_to_be_none() -> None:
    told = said(compared(A=(500, 250), B=(500, 260)))
    assert told == (
        "Read: no difference that means anything; chance alone brings one as large as this"
        " in 1 of 2 tries."
    )


def test_of_several_only_the_surely_worse_are_behind() -> None:
    told = said(compared(A=(1000, 500), B=(1000, 600), C=(1000, 610), D=(30, 2)))
    assert "C (61 %) is ahead of A (50 %) and D (7 %), and that means something" in told
    assert told.endswith("Against B nothing is sure.")


def test_of_many_variants_some_differ_by_chance_which_is_heeded() -> None:
    groups = {f"v{number}": (400, 200) for number in range(10)}
    alone = compared(A=(400, 200), B=(400, 235))
    among = compared(**groups, B=(400, 235))
    assert "means something" in said(alone)
    assert "no difference that means anything" in said(among)


@pytest.mark.parametrize("groups", [{"A": (30, 0), "B": (30, 1)}, {"A": (40, 40), "B": (50, 50)}])
def test_too_few_are_said_to_be_too_few(groups: dict[str, tuple[int, int]]) -> None:
    assert said(compared(**groups)) == "Read: too few to tell."


@pytest.mark.parametrize("groups", [{"A": (30, 0), "B": (30, 1)}, {"A": (40, 40), "B": (50, 50)}])
def test_of_too_few_nobody_is_surely_behind(groups: dict[str, tuple[int, int]]) -> None:
    (read,) = [each for each in compared(**groups).judgements() if each.measure == "read"]
    assert (read.surely_behind, len(read.others), read.chance) == ((), 1, None)


def test_a_share_is_one_of_those_it_went_out_to() -> None:
    variants = Variants("text")
    for steps in (0, 0, 1, 3):
        variants.take("a", steps)
    (variant,) = variants.comparison().variants
    assert variant.share("read") == 0.5


def test_a_handful_does_not_stand_in_front_of_the_others() -> None:
    found = compared(A=(500, 250), B=(500, 320), C=(LEAST_SENT - 1, LEAST_SENT - 1))
    assert said(found).startswith("Read: B (64 %) is ahead of A (50 %)")
    assert "What went out to fewer than 20 is not judged." in list(notes(found))


def test_one_variant_alone_is_compared_with_nothing() -> None:
    assert list(sentences(compared(A=(500, 250)))) == []


def test_a_share_comes_with_where_it_may_truly_lie() -> None:
    large, small = compared(A=(500, 250), B=(480, 3)).variants
    assert share_of(large, "read") == "50 % (46-54)"
    assert share_of(small, "read") == "1 % (0.2-1.8)"
