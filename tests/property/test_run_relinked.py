"""Any run whose ledger is lost, at any moment and in any way: nobody is dropped, or doubled."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.kit.flaky import Flaky, Loss
from tests.kit.stage import CAMPAIGN, stage
from tests.property.test_run import DEVICES, LEFT, Deed, Script, check, follow
from waheal.engine.settings import RunSettings
from waheal.events import Paused, Resumed
from waheal.model import State


@settings(max_examples=60)
@given(
    deeds=st.lists(st.sampled_from(Deed), max_size=30),
    people=st.integers(1, 20),
    losses=st.lists(st.tuples(st.integers(0, 12), st.sampled_from(Loss)), min_size=1, max_size=6),
    hosts=st.integers(1, 2),
    down=st.integers(0, 3),
)
def test_no_run_that_lost_its_ledger_drops_or_doubles_anybody(
    deeds: list[Deed], people: int, losses: list[tuple[int, Loss]], hosts: int, down: int
) -> None:
    how = RunSettings(CAMPAIGN, hosts=hosts)
    with TemporaryDirectory() as root, stage(Path(root)) as made:
        made.add(*DEVICES)
        phones = made.people(people)
        script = made.acts = Script(made, list(deeds))
        flaky = Flaky(made.ledger, *losses, down=down)
        told = follow(made, script, how)
        paused = [each.reason for each in told if isinstance(each, Paused)]
        resumed = [each.reason for each in told if isinstance(each, Resumed)]
        lost = sum("can't be reached" in each for each in paused)
        back = sum("the ledger is back" in each for each in resumed)
        event(f"{len(losses) - len(flaky.left)} losses")
        if flaky.lost:  # the operator did not want to wait
            assert lost == back + 1
        else:
            assert lost == back
            check(made, told, phones)
        flaky.heal()
        for device in DEVICES:
            made.ledger.devices.release(device)
        script.deeds.clear()
        again = follow(made, script, replace(how, max_wait=5000.0, no_device_wait=5000.0))
        check(made, again, phones)
        assert all(made.ledger.people.is_suppressed(phone) for phone in script.opted_out)
        assert set(made.states().values()) <= LEFT | {
            State.FAILED, State.UNCERTAIN, State.SUPPRESSED
        }  # fmt: skip
