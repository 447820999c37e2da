"""Routing: whose a recipient is."""

import pytest

from waheal.policy.routing import others_may


@pytest.mark.parametrize("failover", [True, False])
def test_a_device_keeps_its_contacts_while_it_only_rests(failover: bool) -> None:
    assert not others_may(gone=False, sticky=True, failover=failover)


def test_others_may_have_the_contacts_of_a_device_that_is_gone() -> None:
    assert others_may(gone=True, sticky=True, failover=True)


def test_nobody_else_may_where_the_operator_forbids_it() -> None:
    assert not others_may(gone=True, sticky=True, failover=False)


@pytest.mark.parametrize("gone", [True, False])
@pytest.mark.parametrize("failover", [True, False])
def test_contacts_bind_nobody_where_the_operator_says_so(gone: bool, failover: bool) -> None:
    assert others_may(gone=gone, sticky=False, failover=failover)
