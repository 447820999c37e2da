"""The benchmarks by name; it measures nothing."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.bench.ahead import ahead
from tests.bench.beside import beside
from tests.bench.crowd import crowd
from tests.bench.demo import demo
from tests.bench.devices import devices
from tests.bench.engine import engine
from tests.bench.fair import fair
from tests.bench.faults import faults
from tests.bench.figures import Figure
from tests.bench.heal import heal
from tests.bench.judging import judging
from tests.bench.ledger import ledger
from tests.bench.many import many
from tests.bench.overhear import overhear
from tests.bench.pace import pace
from tests.bench.reporting import reporting
from tests.bench.rows import rows
from tests.bench.size import size
from tests.bench.startup import startup
from tests.bench.steady import steadiest, steady
from tests.bench.stops import stops
from tests.bench.throughput import throughput
from tests.bench.words import words
from tests.bench.workbook import workbook

Benchmark = Callable[[Path, float], Iterator[Figure]]
"""Takes an empty folder and a scale: 1 for the size that the targets speak of."""

BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            startup, demo, rows, judging, workbook, engine, fair, throughput, heal, faults, devices,
            ledger, beside, many, overhear, pace, steady, steadiest, crowd, ahead, reporting, words,
            size, stops,
        )
    }
)  # fmt: skip


def purpose(benchmark: Benchmark) -> str:
    """Tell what it measures, in a line."""
    return (benchmark.__doc__ or "").partition("\n")[0]
