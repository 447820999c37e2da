"""Every option of every command, said once; knows nothing of what the commands do with them.

Each that is a setting can also be set as `WAHEAL_<NAME>` in the environment, or as its name in
`waheal.toml`. What does one thing at one time is none: as a default it would do harm.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, get_args, get_origin

import typer
from typer.models import OptionInfo

from waheal.cli.sources import key_of, load_file, read_home, settle
from waheal.errors import WahealError
from waheal.model import MessageKind, State

CAMPAIGN = "The campaign"
DEVICES = "Devices"
PACE = "Pace and hours"
ENDING = "When to stop"
TARGET = "A local WhatsApp instead of the real one"
COMMON = "Everywhere"
_PHONES = 9_000  # there are no more numbers that are nobody's


def variable(name: str) -> str:
    """Give the environment variable of an option such as `--max-open`."""
    return "WAHEAL_" + name.removeprefix("--").replace("-", "_").upper()


def _option(
    name: str,
    help_text: str,
    panel: str | None = None,
    *,
    key: str | None = None,
    setting: bool = True,
    offers: Callable[[], list[str]] | None = None,
    least: int | None = None,
    most: int | None = None,
) -> OptionInfo:
    """Say an option; one that is no `setting` is said on the command line or not at all."""
    option: OptionInfo = typer.Option(
        name,
        help=help_text,
        envvar=variable(key or name.partition("/")[0]) if setting else None,
        autocompletion=offers,
        show_envvar=False,  # `waheal help settings` says it once
        min=least,
        max=most,
        rich_help_panel=panel,
    )
    return option


def _settled(context: typer.Context, home: Path | None) -> Path:
    root = settle(home)
    load_file(context, root, known() - {"home"})
    return root


def _settled_whatever_it_sets(context: typer.Context, home: Path | None) -> Path:
    # Doctor has a check of its own for the file.
    with contextlib.suppress(WahealError):
        return _settled(context, home)
    return settle(home)


def _home_option(callback: Callable[[typer.Context, Path | None], Path]) -> OptionInfo:
    option: OptionInfo = typer.Option(
        "--home",
        help="Folder of the ledger and the sessions; by default the platform's user data folder.",
        envvar=variable("--home"),
        show_envvar=False,
        is_eager=True,  # its waheal.toml holds defaults of all the others
        callback=callback,
        parser=read_home,
        metavar="PATH",
        show_default=False,
        rich_help_panel=COMMON,
    )
    return option


Home = Annotated[Path | None, _home_option(_settled)]
HomeAsItIs = Annotated[Path | None, _home_option(_settled_whatever_it_sets)]
LedgerAt = Annotated[
    str | None,
    _option("--ledger", "Keep it in this database: postgresql://USER@HOST/NAME.", COMMON),
]
LedgerPlain = Annotated[
    bool, _option("--ledger-plain", "Trust the network to it, without TLS.", COMMON)
]
Json = Annotated[bool, _option("--json", "Print JSON on stdout and nothing else.", COMMON)]
Quiet = Annotated[bool, _option("--quiet", "Say nothing but errors.", COMMON)]
Verbose = Annotated[bool, _option("--verbose", "Say more on stderr.", COMMON)]

Sandbox = Annotated[
    bool, _option("--sandbox", "Use the embedded sandbox, kept in HOME/sandbox.", TARGET)
]
SandboxDevices = Annotated[
    int,
    _option(
        "--sandbox-devices", "Devices to pair with the sandbox.", TARGET, least=1, most=_PHONES
    ),
]
Trust = Annotated[
    Path | None, _option("--trust", "Attach to the local server that this file names.", TARGET)
]

ClientVersion = Annotated[
    str | None,
    _option("--client-version", "WhatsApp Web's version to announce: 2.3000.N.", TARGET),
]

CampaignFile = Annotated[Path, typer.Argument(help="The campaign: a CSV or .xlsx file.")]
Name = Annotated[
    str | None, _option("--name", "The campaign's name; by default the file's stem.", CAMPAIGN)
]
Message = Annotated[
    str | None, _option("--message", "The text, where the file has no message column.", CAMPAIGN)
]
Template = Annotated[
    Path | None, _option("--template", "The same from a file (UTF-8, Jinja2).", CAMPAIGN)
]
Kind = Annotated[
    str | None,
    _option(
        "--kind",
        "What rows without a kind cell send, such as voice.",
        CAMPAIGN,
        offers=lambda: [*MessageKind],
    ),
]
MediaFile = Annotated[
    Path | None, _option("--media", "Attach this file; the text is its caption.", CAMPAIGN)
]
MediaRoot = Annotated[
    Path | None,
    _option("--media-root", "Folder that media cells may name files in; else the CSV's.", CAMPAIGN),
]
LinkPreview = Annotated[
    str | None,
    _option("--preview", "TOML of the preview of links: title, text, picture.", CAMPAIGN),
]
FetchPreview = Annotated[
    bool, _option("--fetch-preview", "Make it of the address in --preview, once.", CAMPAIGN)
]
NoPreview = Annotated[bool, _option("--no-preview", "Links have no preview.", CAMPAIGN)]
Region = Annotated[
    str | None, _option("--region", "Country of numbers without a code, such as US.", CAMPAIGN)
]
PhoneColumn = Annotated[
    str | None, _option("--phone-column", "Header of the column with the numbers.", CAMPAIGN)
]
International = Annotated[
    bool,
    _option("--international", "Every number has its country code, if no +.", CAMPAIGN),
]
MessageColumn = Annotated[
    str | None, _option("--message-column", "Header of the column with the texts.", CAMPAIGN)
]
NoMessageColumn = Annotated[
    bool, _option("--no-message-column", "A column called message is no text.", CAMPAIGN)
]
Encoding = Annotated[
    str | None, _option("--encoding", "The file's encoding, such as windows-1251.", CAMPAIGN)
]
Zone = Annotated[
    str | None,
    _option("--zone", "Zone of rows without a zone cell: Asia/Omsk.", CAMPAIGN),
]
Sheet = Annotated[
    str | None, _option("--sheet", "Sheet of a workbook, by name; else the first shown.", CAMPAIGN)
]
HiddenRows = Annotated[
    bool, _option("--hidden-rows", "Take rows that the workbook hides or filters out.", CAMPAIGN)
]
SkipBadRows = Annotated[
    bool, _option("--skip-bad-rows", "Leave rows with problems out instead of refusing.", CAMPAIGN)
]
RequireConsent = Annotated[
    bool, _option("--require-consent", "An empty consent cell suppresses its row too.", CAMPAIGN)
]
OptOutFooter = Annotated[
    str | None, _option("--opt-out-footer", "Line under each text, such as: Reply STOP.", CAMPAIGN)
]
Same = Annotated[
    bool,
    _option(
        "--same", "Go on with the campaign though its file has moved.", CAMPAIGN, setting=False
    ),
]
TestTo = Annotated[
    str | None,
    _option("--test-to", "Send the first recipient's text to this number only.", CAMPAIGN),
]
DryRun = Annotated[bool, _option("--dry-run", "Say what would be sent; send nothing.", CAMPAIGN)]
Yes = Annotated[bool, _option("--yes", "Go ahead without asking first.", CAMPAIGN)]
ShowNumbers = Annotated[
    bool, _option("--show-numbers", "Write whole numbers into the log.", CAMPAIGN)
]

Devices = Annotated[
    str | None, _option("--devices", "Use these only, such as a,b or shop-*.", DEVICES)
]
Senders = Annotated[
    str, _option("--senders", "Threads that send in a host process, or auto.", DEVICES)
]
Hosts = Annotated[str, _option("--hosts", "Host processes, about one a core; or auto.", DEVICES)]
MaxOpen = Annotated[str, _option("--max-open", "Devices connected at once, or auto.", DEVICES)]
Sticky = Annotated[
    bool,
    _option("--sticky/--no-sticky", "Write from the number a recipient knows.", DEVICES),
]
Failover = Annotated[
    bool,
    _option(
        "--failover/--no-failover",
        "Use another device when that one is out.",
        DEVICES,
    ),
]

Rate = Annotated[
    list[str],
    _option("--rate", "Limit of a device, such as 20/min or 200/h; may be repeated.", PACE),
]
Daily = Annotated[
    int | None, _option("--daily", "Messages of a device in 24 hours, such as 200.", PACE, least=1)
]
NewChats = Annotated[
    str | None, _option("--new-chats", "Chats that a device may begin: 30/day.", PACE)
]
Ramp = Annotated[
    str | None,
    _option("--ramp", "Let that grow with the device's age: 20..200/14d.", PACE),
]
Gap = Annotated[
    str | None, _option("--gap", "Least time between a device's messages, such as 3s.", PACE)
]
Jitter = Annotated[
    str | None, _option("--jitter", "Longer gaps at random by up to this share: 50%.", PACE)
]
RateTotal = Annotated[
    str | None, _option("--rate-total", "Limit over all devices, such as 300/min.", PACE)
]
Burst = Annotated[
    bool,
    _option("--burst", "Let a rate's N go at once, in place of spreading them.", PACE),
]
PerRecipient = Annotated[
    str | None, _option("--per-recipient", "Most for one number in all campaigns: 2/7d.", PACE)
]
Window = Annotated[
    str | None, _option("--window", "Hours in the recipient's zone: 09:00-18:00.", PACE)
]
Days = Annotated[str | None, _option("--days", "Days in the recipient's zone: mon-fri.", PACE)]
Expires = Annotated[
    str | None, _option("--expires", "Send nothing after this date: 2026-12-24T18:00.", PACE)
]

Start = Annotated[
    str | None, _option("--start", "Begin at this time: 2026-12-01T09:00, or 09:00.", PACE)
]

Limit = Annotated[
    int | None, _option("--limit", "Send at most N messages in this run.", ENDING, least=1)
]
MaxRuntime = Annotated[
    str | None, _option("--max-runtime", "Drain and end after this time: 2h.", ENDING)
]
Until = Annotated[str | None, _option("--until", "Drain and end at this time: 17:30.", ENDING)]
PauseAfterErrors = Annotated[
    str | None,
    _option("--pause-after-errors", "Stop at this share of final failures: 20%.", ENDING),
]
MaxTries = Annotated[
    int, _option("--max-tries", "Refusals before a recipient is failed.", ENDING, least=1)
]
MaxWait = Annotated[
    str,
    _option("--max-wait", "End instead of waiting longer than this.", ENDING),
]

LedgerWait = Annotated[
    str,
    _option("--ledger-wait", "Wait so long for a lost ledger in PostgreSQL.", ENDING),
]

StopWords = Annotated[
    list[str],
    _option("--stop-words", "One more reply that opts out; may be repeated.", CAMPAIGN),
]
StartWords = Annotated[
    list[str],
    _option("--start-words", "One more reply that opts in again; may be repeated.", CAMPAIGN),
]

KeepReplies = Annotated[
    bool, _option("--keep-replies", "Keep what replies say, not only that they came.", CAMPAIGN)
]

Detach = Annotated[
    bool,
    _option("--detach", "Leave it to the machines' workers; do not watch.", ENDING, setting=False),
]

Metrics = Annotated[
    Path | None,
    _option("--metrics", "Write how the run stands to this file, as OpenMetrics.", ENDING),
]
OnEnd = Annotated[
    str | None,
    _option("--on-end", "Run this command once it is over; see waheal help cron.", ENDING),
]

# check
Rejected = Annotated[
    Path | None,
    _option(
        "--rejected",
        "Write the rows with problems to this file, in their own dialect.",
        setting=False,
    ),
]
EachProblem = Annotated[
    bool, _option("--all", "Each problem and warning in a line of its own.", setting=False)
]

# resolve
Resend = Annotated[
    bool, _option("--resend", "Send to them once more at the next run.", setting=False)
]
Accept = Annotated[bool, _option("--accept", "Take them as sent.", setting=False)]
Uncertain = Annotated[bool, _option("--uncertain", "Those that may have left.", setting=False)]
Failed = Annotated[bool, _option("--failed", "Those that failed.", setting=False)]
Unreadable = Annotated[
    bool, _option("--unreadable", "Those whose phone could not open it.", setting=False)
]
PhoneNumber = Annotated[str | None, _option("--phone", "This recipient only.", setting=False)]

# cluster
MachineName = Annotated[str, _option("--name", "What this machine is called.", setting=False)]
ToMachine = Annotated[str, _option("--to", "The machine that gets it.", setting=False)]

# recall, amend
OfDevice = Annotated[
    str | None,
    _option("--device", "What these sent only, such as a,b or shop-*.", setting=False),
]
OfState = Annotated[
    str | None,
    _option(
        "--state",
        "Only where it is sent, delivered, read or uncertain; several with commas.",
        setting=False,
        offers=lambda: ["sent", "delivered", "read", "uncertain"],
    ),
]
NewText = Annotated[str | None, _option("--message", "What they are to say now.", setting=False)]
NewTemplate = Annotated[
    Path | None, _option("--template", "The same from a file (UTF-8, Jinja2).", setting=False)
]

# status
Watch = Annotated[bool, _option("--watch", "Look again every two seconds.", setting=False)]

# sync, report, export
For = Annotated[str, _option("--for", "How long to listen, such as 60s.")]
Html = Annotated[
    Path | None, _option("--html", "Write a page of its own to this file.", setting=False)
]
By = Annotated[
    str | None,
    _option("--by", "Compare the values of this column of the file.", setting=False),
]
WholeNumbers = Annotated[
    bool,
    _option("--show-numbers", "Whole numbers of recipients, on a page too.", key="show-numbers"),
]
ForClient = Annotated[
    bool,
    _option("--for-client", "A page without commands, devices and numbers.", setting=False),
]
States = Annotated[
    str | None,
    _option(
        "--state",
        "Only these, such as failed,uncertain.",
        setting=False,
        offers=lambda: [state.value for state in State],
    ),
]
Format = Annotated[str, _option("--format", "csv or json.", offers=lambda: ["csv", "json"])]
Output = Annotated[
    Path | None, _option("--output", "Write to this file instead of stdout.", setting=False)
]

# replies
New = Annotated[bool, _option("--new", "Only those that came since the last --new.", setting=False)]
Follow = Annotated[
    bool, _option("--follow", "Go on with those that come, until Ctrl-C.", setting=False)
]
Forget = Annotated[
    bool, _option("--forget", "Erase the texts; that they replied is kept.", setting=False)
]

# devices
Code = Annotated[
    str | None,
    _option("--code", "Pair by a code typed on the phone with this number.", setting=False),
]
QrFile = Annotated[
    Path | None, _option("--qr-file", "Write the QR code to this file (PNG).", setting=False)
]
KeepSession = Annotated[
    bool, _option("--keep-session", "Forget the device here, but do not log it out.", setting=False)
]
StateFilter = Annotated[
    str | None,
    _option(
        "--state",
        "Only these: ready, paused or quarantined.",
        offers=lambda: ["ready", "paused", "quarantined"],
    ),
]
Match = Annotated[
    str | None,
    _option("--match", "Labels like shop-*, or that hold this text.", setting=False),
]
AllDevices = Annotated[bool, _option("--all", "Every device.", setting=False)]
NeedsMe = Annotated[
    bool, _option("--needs-me", "Only those that nobody but you can make able.", setting=False)
]
Sort = Annotated[
    str | None,
    _option(
        "--sort",
        "By need, label, state, sent or last.",
        offers=lambda: ["need", "label", "state", "sent", "last"],
    ),
]

# doctor
ListChecks = Annotated[bool, _option("--list", "Explain every check; run none.")]
Fix = Annotated[
    bool, _option("--fix", "Mend what can be mended, and say what was done.", setting=False)
]
Record = Annotated[
    Path | None,
    _option(
        "--record", "Write how a device logs in and sends, masked, to this file.", setting=False
    ),
]
ConnectAll = Annotated[bool, _option("--connect", "Log every device in, and say who answers.")]

# bench
BenchMessages = Annotated[
    int, _option("--messages", "How many to send, twice.", setting=False, least=50)
]
Paired = Annotated[
    int, _option("--paired", "Devices to send through.", setting=False, least=1, most=1_000)
]
Recipients = Annotated[
    int | None,
    _option("--recipients", "Say how long so many would take.", setting=False, least=1),
]
Over = Annotated[
    int, _option("--over", "Devices that they are spread over.", setting=False, least=1)
]

# sandbox
Port = Annotated[int, _option("--port", "Port on 127.0.0.1; 0 picks one.", least=0, most=65_535)]
ServeDevices = Annotated[
    int,
    _option("--devices", "Pair so many devices first.", key="serve-devices", least=0, most=_PHONES),
]
TrustFile = Annotated[
    Path | None, _option("--trust-file", "Write there how to attach, for --trust.", setting=False)
]


def known() -> frozenset[str]:
    """Give the settings of all commands, as keys of `waheal.toml`: without dashes in front."""
    return frozenset(key_of(str(each.envvar)) for each in _every() if each.envvar)


def spellings() -> frozenset[str]:
    """Give the options of all commands as they are typed, such as `--no-sticky`."""
    return frozenset(name for each in _every() for name in str(each.default).split("/"))


def _every() -> Iterator[OptionInfo]:
    for alias in globals().values():
        if get_origin(alias) is Annotated:
            yield from (mark for mark in get_args(alias)[1:] if isinstance(mark, OptionInfo))
