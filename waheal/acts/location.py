"""Where a home lies unless the operator says otherwise, and what is read of it before all else."""

from pathlib import Path

import platformdirs

from waheal.store.home import Home


def default_home() -> Path:
    """Give the platform's user data folder for waheal."""
    return platformdirs.user_data_path("waheal")


def config_of(root: Path) -> bytes | None:
    """Read the settings in a home; None where there are none.

    Raises:
        HomeUnusableError: it is another user's, or others may have written them.
    """
    return Home.owned(root).config()


def logs_of(root: Path) -> Path:
    """Give the folder of a home's logs, both made if need be.

    Raises:
        HomeUnusableError: it can't be used, or others can.
    """
    return Home.open(root, create=True).logs
