"""The mutants by room; it runs none."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from tests.mutants import (
    engine,
    errands,
    fleet,
    gathering,
    host,
    kinds,
    library,
    pacing,
    policy,
    reckoning,
    replies,
    store,
)
from tests.mutants.mutant import Mutant

ROOMS: Mapping[str, tuple[Mutant, ...]] = MappingProxyType(
    {
        "host": (*host.MUTANTS, *library.MUTANTS),
        "store": (*store.MUTANTS, *replies.STORE),
        "engine": (*engine.MUTANTS, *fleet.MUTANTS, *gathering.MUTANTS, *replies.ENGINE),
        "policy": (*policy.MUTANTS, *pacing.MUTANTS, *replies.POLICY),
        "errands": errands.MUTANTS,
        "kinds": kinds.MUTANTS,
        "reckoning": reckoning.MUTANTS,
    }
)


def select(names: Sequence[str]) -> Mapping[str, tuple[Mutant, ...]]:
    """Give those of a room, a module or an id that is named, by room; all where none is.

    Raises: LookupError: a name is none of these.
    """
    unknown = [name for name in names if name not in set(_known())]
    if unknown:
        raise LookupError(unknown[0])
    chosen = {
        room: tuple(
            each for each in mutants if not names or {room, each.module, each.id} & {*names}
        )
        for room, mutants in ROOMS.items()
    }
    return {room: mutants for room, mutants in chosen.items() if mutants}


def _known() -> Iterator[str]:
    for room, mutants in ROOMS.items():
        yield room
        for each in mutants:
            yield from (each.module, each.id)
