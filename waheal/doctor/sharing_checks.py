"""Checks of a ledger that machines share, and of the server that it lies on; mends nothing."""

from waheal.doctor.situation import Check, Situation
from waheal.doctor.stores import ledger
from waheal.findings import Result, fail, ok, warn
from waheal.records import JoinedMachine
from waheal.store.ledger_place import leads_elsewhere
from waheal.store.schema import VERSION

_SLOW_S = 0.02  # there and back: a turn has several of them
_OFF_S = 2.0  # hours and limits of two machines must not differ by more
_LATE_S = 60.0
_OLD_S = 600.0  # for a transaction: it keeps every dead row
_FULL = 0.8  # of the connections
_DEAD = 0.5  # of a table's rows
_FEW = 10_000
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def reach(situation: Situation) -> Result:
    """See that the server answers, how fast, and whether others could listen."""
    with ledger(situation) as found:
        way = found.server.way()
    told = f"it answers in {1000 * way.seconds:.1f} ms, {'over TLS' if way.tls else 'without TLS'}"
    if not way.tls and situation.at is not None and leads_elsewhere(situation.at):
        return warn(
            f"{told}: texts, numbers and the password are there to be read on the way",
            "let the server have a certificate, and demand it with ?sslmode=verify-full",
        )
    if way.seconds > _SLOW_S:
        return warn(
            f"{told}: each of a run's turns waits for that several times",
            "bring the server nearer to its machines",
        )
    return ok(told)


def schema(situation: Situation) -> Result:
    """See that all machines are of one version."""
    with ledger(situation) as found:
        others = [each for each in _joined(found.machines.listed()) if each.version != VERSION]
    if others:
        names = ", ".join(f"{each.name} ({each.version})" for each in others)
        return warn(
            f"the ledger is of schema {VERSION}, and these were of another when seen last: {names}",
            "bring them to the same release of waheal",
        )
    return ok(f"schema {VERSION}, on all machines")


def durability(situation: Situation) -> Result:
    """See that the server keeps what it commits."""
    with ledger(situation) as found:
        told = found.server.settings(*_DURABLE)
    off = [name for name in _DURABLE if told.get(name) == "off"]
    if off:
        return fail(
            f"{' and '.join(off)}: off; a crash of the server loses claims, and a lost claim is a"
            " message twice",
            f"set {' and '.join(off)} to on, and restart the server",
        )
    return ok(", ".join(f"{name} = {told.get(name)}" for name in _DURABLE))


def standby(situation: Situation) -> Result:
    """Tell what a failover to another server would lose."""
    with ledger(situation) as found:
        known = found.server.standbys()
    lagging = [name for name, waited_for in known.items() if not waited_for]
    if not known:
        return ok("no other server follows it, as far as this user may see")
    if len(lagging) == len(known):
        return warn(
            f"no commit waits for {', '.join(lagging)}: a failover there loses the last ones",
            "name one in synchronous_standby_names; or, after a failover, let every machine come"
            " back before anything is sent",
        )
    return ok(f"commits wait for {', '.join(name for name in known if name not in lagging)}")


def restored(situation: Situation) -> Result:
    """See that the ledger did not go back: that it knows of all that was sent."""
    with ledger(situation) as found:
        awaited = found.machines.awaited()
    if awaited:
        return fail(
            "the ledger went back, as by a restore; yet to tell what they have sent:"
            f" {', '.join(awaited)}",
            "run `waheal sync` on each of them; nobody is claimed before",
        )
    return ok("it knows of all that its machines have sent")


def clocks(situation: Situation) -> Result:
    """See that this machine's clock and the ledger's agree."""
    with ledger(situation) as found:
        ahead = found.server.ahead()
    if abs(ahead) >= _OFF_S:
        return fail(
            f"the server's clock is {abs(ahead):.1f} s {'ahead' if ahead > 0 else 'behind'}",
            "let both keep time by NTP: hours, due times and limits go by it",
        )
    return ok(f"{abs(ahead):.2f} s apart at most")


def machines(situation: Situation) -> Result:
    """Tell which machines share the ledger, and who of them is silent."""
    with ledger(situation) as found:
        known, mine = _joined(found.machines.listed()), found.machines.mine
        under_way = found.shares.under_way()
    if not known:
        return warn("no machine has joined", "run `waheal cluster join --name NAME` on each")
    busy = {machine for (machine, _), count in under_way.items() if count}
    late = [
        each.name
        for each in known
        if each.id in busy and (each.seen is None or situation.now - each.seen > _LATE_S)
    ]
    if late:
        return warn(
            f"{', '.join(late)}: not heard of, with messages in flight or in doubt",
            "start `waheal worker` there; where it is gone for good, `waheal cluster retire NAME`",
        )
    names = ", ".join(each.name + " (this home)" * (each.id == mine) for each in known)
    return ok(f"{len(known)}: {names}")


def connections(situation: Situation) -> Result:
    """See that the server has connections left."""
    with ledger(situation) as found:
        used, most = found.server.connections()
    if used > _FULL * most:
        return warn(
            f"{used} of {most} connections are used",
            "raise max_connections: a worker takes up to 8, a command 1 or 2",
        )
    return ok(f"{used} of {most} are used")


def vacuum(situation: Situation) -> Result:
    """See that the server gets rid of dead rows."""
    with ledger(situation) as found:
        oldest = found.server.oldest_transaction()
        table, dead, live = found.server.dead_rows()
    if oldest > _OLD_S:
        return warn(
            f"a transaction has been open for {oldest / 60:.0f} min: no dead row is given back",
            "end it: SELECT pid, query FROM pg_stat_activity ORDER BY xact_start",
        )
    if dead > _FEW and dead > _DEAD * (dead + live):
        return warn(
            f"most rows of {table} are dead ({dead:,} of {dead + live:,})",
            f"see that autovacuum runs; once, by hand: VACUUM ANALYZE {table}",
        )
    return ok(f"{dead:,} dead rows in {table or 'all'}")


def key(situation: Situation) -> Result:
    """See that this home has the key of all machines."""
    with ledger(situation) as found:
        if not found.machines.mine:
            return ok("this home is no machine of it")
        if not found.machines.has_its_key():
            return fail(
                "home.key is not the one of the machines that share the ledger",
                f"copy home.key of another machine into {situation.root}",
            )
    return ok("it is that of all machines")


def _joined(known: list[JoinedMachine]) -> list[JoinedMachine]:
    return [each for each in known if each.retired is None]


SHARING_CHECKS = (
    Check("cluster.reach", "server", "It answers, and nobody listens.", reach),
    Check("cluster.schema", "versions", "All machines are of one.", schema),
    Check("cluster.durability", "durability", "The server keeps what it commits.", durability),
    Check("cluster.standby", "standby", "What a failover would lose.", standby),
    Check("cluster.restored", "restores", "The ledger did not go back.", restored),
    Check("cluster.clock", "clocks", "This one and the server's agree.", clocks),
    Check("cluster.machines", "machines", "Who shares the ledger.", machines),
    Check("cluster.connections", "connections", "The server has some left.", connections),
    Check("cluster.vacuum", "dead rows", "The server gives them back.", vacuum),
    Check("cluster.key", "machines' key", "This home has it.", key),
)
"""Only where a ledger on a server is named."""
