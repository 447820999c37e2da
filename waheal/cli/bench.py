"""`waheal bench`: what this machine will do, and how long a campaign takes on it."""

from dataclasses import asdict

import typer

from waheal.acts import bench as acts
from waheal.acts.bench import Beginning, BenchOrder, Forecast, Room, Throughput
from waheal.acts.parsing import AUTO
from waheal.acts.wishes import Machinery, Pacing
from waheal.cli import options as o
from waheal.cli.console import say, show, write_json
from waheal.cli.scene import scene_of
from waheal.model import ExitCode
from waheal.views.tables import BenchRow, bench_table
from waheal.views.words import count, roughly

_ORDER = BenchOrder()
_MEBI = 1 << 20


def bench(
    context: typer.Context,
    messages: o.BenchMessages = _ORDER.messages,
    paired: o.Paired = _ORDER.paired,
    recipients: o.Recipients = None,
    over: o.Over = 1,
    senders: o.Senders = AUTO,
    hosts: o.Hosts = AUTO,
    rate: o.Rate = [],  # noqa: B006 - typer hands over a list of its own
    daily: o.Daily = None,
    gap: o.Gap = None,
    rate_total: o.RateTotal = None,
    burst: o.Burst = False,
    window: o.Window = None,
    days: o.Days = None,
) -> int:
    """Send through a sandbox as fast as this machine can, and tell how fast, and with what.

    Real runs of the whole of it: the ledger, hosts, the library. The sandbox takes its share of
    the machine; the network and WhatsApp's own time are not in it. --recipients and --over tell
    how long a campaign takes at the given pace, or at what the machine can.
    """
    here = scene_of(context)
    order = BenchOrder(
        messages,
        paired,
        Machinery(senders=senders, hosts=hosts),
        recipients,
        over,
        Pacing(
            rate=rate,
            daily=daily,
            gap=gap,
            rate_total=rate_total,
            window=window,
            days=days,
            burst=burst,
        ),
    )
    runs, forecast, room = list[Throughput](), None, None
    for told in acts.bench(order):
        match told:
            case Beginning(what):
                if here.talks:
                    say(what)
            case Throughput():
                runs.append(told)
            case Room():
                room = told
            case Forecast():
                forecast = told
    if here.json:
        write_json(
            {
                "runs": [asdict(each) | {"rate": each.rate} for each in runs],
                "room": None if room is None else asdict(room),
                "forecast": None if forecast is None else asdict(forecast),
            }
        )
        return ExitCode.OK
    show(bench_table(_row(each) for each in runs))
    if room is not None:
        most = count(room.devices, "device")
        say(f"{most} may be connected at once: {room.bound} sets the limit")
    if forecast is not None:
        why = "the set pace says so" if forecast.paced else "this machine can do no more"
        say(
            f"{count(forecast.recipients, 'recipient')} over {count(forecast.devices, 'device')}:"
            f" {roughly(forecast.seconds)}; {why}"
        )
    return ExitCode.OK


def _row(run: Throughput) -> BenchRow:
    return BenchRow(
        run.what,
        f"{run.rate:,.0f}/s",
        f"{run.coordinator * 1000:.2f} ms",
        f"{run.hosts * 1000:.2f} ms",
        f"{run.host_memory // _MEBI:,} MiB",
    )
