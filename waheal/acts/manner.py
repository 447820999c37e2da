"""Keeps how a campaign's last run was to send, in the operator's own words; heeds none of it."""

import json

from waheal.acts.wishes import Pacing
from waheal.records import Campaign
from waheal.store.ledger import Ledger


def note_manner(ledger: Ledger, campaign: Campaign, pace: Pacing) -> None:
    """Keep the pace and the hours that a run is asked for."""
    told = {
        "rate": ", ".join(pace.rate),
        "daily": f"{pace.daily:,}" if pace.daily else None,
        "gap": pace.gap,
        "jitter": pace.jitter,
        "rate_total": pace.rate_total,
        "burst": "yes" if pace.burst else None,
        "new_chats": pace.new_chats,
        "ramp": pace.ramp,
        "per_recipient": pace.per_recipient,
        "window": pace.window,
        "days": pace.days,
        "expires": pace.expires,
    }
    asked = {name: text for name, text in told.items() if text}
    ledger.notes.set(_key(campaign), json.dumps(asked))


def manner_of(ledger: Ledger, campaign: Campaign) -> dict[str, str]:
    """Give what the last run was asked for, by the names of `Pacing`; empty where it was nothing.

    So it is, too, where no run is known: of a ledger that an earlier version wrote.
    """
    kept = ledger.notes.get(_key(campaign))
    return {} if kept is None else {str(name): str(text) for name, text in json.loads(kept).items()}


def _key(campaign: Campaign) -> str:
    return f"manner {campaign.id}"
