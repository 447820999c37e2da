"""Who may write to whom: a pin is never broken, a contact's bond as far as the operator says."""


def others_may(*, gone: bool, sticky: bool, failover: bool) -> bool:
    """Whether other devices may write to those to whom this device wrote before.

    `gone`: it can't be used, or takes no part, in contrast to one that only rests. Recipients
    that the campaign pins to a device are its alone, whatever this says.
    """
    return not sticky or (gone and failover)
