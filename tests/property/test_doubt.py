"""In a model of the library and of all that may befall it, what left is never called unsent."""

from dataclasses import dataclass, fields
from itertools import product

import pytest

from waheal.policy.doubt import Evidence, KnownId, NothingLeft, Undecided, verdict

SESSION, WITNESS, LEFT = 1, 2, 3  # how far an attempt came


@dataclass(frozen=True, slots=True)
class Story:
    """One attempt, and what happened before anybody looked.

    `came` is how far it had come when its call or its process ended, or when we look while it
    still runs. The order of the two commits and of the stanza is the library's.
    """

    came: int
    knew_recipient: bool  # a session with the recipient stood there before
    accepted_before: bool  # the device has an accepted attempt
    insert_failed: bool  # the witness could not be stored: a warning in the log, and on it went
    lid_failed: bool  # nor the recipient's LID: the session is there, and not found
    log_lost: bool
    still_running: bool
    rebooted: bool  # commits that had not reached the disk may be gone
    restored: bool  # a session database from before the run; after the pairing, at the earliest
    copied_in_the_run: bool  # it was copied after the run's start, before the last accept
    logged_out: bool  # the device's rows are gone
    paired_again: bool  # after a logout
    killed: bool  # the whole run was, and it was looked at later

    def evidence(self) -> Evidence:
        # A copy made in mid-run and put back while the coordinator lives is caught by the last
        # accepted witness, so there must be one; later the seal tells of any.
        replaced = self.restored or (
            self.copied_in_the_run and (self.accepted_before or self.killed)
        )
        gone = self.rebooted or replaced or self.logged_out
        device_there = not self.logged_out or self.paired_again
        witness = self.came >= WITNESS and not self.insert_failed and not gone
        older = self.knew_recipient and not self.logged_out
        return Evidence(
            call_over=not self.still_running,
            same_boot=not self.rebooted,
            stamp_same=not self.restored,
            identity_same=device_there and not self.paired_again,
            untouched=not self.killed or not (replaced or self.logged_out),
            last_witness_there=not gone if self.accepted_before else None,
            log_clean=not self.log_lost
            and not (self.came >= WITNESS and self.insert_failed)
            and not self.lid_failed,
            message_id="3EB0A1" if witness else None,
            signal_session=not self.lid_failed and (older or (self.came >= SESSION and not gone)),
        )


def test_no_story_at_all_calls_unsent_what_left() -> None:
    flags = len(fields(Story)) - 1  # few enough to try them all
    for came, told in product(range(LEFT + 1), product((False, True), repeat=flags)):
        story = Story(came, *told)
        if came == LEFT or story.still_running:
            assert verdict(story.evidence()) != NothingLeft(), story


ORDINARY = dict.fromkeys(
    (
        "insert_failed",
        "lid_failed",
        "log_lost",
        "still_running",
        "rebooted",
        "restored",
        "copied_in_the_run",
        "logged_out",
        "paired_again",
    ),
    False,
)


@pytest.mark.parametrize("came", range(LEFT + 1))
@pytest.mark.parametrize("knew_recipient", [False, True])
@pytest.mark.parametrize("accepted_before", [False, True])
@pytest.mark.parametrize("killed", [False, True])
def test_an_ordinary_crash_is_always_settled(
    came: int, knew_recipient: bool, accepted_before: bool, killed: bool
) -> None:
    story = Story(came, knew_recipient, accepted_before, **ORDINARY, killed=killed)
    expected = NothingLeft() if came < WITNESS else KnownId("3EB0A1")
    assert verdict(story.evidence()) == expected


EVIDENCE = [
    Evidence(call, boot, stamp, identity, untouched, last, log, message_id, session, accepted)
    for call, boot, stamp, identity, untouched, log, session, accepted in product(
        (False, True), repeat=8
    )
    for last in (None, False, True)
    for message_id in (None, "3EB0A1")
]


def test_nothing_left_needs_every_condition() -> None:
    for seen in EVIDENCE:
        if verdict(seen) == NothingLeft():
            assert seen.call_over
            assert seen.same_boot
            assert seen.identity_same
            assert seen.stamp_same
            assert seen.untouched
            assert seen.last_witness_there is not False
            assert not (seen.message_id and seen.signal_session)
            assert not (seen.accepted and seen.signal_session)
            assert seen.log_clean


def test_every_verdict_is_one_of_the_three_and_keeps_the_id() -> None:
    for seen in EVIDENCE:
        match verdict(seen):
            case KnownId(message_id):
                assert message_id == seen.message_id
            case Undecided(reason):
                assert reason
                assert seen.message_id is None or seen.accepted
            case NothingLeft():
                pass
