"""How long `waheal --help` takes, against importing what draws it."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Baseline, Figure, at_most, ratio_at_most
from tests.bench.measure import interleaved, run, waheal

_TIMES = 9
_LOADED = """
import sys
from waheal.cli.__main__ import main
sys.argv = ["waheal", "--help"]
try:
    main()
finally:
    print("\\n" + str("neonize" in sys.modules))
"""


def startup(place: Path, scale: float) -> Iterator[Figure]:
    """`waheal --help`, and that it does not load the library."""
    del place
    python = sys.executable
    words = [python, "-c", "import typer.rich_utils"]
    ours, theirs = interleaved(
        max(3, round(_TIMES * scale)),
        lambda: waheal("--help").seconds,
        lambda: run(words).seconds,
    )
    baseline = Baseline("import typer.rich_utils", theirs)
    yield Figure("waheal --help", ours, "s", baseline, ratio_at_most(1.5))
    loaded = run([python, "-c", _LOADED]).text.rstrip().endswith("True")
    yield Figure("neonize loaded by --help", float(loaded), "", None, at_most(0))
