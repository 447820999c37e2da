"""Which devices a verb means, and in which order they stand."""

import pytest

from tests.kit.devices import device
from tests.kit.ledgers import NOW, open_home
from waheal.acts.selection import Selection, fits, in_order, needs_someone
from waheal.errors import UsageError
from waheal.model import DeviceId, DeviceState, Labels, natural
from waheal.records import Device
from waheal.store.ledger import Ledger


def labels(devices: list[Device]) -> list[str]:
    return [each.label for each in devices]


def test_labels_are_sorted_as_people_count() -> None:
    given = ["shop-10", "shop-2", "Shop-1", "shop", "10", "9", "shop-2b", "shop-02"]
    assert sorted(given, key=natural) == [
        "9", "10", "shop", "Shop-1", "shop-02", "shop-2", "shop-2b", "shop-10",
    ]  # fmt: skip


def test_who_waits_for_the_operator_comes_first() -> None:
    out = DeviceState.QUARANTINED
    rows = [
        device("ready-10"),
        device("ready-9"),
        device("paused", DeviceState.PAUSED),
        device("resting", out, until=NOW + 60),
        device("banned", out),
    ]
    assert labels(in_order(rows, "need")) == ["banned", "resting", "paused", "ready-9", "ready-10"]
    assert labels(in_order(rows, "label"))[-2:] == ["ready-10", "resting"]
    assert labels(in_order([*rows, device("busy", sent=9)], "sent"))[0] == "busy"
    assert labels(in_order([*rows, device("late", last=NOW)], "last"))[0] == "late"
    assert labels([each for each in rows if needs_someone(each)]) == ["banned"]
    with pytest.raises(UsageError, match="--sort can't be 'size'"):
        in_order(rows, "size")


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("shop-*", ["shop-1", "shop-2"]),
        ("shop", ["shop-1", "shop-2", "workshop"]),
        ("*shop", ["workshop"]),
        ("shop-?", ["shop-1", "shop-2"]),
        ("SHOP-*", []),
    ],
)
def test_a_pattern_is_a_glob_and_a_text_is_held_anywhere(pattern: str, meant: list[str]) -> None:
    rows = [device(each) for each in ("shop-1", "shop-2", "workshop")]
    assert labels([each for each in rows if fits(each, pattern)]) == meant


def test_a_list_of_devices_takes_patterns_and_names_what_means_nothing() -> None:
    chosen = Labels(frozenset({"shop-*", "desk", "none-*", "a[b]"}))
    known = ["shop-1", "desk", "other", "a[b]"]
    assert [each for each in known if each in chosen] == ["shop-1", "desk", "a[b]"]
    assert chosen.unmatched(known) == ["none-*"]


class TestInALedger:
    @pytest.fixture
    def ledger(self, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
        ledger = Ledger.open(open_home(tmp_path_factory.mktemp("home")))
        for number, label in enumerate(("shop-10", "shop-2", "desk")):
            ledger.devices.add(DeviceId(label), f"{number}:1@s.whatsapp.net", None, NOW)
        return ledger

    def test_each_way_to_say_it(self, ledger: Ledger) -> None:
        assert labels(Selection(["desk"]).choose(ledger)) == ["desk"]
        assert labels(Selection(match="shop-*").choose(ledger)) == ["shop-2", "shop-10"]
        assert labels(Selection(everyone=True).choose(ledger)) == ["desk", "shop-2", "shop-10"]
        ledger.close()

    @pytest.mark.parametrize(
        "selection",
        [
            Selection(),
            Selection(["desk"], match="shop"),
            Selection(["desk"], everyone=True),
            Selection(match="nothing-*"),
            Selection(["nobody"]),
        ],
    )
    def test_what_means_nobody_or_is_said_twice_is_refused(
        self, ledger: Ledger, selection: Selection
    ) -> None:
        with pytest.raises(UsageError) as caught:
            selection.choose(ledger)
        assert caught.value.hint
        ledger.close()
