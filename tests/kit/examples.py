"""How many examples Hypothesis tries: as many as a test wants, or a share of them."""

import os

_SHARE = float(os.environ.get("WAHEAL_EXAMPLES", "1"))


def tries(wanted: int) -> int:
    """Give that share of the examples, which a first look at another Python is content with."""
    return max(1, round(wanted * _SHARE))
