"""Which message a reply is to: the one it names, the account's last, anybody's last."""

from waheal.correspondents import Written
from waheal.model import Phone
from waheal.policy.answering import answered

ANNA = Phone("+12025550100")
SHOP, BANK, THIRD = "15550001", "15550002", "15550003"

FIRST = Written(1, 1, 10, ANNA, SHOP, "M1")
SECOND = Written(2, 2, 20, ANNA, SHOP, "M2")
BY_BANK = Written(3, 3, 30, ANNA, BANK, "M3")
ALL = [SECOND, BY_BANK, FIRST]


def test_a_reply_is_to_the_last_message_of_the_account_that_it_came_to() -> None:
    assert answered(ALL, SHOP) == SECOND
    assert answered(ALL, BANK) == BY_BANK


def test_one_to_an_account_that_never_wrote_is_to_the_last_message_of_any() -> None:
    assert answered(ALL, THIRD) == BY_BANK


def test_one_that_quotes_is_to_that_message_whatever_came_later() -> None:
    assert answered(ALL, SHOP, quotes="M1") == FIRST
    assert answered(ALL, SHOP, quotes="M3") == BY_BANK
    assert answered(ALL, SHOP, quotes="somebody else's") == SECOND


def test_nobody_replies_who_was_not_written_to() -> None:
    assert answered([], SHOP) is None
    assert answered([], SHOP, quotes="M1", last=9, unnamed=True) is None


def test_one_that_waited_is_to_what_was_written_before_it_came() -> None:
    assert answered(ALL, SHOP, last=1) == FIRST
    assert answered(ALL, BANK, last=1) == FIRST  # no other is older
    assert answered(ALL, SHOP, last=9) == SECOND
    assert answered(ALL, SHOP, last=0) is None


def test_one_that_came_without_a_number_before_everything_is_to_the_first_message() -> None:
    assert answered(ALL, SHOP, last=0, unnamed=True) == FIRST
    assert answered(ALL, SHOP, last=0, unnamed=True, quotes="M2") == SECOND
    assert answered(ALL, SHOP, last=1, unnamed=True) == FIRST
