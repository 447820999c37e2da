"""`python -m tests.conformance FILE`: what a recording's server says and the sandbox never said."""

import sys
from pathlib import Path

from tests.conformance.recordings import SANDBOX, read, shapes


def main() -> None:
    """Print each shape once; ends with 1 if there is any."""
    (file,) = sys.argv[1:]
    unknown = sorted(shapes(read(Path(file))) - shapes(read(SANDBOX)))
    sys.stdout.write("".join(f"{shape}\n" for shape in unknown))
    raise SystemExit(1 if unknown else 0)


if __name__ == "__main__":
    main()
