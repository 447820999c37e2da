"""The directory's word on a number: a no, a yes without a LID, another spelling, nothing."""

import pytest

from waheal.host.directory import ASK_AGAIN, Listing, judge
from waheal.model import NotSent, Phone, Rejected

WITH_NINE, WITHOUT = Phone("+5521998765432"), Phone("+552198765432")
YES, NO, NOTHING = Listing(registered=True), Listing(registered=False), Listing()


def test_a_no_to_every_spelling_is_a_no() -> None:
    assert judge(WITHOUT, {WITHOUT: NO}) == Rejected("not on WhatsApp")
    assert judge(WITHOUT, {WITHOUT: NO, WITH_NINE: NO}) == Rejected("not on WhatsApp")


def test_the_spelling_that_is_registered_is_told() -> None:
    outcome = judge(WITH_NINE, {WITH_NINE: NO, WITHOUT: YES})
    assert isinstance(outcome, Rejected)
    assert WITHOUT in outcome.reason


def test_so_it_is_where_the_server_finds_the_account_by_either() -> None:
    account = Listing(registered=True, lid="7@lid")
    outcome = judge(WITH_NINE, {WITH_NINE: account, WITHOUT: account})
    assert isinstance(outcome, Rejected)
    assert WITHOUT in outcome.reason


@pytest.mark.parametrize(
    "listings",
    [
        {},
        {WITH_NINE: YES},
        {WITH_NINE: NOTHING},
        {WITH_NINE: YES, WITHOUT: YES},
        {WITH_NINE: NOTHING, WITHOUT: NO},
        {WITH_NINE: NO, WITHOUT: NOTHING},
        {WITHOUT: YES},
    ],
)
def test_anything_else_is_asked_again_later(listings: dict[Phone, Listing]) -> None:
    outcome = judge(WITH_NINE, listings)
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.ask_again) == (True, ASK_AGAIN)
    assert outcome.reason
