"""What ends a client, said to the real one: it comes back, or it is told as logged out."""

import pytest

from tests.conformance.endings import ENDINGS, End, Ending, Then
from tests.conformance.player import Player
from waheal.model import Quarantine
from waheal.sandbox.control import Action, FaultKind, FaultOrder

pytestmark = pytest.mark.real


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.name)
def test_a_client_that_it_ends_is_healed_or_told_as_logged_out(
    players: dict[str, Player], ending: Ending
) -> None:
    player = players[ending.name]
    devices = player.control.devices
    player.send()
    logins = devices.wait_connected(player.jid).logins
    _say(player, ending)
    match ending.end:
        case End.LOGGED_OUT:
            assert player.offline().quarantine is Quarantine.LOGGED_OUT
        case End.COMES_BACK:
            devices.wait_connected(player.jid, logins=logins + 1)
            player.send()
        case End.HEALED:
            devices.wait_disconnected(player.jid)
            player.send()


def _say(player: Player, ending: Ending) -> None:
    if ending.then is Then.REFUSES_THE_NEXT_LOGIN:
        refused = FaultOrder(FaultKind.LOGIN_FAILURE, device=player.jid, code=401)
        player.control.faults.order(refused)
    player.tell(ending.stanza)
    if ending.then is not Then.WAITS:
        player.control.devices.act(player.jid, Action.DROP)
