"""What `import waheal` gives: the verbs, what they are asked and what they tell."""

from waheal.acts.check import CheckOrder, CheckReport, Outlook, check
from waheal.acts.devices import DeviceList, list_devices, pause, resume
from waheal.acts.enrolling import FileRefused
from waheal.acts.orders import Reading, SendOrder
from waheal.acts.pair import pair
from waheal.acts.recalling import ErrandOrder, Recalling, recall
from waheal.acts.remove import remove
from waheal.acts.replies import replies
from waheal.acts.report import CampaignAccount, export, report, results
from waheal.acts.resolve import Resolving, resolve
from waheal.acts.send import Sending, send
from waheal.acts.status import HomeStatus, Standing, home_status, status
from waheal.acts.stop import stop
from waheal.acts.suppress import forget, suppress, suppressed, unsuppress
from waheal.acts.sync import Syncing, SyncOrder, sync
from waheal.acts.takeover import import_devices
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords, Route
from waheal.acts.workspace import Workspace, open_home
from waheal.correspondents import Reply
from waheal.errand_terms import ErrandQuestion, ErrandsImpossible, RunAskedToEnd
from waheal.errors import (
    FencedOffError,
    HomeBusyError,
    HomeUnusableError,
    LedgerLostError,
    MachineError,
    OwnFault,
    UsageError,
    WahealError,
)
from waheal.events import (
    BadRowsLeftOut,
    Claimed,
    CodeShown,
    DeviceHealed,
    DeviceHealing,
    DevicePaired,
    DeviceQuarantined,
    Draining,
    DryRun,
    EndsAt,
    EndUntold,
    Event,
    FileDoubted,
    HiddenLeftOut,
    HomeMoved,
    HostRestarted,
    KeyLost,
    NewChatsHeld,
    NextAt,
    Note,
    NothingToDo,
    OnEndBegins,
    OnEndFailed,
    OptedOut,
    Ordered,
    PairedAlready,
    PairingFailed,
    Paused,
    QrShown,
    Question,
    Receipt,
    Replied,
    Resumed,
    RowsRead,
    RowsSwallowed,
    RunFinished,
    Running,
    RunStarted,
    SandboxPairing,
    SentBefore,
    Settled,
    StartsAt,
    TextChanged,
)
from waheal.findings import Caution, Finding, Preview, Problem, Status
from waheal.model import (
    Card,
    Content,
    DeviceId,
    DeviceState,
    Errand,
    ErrandKind,
    ExitCode,
    LinkPreview,
    Location,
    Media,
    MessageKind,
    Phone,
    Poll,
    ReplyKind,
    State,
)
from waheal.records import (
    Campaign,
    Device,
    Leftover,
    Recipient,
    Resolution,
    Resolved,
    Suppression,
    Tally,
)
from waheal.waits import Standstill
