"""Three examples of each command, for the top of its `--help`; knows nothing of what they do."""

from collections.abc import Sequence

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("send campaigns/demo.csv --sandbox", "rehearse: nobody real gets it"),
        ("devices pair shop-1", "link a device by its QR code"),
        ("help pace", "a page about limits and hours"),
    ),
    "send": (
        ("send news.csv --test-to +447700900123", "one text, to your phone"),
        ("send news.csv --rate 20/min", "send, or go on"),
        ("send news.csv --sandbox", "rehearse it"),
    ),
    "check": (
        ("check news.csv", "each problem, and a preview"),
        ("check news.csv --rate 20/min", "how long it takes at that pace"),
        ("check news.csv --rejected bad.csv", "the rows with problems"),
    ),
    "status": (
        ("status", "all campaigns"),
        ("status news", "one of them"),
        ("status news --json", "the same for a program"),
    ),
    "stop": (
        ("stop", "what is in flight finishes first"),
        ("stop --home /srv/waheal", "the run of that home"),
        ("stop --sandbox", "a rehearsal"),
    ),
    "resolve": (
        ("resolve news --accept", "take those in doubt as sent"),
        ("resolve news --resend", "send to those in doubt once more"),
        ("resolve news --resend --failed", "try those that failed again"),
    ),
    "sync": (
        ("sync", "listen for a minute"),
        ("sync --for 10m", "listen for longer"),
        ("sync --devices shop-1,shop-2", "to these devices only"),
    ),
    "replies": (
        ("replies news", "who replied, and what"),
        ("replies --new", "what came since the last look"),
        ("replies --follow", "go on with what comes, beside a run"),
    ),
    "report": (
        ("report news", "a summary"),
        ("report news --html news.html", "a page of its own"),
        ("report news --by text", "compare the variants of a column"),
    ),
    "export": (
        ("export news --output news-done.csv", "one row a recipient"),
        ("export news --state failed,uncertain", "those with trouble"),
        ("export news --json", "for a program"),
    ),
    "cluster": (
        ("cluster", "who shares the ledger, and what they are at"),
        ("cluster init", "make the ledger, once"),
        ("cluster join --name paris", "this home is a machine of it now"),
    ),
    "cluster status": (
        ("cluster", "the same"),
        ("cluster status", "machines, and open orders"),
        ("cluster status --json", "for a program"),
    ),
    "cluster join": (
        ("cluster join --name paris", "with its devices"),
        ("cluster join --name lyon --home /srv/lyon", "another home"),
        ("cluster join --name paris --json", "for a program"),
    ),
    "cluster schedule": (
        ("cluster schedule news.csv --cron '0 9 * * *'", "daily at nine"),
        ("cluster", "when next, and the last"),
        ("cluster unschedule news", "no more"),
    ),
    "cluster unschedule": (
        ("cluster unschedule news", "it is ordered no more"),
        ("stop news", "end what is under way"),
        ("cluster", "which are left"),
    ),
    "cluster retire": (
        ("cluster retire paris", "it is gone for good"),
        ("cluster retire paris --json", "for a program"),
        ("cluster", "which there are"),
    ),
    "cluster try": (
        ("cluster try campaigns/demo.csv", "two machines on this one"),
        ("cluster try news.csv", "your own campaign, to nobody real"),
        ("cluster try news.csv --json", "for a program"),
    ),
    "worker": (
        ("worker", "do what is ordered, until it is stopped"),
        ("worker --quiet", "under systemd"),
        ("worker --trust trust.json", "of a sandbox that runs"),
    ),
    "cluster init": (
        ("cluster init", "where WAHEAL_LEDGER says"),
        ("cluster init --ledger postgresql:///waheal", "on this machine"),
        ("cluster init --json", "for a program"),
    ),
    "devices": (
        ("devices list", "those that need you come first"),
        ("devices pair shop-1", "link a device"),
        ("devices pause shop-1", "send nothing more through it"),
    ),
    "recall": (
        ("recall spring", "all that it sent"),
        ("recall spring --phone +447700900123", "from one recipient"),
        ("recall spring --device shop-1", "what shop-1 sent"),
    ),
    "amend": (
        ("amend spring --message 'At 9, not 8.'", "the same for everybody"),
        ("amend spring --template new.txt", "with each row's own words"),
        ("amend spring --message 9 --device shop-1", "what shop-1 sent"),
    ),
    "devices list": (
        ("devices list", "those that need you come first"),
        ("devices list --state quarantined", "only those that are out"),
        ("devices list --needs-me", "only those that wait for you"),
    ),
    "devices pair": (
        ("devices pair shop-1", "by a QR code"),
        ("devices pair shop-1 shop-2 --qr-file code.png", "as a picture"),
        ("devices pair shop-1 --code +447700900123", "by a code typed there"),
    ),
    "devices import": (
        ("devices import other.db", "the sessions of another program"),
        ("devices list", "which came along"),
        ("doctor --connect", "which of them answer"),
    ),
    "devices rename": (
        ("devices rename shop-1 front-desk", "its history comes along"),
        ("devices list --match front-desk", "look at it"),
        ("devices pause front-desk", "and so on"),
    ),
    "devices move": (
        ("devices move shop-1 --to lyon", "where it is, with no worker"),
        ("devices import shop-1.session", "on lyon"),
        ("devices list --match shop-1", "whose it is"),
    ),
    "devices remove": (
        ("devices remove shop-1", "log it out, and forget it"),
        ("devices remove shop-1 --keep-session", "leave it logged in"),
        ("devices remove --match 'old-*'", "several: asks first"),
    ),
    "devices pause": (
        ("devices pause shop-1", "also while a run is under way"),
        ("devices pause --match 'shop-*'", "several"),
        ("devices resume shop-1", "use it again"),
    ),
    "devices resume": (
        ("devices resume shop-1", "use it again"),
        ("devices resume --all", "all of them"),
        ("devices list --state quarantined", "who is out, and why"),
    ),
    "suppress": (
        ("suppress add +447700900123", "write to them no more"),
        ("suppress import opted-out.csv", "a whole list"),
        ("suppress list", "who, since when, and who said so"),
    ),
    "suppress add": (
        ("suppress add +447700900123", "in any spelling"),
        ("suppress add 07700900123 --region GB", "without its country code"),
        ("suppress add +447700900123 +447700900124", "several"),
    ),
    "suppress remove": (
        ("suppress remove +447700900123", "allow them again"),
        ("suppress remove 07700900123 --region GB", "without its country code"),
        ("suppress list", "who is left"),
    ),
    "suppress list": (
        ("suppress list", "who, since when, and who said so"),
        ("suppress list --json", "the same for a program"),
        ("suppress export --output stop.csv", "the same as a list"),
    ),
    "suppress import": (
        ("suppress import opted-out.csv", "any list with a phone column"),
        ("suppress import list.xlsx --sheet Out", "a sheet of a workbook"),
        ("suppress import old.csv --region GB", "of that country"),
    ),
    "suppress export": (
        ("suppress export", "as CSV on stdout"),
        ("suppress export --output stop.csv", "to a file"),
        ("suppress import stop.csv --home /srv/other", "into another home"),
    ),
    "suppress forget": (
        ("suppress forget +447700900123", "erase them"),
        ("suppress forget 07700900123 --region GB", "without its country code"),
        ("suppress list", "an opt-out stays"),
    ),
    "doctor": (
        ("doctor", "look at machine and home, offline"),
        ("doctor --fix", "mend what can be mended"),
        ("doctor --connect", "log every device in, and say who answers"),
    ),
    "bench": (
        ("bench", "how fast, and with what"),
        ("bench --paired 100 --messages 2000", "with more of both"),
        ("bench --recipients 90000 --over 300", "how long that takes"),
    ),
    "config": (
        ("config", "each value, and its source"),
        ("config --home /srv/waheal", "those of that home"),
        ("config --json", "the same for a program"),
    ),
    "sandbox": (
        ("send campaigns/demo.csv --sandbox", "a rehearsal"),
        ("sandbox phones +12025550100", "what that phone received"),
        ("sandbox reply +12025550100 sandbox-1 STOP", "it opts out"),
    ),
    "sandbox serve": (
        ("sandbox serve --trust-file t.json", "until Ctrl-C"),
        ("sandbox serve --devices 3 --trust-file t.json", "with three devices"),
        ("send news.csv --trust t.json", "send against it"),
    ),
    "sandbox scan": (
        ("sandbox scan 'QR TEXT' --sandbox", "a new phone"),
        ("sandbox scan 'QR TEXT' --phone +12025550100 --sandbox", "this one"),
        ("sandbox scan ABCD1234 --phone +12025550100 --sandbox", "by code"),
    ),
    "sandbox phones": (
        ("sandbox phones --sandbox", "what all of them received"),
        ("sandbox phones +12025550100 --sandbox", "what one of them did"),
        ("sandbox phones --json --sandbox", "the same for a program"),
    ),
    "sandbox vote": (
        ("sandbox vote +15035550189 Today --sandbox", "one option"),
        ("sandbox vote +15035550189 Yes Perhaps --sandbox", "two"),
        ("sandbox vote +15035550189 --sandbox", "none any more"),
    ),
    "sandbox reply": (
        ("sandbox reply +12025550100 sandbox-1 STOP", "opt-out"),
        ("sandbox reply +12025550100 sandbox-1 'Thanks!'", "no opt-out"),
        ("sandbox reply +12025550100 sandbox-1 STOP --by-lid", "by LID"),
    ),
    "help": (
        ("help", "which pages there are"),
        ("help exit-codes", "one of them"),
        ("help --html waheal.html", "all of them, for a browser"),
    ),
}
"""By the command's words: what is typed after `waheal`, and what that does."""


def with_examples(words: Sequence[str], text: str) -> str:
    """Give a command's help text: what it does, its examples, and the rest of it."""
    first, _, rest = text.partition("\n\n")
    shown = EXAMPLES[" ".join(words)]
    width = max(len(typed) for typed, _ in shown)
    lines = [f"  waheal {typed:{width}}  {does}" for typed, does in shown]
    return "\n\n".join(part for part in (first, "\b\n" + "\n".join(lines), rest) if part)


def without_examples(text: str) -> str:
    """Give the help text that `with_examples` was given."""
    return "\n\n".join(part for part in text.split("\n\n") if not part.startswith("\b"))
