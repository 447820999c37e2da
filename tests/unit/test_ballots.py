"""Votes, sealed here as other clients document it, and opened by the policy."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from waheal.model import Ballot
from waheal.policy.ballots import open_ballot

SECRET, POLL = bytes(range(32)), "3EB0C431C26A1916E07E"
PN, LID = "15555550150@s.whatsapp.net", "100000000000150@lid"
VOTER, VOTER_LID = "15555550100@s.whatsapp.net", "100000000000100@lid"
OPTIONS = ("Yes", "No", "Ünsure 🤷")


def sealed(creator: str, voter: str, chosen: Sequence[str], secret: bytes = SECRET) -> Ballot:
    """Seal as Baileys does, each option's hash as one of the message's field 1."""
    plain = b"".join(b"\x0a\x20" + sha256(each.encode()).digest() for each in chosen)
    return with_plain(plain, creator, voter, secret)


def with_plain(plain: bytes, creator: str, voter: str, secret: bytes = SECRET) -> Ballot:
    """Seal what Baileys opens: HKDF written out as two HMACs (process-message.ts)."""
    sign = f"{POLL}{creator}{voter}Poll Vote".encode() + b"\x01"
    key = hmac.digest(hmac.digest(bytes(32), secret, "sha256"), sign, "sha256")
    payload = AESGCM(key).encrypt(bytes(12), plain, f"{POLL}\0{voter}".encode())
    return Ballot(payload, bytes(12), LID, (VOTER_LID, VOTER), 1.0)


@pytest.mark.parametrize("creator", [PN, LID])
@pytest.mark.parametrize("voter", [VOTER, VOTER_LID])
def test_a_vote_opens_by_whichever_names_it_was_sealed(creator: str, voter: str) -> None:
    ballot = sealed(creator, voter, ["No", "Yes"])
    assert open_ballot(ballot, SECRET, POLL, [PN], OPTIONS) == ("Yes", "No")


def test_nothing_chosen_is_a_vote_that_was_taken_back() -> None:
    assert open_ballot(sealed(LID, VOTER, []), SECRET, POLL, [PN], OPTIONS) == ()


def test_an_option_that_was_never_offered_counts_for_nothing() -> None:
    ballot = sealed(LID, VOTER, ["Maybe", "No"])
    assert open_ballot(ballot, SECRET, POLL, [PN], OPTIONS) == ("No",)


def test_what_is_no_option_ends_them() -> None:
    no, yes = (sha256(each.encode()).digest() for each in ("No", "Yes"))
    other = b"\x12\x20"  # field 2, which nobody knows
    ballot = with_plain(b"\x0a\x20" + no + other + yes, LID, VOTER)
    assert open_ballot(ballot, SECRET, POLL, [PN], OPTIONS) == ("No",)


@pytest.mark.parametrize(
    ("ballot", "poll"),
    [
        (sealed(LID, VOTER, ["No"], secret=bytes(32)), POLL),
        (sealed(LID, "15555550199@s.whatsapp.net", ["No"]), POLL),
        (sealed("15555550199@s.whatsapp.net", VOTER, ["No"]), POLL),
        (sealed(LID, VOTER, ["No"]), "3EB0"),
        (Ballot(b"", b"", LID, (VOTER,), 1.0), POLL),
        (Ballot(bytes(40), bytes(12), LID, (), 1.0), POLL),
    ],
)
def test_what_is_sealed_for_anything_else_does_not_open(ballot: Ballot, poll: str) -> None:
    assert open_ballot(ballot, SECRET, poll, [PN], OPTIONS) is None


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_no_bytes_break_it(payload: bytes, iv: bytes) -> None:
    assert open_ballot(Ballot(payload, iv, LID, (VOTER,), 1.0), SECRET, POLL, [], OPTIONS) is None
