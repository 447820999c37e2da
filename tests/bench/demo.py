"""The first thing that anybody tries: the demo campaign in a fresh home."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, at_most
from tests.bench.measure import waheal
from tests.kit.rig import Server
from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.model import Planned

_DEMO = Path(__file__).parents[2] / "campaigns" / "demo.csv"


def demo(place: Path, scale: float) -> Iterator[Figure]:
    """`waheal send campaigns/demo.csv --sandbox` from nothing, and what the phones then hold."""
    del scale
    home = place / "home"
    spent = waheal("send", str(_DEMO), "--sandbox", "--home", str(home), "--json")
    yield Figure("send campaigns/demo.csv --sandbox", spent.seconds, "s", None, at_most(60))
    wanted = Counter(
        (str(row.phone), row.content.text)
        for row in open_campaign_file(_DEMO, Choices(now=0.0)).rows()
        if isinstance(row, Planned)
    )
    server = Server(home / "sandbox" / "server")  # what the phones hold is kept with its state
    try:
        held: Counter[tuple[str, str]] = Counter()
        for message in server.control.phones.received():
            held[message.phone, message.text or ""] += message.delivered
    finally:
        server.stop()
    yield Figure("recipients", wanted.total(), "")
    wrong = (wanted - held) + (held - wanted)
    yield Figure("texts missing, wrong or doubled", wrong.total(), "", None, at_most(0))
