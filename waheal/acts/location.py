"""Where a home lies unless the operator says otherwise; opens nothing."""

from pathlib import Path

import platformdirs


def default_home() -> Path:
    """Give the platform's user data folder for waheal."""
    return platformdirs.user_data_path("waheal")
