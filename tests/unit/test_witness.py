from waheal.model import Phone
from waheal.store.witness import witness


def test_a_witness_is_told_again_from_the_key_and_what_it_is_for() -> None:
    first = witness(b"k" * 32, "spring", Phone("+12025550100"), 1)
    assert len(first) == 32
    assert first == witness(b"k" * 32, "spring", Phone("+12025550100"), 1)


def test_no_two_attempts_share_a_witness() -> None:
    made = {
        witness(key, campaign, phone, attempt)
        for key in (b"k" * 32, b"l" * 32)
        for campaign in ("spring", "spring1")
        for phone in (Phone("+12025550100"), Phone("+12025550101"))
        for attempt in (1, 11)
    }
    assert len(made) == 16
