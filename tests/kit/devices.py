"""Devices as the ledger lists them, made by hand."""

from waheal.model import DeviceId, DeviceState
from waheal.records import Device


def device(
    label: str,
    state: DeviceState = DeviceState.READY,
    *,
    reason: str | None = None,
    until: float | None = None,
    last: float | None = None,
    sent: int = 0,
) -> Device:
    """Make a device that was never paired with anything."""
    return Device(
        DeviceId(label), None, None, state, reason, until, last, sent, None,
        paused=state is DeviceState.PAUSED,
    )  # fmt: skip


OUT = (
    device("berlin-02", DeviceState.QUARANTINED, reason="banned", until=2000.0),
    device("berlin-03", DeviceState.PAUSED),
)
"""One that rests, and one that the operator paused."""
