"""Results of benchmarks as JSON, with the machine that they are of; and two side by side."""

import json
import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.figures import Figure, amount

_WORTH_TELLING = 1.1  # times as much, or as little


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on. `load` is the mean number of busy processes in the last minute."""

    processor: str
    cores: int
    memory_mb: int
    kernel: str
    python: str
    sqlite: str
    commit: str
    load: float
    at: str


def machine() -> Machine:
    """Describe this one, as it is now."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git there is
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent,
    )  # fmt: skip
    return Machine(
        processor=names[0] if names else platform.machine(),
        cores=os.cpu_count() or 0,
        memory_mb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        kernel=platform.release(),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        commit=commit.stdout.strip(),
        load=os.getloadavg()[0],
        at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )


def as_json(before: Machine, figures: Mapping[str, Sequence[Figure]]) -> str:
    """Write figures by benchmark, and how busy the machine was before and after."""
    told = {
        "machine": asdict(before),
        "load_after": os.getloadavg()[0],
        "benchmarks": {
            name: [asdict(each) | {"ratio": each.ratio, "met": each.met} for each in found]
            for name, found in figures.items()
        },
    }
    return json.dumps(told, indent=1) + "\n"


def compared(before: str, after: str) -> Iterator[str]:
    """Tell in a line each what changed between two results; ratios where there are baselines."""
    one, two = json.loads(before), json.loads(after)
    for key in one["machine"]:
        if one["machine"][key] != two["machine"].get(key):
            yield f"{key}: {one['machine'][key]} -> {two['machine'].get(key)}"
    for name, found in two["benchmarks"].items():
        known = {each["name"]: each for each in one["benchmarks"].get(name, [])}
        for each in found:
            if (was := known.get(each["name"])) is not None:
                yield f"{name}: {each['name']}: {_change(was, each)}"


def _change(was: Mapping[str, float], now: Mapping[str, float]) -> str:
    which = "ratio" if was["ratio"] and now["ratio"] else "value"
    unit = "x" if which == "ratio" else now["unit"]
    told = f"{amount(was[which])} -> {amount(now[which])} {unit}".rstrip()
    change = now[which] / was[which] if was[which] else 1.0
    plain = 1 / _WORTH_TELLING < change < _WORTH_TELLING
    return told if plain else f"{told} ({change:.2f} times)"
