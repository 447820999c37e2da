"""A whole run: who is looked up ahead."""

from tests.kit.ledgers import NOW, ONE, TWO
from tests.kit.stage import FakeHost, Stage
from waheal.wire import Command


def test_whoever_is_looked_up_ahead_is_sent_to_and_nobody_else_is(made: Stage) -> None:
    made.add(ONE, TWO)
    people = made.people(40)
    out = set(people[5:9])

    def act(host: FakeHost, command: Command) -> None:
        if len(made.sends()) == 1:
            for each in out:  # by another process, right after the first look-up was told
                made.ledger.people.suppress(each, NOW, source="operator")
        made.obey(host, command)

    made.acts = act
    made.finish()
    asked = [(send.device, phone) for send in made.sends() for phone, _ in send.ahead]
    assert len({phone for _, phone in asked}) == len(asked)  # nobody twice
    first = {phone for phone, _ in made.sends()[0].ahead}
    assert {phone for _, phone in asked} - first <= set(made.left)
    by = {send.phone: send.device for send in made.sends()}
    assert all(by[phone] == device for device, phone in asked if phone in by)
    assert set(made.left) == set(people) - out
