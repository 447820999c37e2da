"""`waheal cluster`: several machines with one ledger."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from shlex import quote
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from waheal.acts import cluster as acts
from waheal.acts.cluster import ClusterStatus, MachineShare, OrderStanding
from waheal.acts.trying import ClusterTry
from waheal.acts.wishes import Pacing
from waheal.cli import options as o
from waheal.cli.console import say, show, write_json, write_json_line, write_lines
from waheal.cli.ordering import asked_of
from waheal.cli.scene import scene_of
from waheal.cli.send import follow
from waheal.documents import moment
from waheal.model import ExitCode
from waheal.order_records import OrderPart, RepeatedOrder
from waheal.views.tables import machines_table, orders_table, schedules_table
from waheal.views.words import ago, count

Name = Annotated[str, typer.Argument(help="The machine's name, as waheal cluster shows it.")]
Cron = Annotated[
    str,
    typer.Option(
        "--cron", help="When: minute, hour, day, month and weekday, such as '0 9 * * 1-5'."
    ),
]


def init(context: typer.Context) -> int:
    """Make the ledger that machines will share, in a database of PostgreSQL's.

    Once for all of them, and again after an upgrade of waheal; what is in it stays.
    """
    here = scene_of(context)
    made = acts.initialise(here.workspace)
    if here.json:
        write_json(
            {
                "ledger": str(made.at),
                "new": made.new,
                "roles": list(made.roles),
                "to_run": list(made.left),
            }
        )
    elif here.talks:
        say(
            f"made the ledger in {made.at}"
            if made.new
            else f"the ledger in {made.at} is of this version"
        )
        if made.roles:
            say(
                f"{' and '.join(made.roles)} may use it: the first sends, the second only looks;"
                " give each a password with \\password in psql, and let pg_hba.conf let them in"
            )
        else:
            say("this user may make no others; let who may run this, for machines to use it:")
            write_lines(f"{each};" for each in made.left)
    return ExitCode.OK


def join(context: typer.Context, name: o.MachineName) -> int:
    """Make this home a machine of the shared ledger, with its devices and opt-outs.

    Its campaigns stay in the home's own file, which is used no more.
    """
    here = scene_of(context)
    joined = acts.join(here.workspace, name)
    if here.json:
        write_json(
            {
                "machine": joined.machine.name,
                "devices": joined.devices,
                "opt_outs": joined.opt_outs,
                "campaigns_left": joined.left,
            }
        )
    elif here.talks:
        brought = f"{count(joined.devices, 'device')}, {count(joined.opt_outs, 'opt-out')}"
        say(f"this home is {joined.machine.name} now; it brought along: {brought}")
        if joined.left:
            say(f"{count(joined.left, 'campaign')} stay in its own file, which is used no more")
    return ExitCode.OK


def retire(context: typer.Context, name: Name) -> int:
    """Give up a machine that is gone for good; what it had in flight may then be resolved.

    Where it still runs, it writes nothing more, and ends.
    """
    here = scene_of(context)
    retired = acts.retire(here.workspace, name)
    if here.json:
        write_json(
            {
                "machine": retired.machine.name,
                "devices": retired.devices,
                "freed": retired.freed,
                "uncertain": retired.uncertain,
            }
        )
    elif here.talks:
        say(
            f"{name} is given up with {count(retired.devices, 'device')};"
            f" {count(retired.freed, 'recipient')} may be written to by others"
        )
        if retired.uncertain:
            say(f"{count(retired.uncertain, 'message')} of it may have left: see `waheal status`")
    return ExitCode.OK


def schedule(context: typer.Context, cron: Cron) -> int:
    """Order a campaign at the times of a cron expression, whichever machines live.

    Each time a worker that has the file, under this path, reads it anew, and all machines send to
    whoever has not got it. The times are of this machine's zone.
    """
    from waheal.acts import scheduling  # noqa: PLC0415 - it loads all that sends

    here = scene_of(context)
    kept = scheduling.schedule(here.workspace, asked_of(context).order, cron)
    name, zone = kept.schedule.campaign, kept.schedule.zone
    if here.json:
        write_json({"campaign": name, "zone": zone, "next": moment(kept.next_at)})
    elif here.talks:
        say(f"{name} is ordered next on {_at(kept.next_at, zone)} ({zone})")
        if not kept.file.is_file():
            say(f"there is no {kept.file} here: a machine that has it then will read it")
    return ExitCode.OK


def unschedule(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The campaign, as waheal cluster shows it.")],
) -> int:
    """Order a campaign at no more times; what is under way goes on."""
    from waheal.acts import scheduling  # noqa: PLC0415 - as in schedule

    here = scene_of(context)
    scheduling.unschedule(here.workspace, name)
    if here.json:
        write_json({"campaign": name})
    elif here.talks:
        say(f"{name} is ordered no more; `waheal stop {quote(name)}` ends what is under way")
    return ExitCode.OK


def try_out(context: typer.Context, campaign: o.CampaignFile) -> int:
    """Try several machines on this one: a PostgreSQL, two homes, a sandbox; nobody real gets it.

    Both machines' devices send the campaign, by one order. All of it is gone afterwards.
    """
    here = scene_of(context)
    with ClusterTry(campaign) as trying:
        for stage in trying.stages():
            if here.talks:
                say(stage)
        sending = trying.sending()
        code = follow(here, sending, Pacing(), ask=False, show_numbers=False, passing=True)
        did = trying.did()
    if here.json:
        write_json_line({"event": "tried", "machines": [asdict(each) for each in did]})
    elif not here.quiet:
        for each in did:
            devices = count(each.devices, "device")
            say(f"{each.machine} sent {count(each.sent, 'message')} through {devices}")
        say("next: do it with machines of your own: `waheal help cluster`")
    return code


def cluster_status(context: typer.Context) -> int:
    """Which machines share the ledger, what each has under way, and which orders are open."""
    here = scene_of(context)
    found = acts.overview(here.workspace)
    if here.json:
        write_json(_document(found))
        return ExitCode.OK
    show(
        machines_table(
            (
                each.machine.name + (" (this home)" if each.machine.id == found.mine else ""),
                each.machine.host,
                f"{each.devices:,}",
                f"{each.in_flight:,}",
                f"{each.in_doubt:,}",
                "given up" if each.machine.retired else ago(each.machine.seen, found.now),
            )
            for each in found.machines
        )
    )
    if found.orders:
        names = {each.machine.id: each.machine.name for each in found.machines}
        show(
            orders_table(
                (
                    each.order.campaign,
                    ago(each.order.placed, found.now),
                    f"{each.to_go:,}",
                    ", ".join(f"{names[part.machine]}: {_how(part)}" for part in each.parts),
                )
                for each in found.orders
            )
        )
    if found.schedules:
        names = {each.machine.id: each.machine.name for each in found.machines}
        show(schedules_table(_times(each, names, found.now) for each in found.schedules))
    return ExitCode.OK


def _times(kept: RepeatedOrder, names: Mapping[int, str], now: float) -> tuple[str, ...]:
    """Word when a campaign is ordered, and how that went the last time."""
    from waheal.acts.crontab import next_of  # noqa: PLC0415 - of the extra
    from waheal.acts.scheduling import file_of, missed  # noqa: PLC0415 - as in schedule

    last = "never"
    if kept.tick is not None:
        by = names.get(kept.machine or 0, "a machine that was given up")
        last = f"{_at(kept.tick, kept.zone)} by {by}: {kept.told or 'under way'}"
    if (gone := missed(kept, now)) is not None:
        last = f"{_at(gone, kept.zone)}: no machine at work had {file_of(kept)}"
    coming = _at(next_of(kept.cron, kept.zone, now), kept.zone)
    return kept.campaign, f"{kept.cron} ({kept.zone})", coming, last


def _at(at: float, zone: str) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


def _how(part: OrderPart) -> str:
    if part.ended is not None:
        return part.reason or "done"
    return "waits" if part.began is None else f"at work, {part.claimed:,} claimed"


def _document(found: ClusterStatus) -> dict[str, object]:
    names = {each.machine.id: each.machine.name for each in found.machines}
    return {
        "ledger": str(found.at),
        "machine": names.get(found.mine),
        "machines": [_machine(each) for each in found.machines],
        "orders": [_order(each, names) for each in found.orders],
        "schedules": [_schedule(each, names, found.now) for each in found.schedules],
    }


def _schedule(kept: RepeatedOrder, names: Mapping[int, str], now: float) -> dict[str, object]:
    from waheal.acts.crontab import next_of  # noqa: PLC0415 - of the extra
    from waheal.acts.scheduling import file_of, missed  # noqa: PLC0415 - as in schedule

    gone = missed(kept, now)
    return {
        "campaign": kept.campaign,
        "file": str(file_of(kept)),
        "cron": kept.cron,
        "zone": kept.zone,
        "next": moment(next_of(kept.cron, kept.zone, now)),
        "last": None if kept.tick is None else moment(kept.tick),
        "machine": names.get(kept.machine or 0),
        "exit_code": kept.code,
        "told": kept.told,
        "missed": None if gone is None else moment(gone),
    }


def _machine(each: MachineShare) -> dict[str, object]:
    machine = each.machine
    return {
        "machine": machine.name,
        "home": machine.host,
        "devices": each.devices,
        "in_flight": each.in_flight,
        "in_doubt": each.in_doubt,
        "seen": None if machine.seen is None else moment(machine.seen),
        "retired": machine.retired is not None,
    }


def _order(each: OrderStanding, names: dict[int, str]) -> dict[str, object]:
    return {
        "order": each.order.id,
        "campaign": each.order.campaign,
        "placed": moment(each.order.placed),
        "to_go": each.to_go,
        "stopped": each.order.stopped,
        "machines": [
            {
                "machine": names.get(part.machine),
                "state": "done" if part.ended else "at work" if part.began else "waits",
                "claimed": part.claimed,
                "exit_code": part.code,
                "reason": part.reason,
            }
            for part in each.parts
        ],
    }
