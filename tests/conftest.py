"""What holds for the tests of every tier."""

from hypothesis import HealthCheck, settings

# A machine that is busy takes its time, over an example as over making it; neither is a failure.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
