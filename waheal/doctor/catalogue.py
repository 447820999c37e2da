"""Every check, in the order in which they are told; knows nothing of how they look."""

from waheal.doctor import files, machine, standing, stores
from waheal.doctor.situation import Check, Situation
from waheal.findings import Result


def _descriptors(situation: Situation) -> Result:
    return machine.descriptors(standing.count(situation))


def _threads(situation: Situation) -> Result:
    return machine.threads(standing.count(situation))


CHECKS = (
    Check("python", "Python", "Python 3.11 or newer, on Linux.", machine.python),
    Check("neonize", "neonize", "The pinned neonize is installed.", machine.neonize),
    Check("client", "client version", "How old it is, for WhatsApp.", machine.client_age),
    Check("libmagic", "libmagic", "Something brings libmagic, which it needs.", machine.libmagic),
    Check(
        "ffmpeg",
        "ffmpeg",
        "It makes thumbnails of videos, waveforms of voice.",
        machine.ffmpeg,
    ),
    Check("disk", "disk space", "Room where the home lies.", machine.disk),
    Check("filesystem", "file system", "No network file system.", machine.file_system),
    Check("clock", "clock", "The clock is not behind.", machine.clock),
    Check("timezone", "time zone", "What dates without an offset mean.", machine.time_zone),
    Check("home.owner", "home", "The home is your own folder.", files.owner),
    Check("home.modes", "modes", "Nobody else may look into it.", files.modes, files.mend_modes),
    Check("home.lock", "lock", "Who holds the home.", files.lock),
    Check("config", "waheal.toml", "It can be read, and sets what there is.", files.settings),
    Check("ledger.schema", "ledger", "It is of this version.", stores.ledger_schema),
    Check("home.key", "key", "The key of the witnesses is there.", stores.key),
    Check("ledger.integrity", "ledger data", "Nothing is damaged.", stores.ledger_integrity),
    Check(
        "ledger.journal",
        "ledger journal",
        "It is in WAL mode.",
        stores.ledger_journal,
        stores.mend_ledger_journal,
    ),
    Check("ledger.size", "ledger size", "How large it is.", stores.ledger_size),
    Check(
        "sessions.private",
        "logins",
        "Nobody else can read the session database.",
        files.sessions_private,
        files.mend_sessions_private,
    ),
    Check("sessions.integrity", "session data", "Nothing is damaged.", stores.sessions_integrity),
    Check(
        "sessions.journal",
        "session journal",
        "It is in WAL mode.",
        stores.sessions_journal,
        stores.mend_sessions_journal,
    ),
    Check(
        "sessions.orphans",
        "session rows",
        "No rows of devices that are gone.",
        stores.sessions_orphans,
        stores.mend_sessions_orphans,
    ),
    Check("sessions.age", "session age", "That of the last run.", stores.sessions_age),
    Check("devices", "devices", "There is one.", standing.paired),
    Check("descriptors", "open files", "The limit, against the devices.", _descriptors),
    Check("threads", "threads", "The limit, against the devices.", _threads),
    Check("devices.session", "device logins", "Each device has its login.", standing.sessions),
    Check("devices.logged-out", "logged out", "Which are to be paired again.", standing.logged_out),
    Check(
        "devices.resting", "resting", "Banned, refused, replaced, limited.", standing.quarantined
    ),
    Check("devices.passkey", "passkeys", "Whom WhatsApp asks for one.", standing.passkeys),
    Check("devices.chats", "new chats", "Which begin none for now.", standing.new_chats),
    Check("devices.budget", "budget", "What is left of --new-chats, --ramp.", standing.budget),
    Check("devices.salt", "tokens", "Whose first messages carry one.", standing.bare),
    Check("devices.unused", "unused", "Not connected for over 10 days.", standing.unused),
    Check("devices.quota", "quota", "What is left of the daily limit.", standing.quota),
    Check("doubt", "doubt", "Messages that may have left.", standing.doubtful),
    Check("campaigns", "campaigns", "None stands still.", standing.stalled),
    # It was started before the others, and has had their time.
    Check("library", "library", "The library starts, in a process of its own.", machine.library),
)
"""The ids are stable: scripts look for them."""
