"""Mutants of what a host makes of its library: errors, events, its file, its log, its trust."""

from tests.mutants.mutant import Ground

ERRORS = Ground("waheal/host/error_table.py", ("tests/unit/test_error_table.py",))
EVENTS = Ground("waheal/host/event_table.py", ("tests/unit/test_event_table.py",))
LOG = Ground("waheal/host/log_lines.py", ("tests/unit/test_log_lines.py",))
FILE = Ground("waheal/host/library_file.py", ("tests/unit/test_library_file.py",))
TRUST = Ground("waheal/host/trust_patch.py", ("tests/unit/test_trust_patch.py",))
SKELETON = Ground("waheal/host/skeleton.py", ("tests/unit/test_skeleton.py",))
CLIENT = Ground("waheal/host/neonize_client.py", ("tests/contract/test_recording_real.py",))
READER = Ground("waheal/host/neonize_client.py", ("tests/contract/test_left_out_real.py",))
LOOPBACK = Ground("waheal/loopback.py", ("tests/unit/test_loopback.py",))
WHATSAPP = Ground("waheal/host/whatsapp.py", ("tests/contract/test_host_start.py",))
MAIN = Ground("waheal/host/__main__.py", ("tests/contract/test_host_start.py",))

MUTANTS = (
    READER.mutant(
        "read-by-nobody",
        "what nobody can read did not leave",
        "if devices <= left_out.keys():",
        "if False:",
    ),
    READER.mutant(
        "read-by-one",
        "who can read it on one device has it",
        "if devices <= left_out.keys():",
        "if True:",
    ),
    READER.mutant(
        "own-device-unknown",
        "the account's own devices are asked about once",
        "self._own |= {address.user for address in left_out} - {user}",
        "pass",
    ),
    ERRORS.mutant(
        "prefix-matches",
        "a known error is known by all of its text",
        "rule.pattern.fullmatch(error)",
        "rule.pattern.match(error)",
    ),
    ERRORS.mutant(
        "part-matches",
        "a known error is no part of another text",
        "rule.pattern.fullmatch(error)",
        "rule.pattern.search(error)",
    ),
    ERRORS.mutant(
        "unseen-not-sent",
        "an error never seen proves nothing",
        'CallVerdict(Unknown(f"the library said: {error}"), doubtful=True)',
        'CallVerdict(NotSent("x"), doubtful=True)',
    ),
    ERRORS.mutant(
        "unseen-undoubted",
        "an error never seen puts the connection in doubt",
        'CallVerdict(Unknown(f"the library said: {error}"), doubtful=True)',
        'CallVerdict(Unknown(f"the library said: {error}"))',
    ),
    ERRORS.mutant(
        "unseen-upload-counts",
        "a failed upload uses up no try",
        "_find(_UPLOADS, error) or _not_sent(_NO_UPLOAD)",
        "_find(_UPLOADS, error) or _not_sent(_NO_UPLOAD, counts=True)",
    ),
    ERRORS.mutant(
        "bare-not-connected",
        "a bare `websocket not connected` proves nothing",
        "failed to send message node: ({_UNCONNECTED})",
        "(failed to send message node: )?({_UNCONNECTED})",
    ),
    ERRORS.mutant(
        "any-status-a-limit",
        "only status 429 is a limit",
        "info query returned status 429: .*",
        "info query returned status \\d+: .*",
    ),
    ERRORS.mutant(
        "any-upload-status-a-limit",
        "only status 429 is a limit of uploads",
        'r"upload failed with status code 429"',
        'r"upload failed with status code \\d+"',
    ),
    ERRORS.mutant(
        "server-fault-refuses",
        "a fault of the server's refuses nobody",
        "400 <= code < 500",
        "400 <= code < 600",
    ),
    ERRORS.mutant(
        "463-not-a-chat",
        "463 is told as a refusal to begin a chat",
        "counts=True, refused_chat=True",
        "counts=True",
    ),
    ERRORS.mutant(
        "429-uncounted",
        "a 429 uses up a try",
        "NotSent(reason, counts=True, hold=RATE_LIMITED_HOLD",
        "NotSent(reason, hold=RATE_LIMITED_HOLD",
    ),
    ERRORS.mutant(
        "479-uncounted",
        "a 479 uses up a try",
        'malformed (479)", counts=True)',
        'malformed (479)")',
    ),
    ERRORS.mutant(
        "answer-by-prefix",
        "a server's answer is known by all of its text",
        "_ANSWER.fullmatch(error)",
        "_ANSWER.match(error)",
    ),
    ERRORS.mutant(
        "unicode-digits",
        "a code is of ASCII digits",
        '_ANSWER = re.compile(r"server returned error (?P<code>\\d{3})", re.ASCII)',
        '_ANSWER = re.compile(r"server returned error (?P<code>\\d{3})")',
    ),
    ERRORS.mutant(
        "newlines-end",
        "a text of several lines is still its form",
        "re.ASCII | re.DOTALL",
        "re.ASCII",
    ),
    ERRORS.mutant(
        "deleted-device",
        "a deleted device is known as such wherever it is told",
        'rf": )?{_DELETED}|',
        'rf": )?never|',
    ),
    ERRORS.mutant(
        "timeout-doubts",
        "a late ack leaves the connection as it is",
        'CallVerdict(Unknown("the server did not confirm it in time"))',
        'CallVerdict(Unknown("the server did not confirm it in time"), doubtful=True)',
    ),
    EVENTS.mutant(
        "one-ping-lost",
        "one ping that failed is no loss",
        "_LOST_PINGS = 2",
        "_LOST_PINGS = 1",
    ),
    EVENTS.mutant(
        "own-receipts",
        "receipts of the own account prove nothing",
        "    if receipt.from_me:\n        return None\n",
        "",
    ),
    EVENTS.mutant(
        "retry-delivers",
        "a retry receipt is no delivery",
        "return ReceiptKind.RETRY",
        "return ReceiptKind.DELIVERED",
    ),
    EVENTS.mutant(
        "played-ignored",
        "what was played was read",
        "case ReceiptType.READ | ReceiptType.PLAYED:",
        "case ReceiptType.READ:",
    ),
    EVENTS.mutant(
        "event-name-anywhere",
        "an event that could not be encoded is known by all of the text",
        "_UNENCODED.fullmatch(error)",
        "_UNENCODED.search(error)",
    ),
    EVENTS.mutant(
        "plain-blank-only",
        "protobuf's no-break space is heeded",
        "[ \\u00a0]",
        "[ ]",
    ),
    EVENTS.mutant(
        "deleted-device-lives",
        "a deleted device is logged out",
        'if error == "invalid use of deleted device":',
        "if False:",
    ),
    EVENTS.mutant(
        "ban-without-end",
        "a ban without an end has one",
        "hold = UNKNOWN_BAN_HOLD if seconds is None else seconds",
        "hold = seconds",
    ),
    EVENTS.mutant(
        "outdated-passes",
        "an outdated version is a quarantine",
        'return Death("WhatsApp no longer accepts this version (405)", Quarantine.OUTDATED)',
        'return Death("WhatsApp no longer accepts this version (405)")',
    ),
    EVENTS.mutant(
        "locked-keeps-session",
        "a locked account has no session left",
        "return Death(reason, Quarantine.LOGGED_OUT, session_gone=True)",
        "return Death(reason, Quarantine.LOGGED_OUT)",
    ),
    WHATSAPP.mutant(
        "normal-sync",
        "what the library commits outlives a power loss",
        "_synchronous=FULL",
        "_synchronous=NORMAL",
        tests=("tests/unit/test_database_options.py",),
    ),
    LOG.mutant(
        "unmasked",
        "the log has no numbers",
        'return _LONG_NUMBER.sub("…", text)',
        "return text",
    ),
    LOG.mutant(
        "warning-unmasked",
        "a warning has no numbers",
        "{masked(words)}",
        "{words}",
    ),
    LOG.mutant(
        "several-lines",
        "an entry is one line",
        '" ".join(f"{level} {name}: {message}".splitlines())',
        'f"{level} {name}: {message}"',
    ),
    LOG.mutant(
        "exception-in-full",
        "last words tell no text that an error may quote",
        "isinstance(error, ImportError | OSError)",
        "True",
    ),
    FILE.mutant(
        "hash-uncompared",
        "only a known library is loaded",
        "if found != KNOWN.get(path.name):",
        "if False:",
    ),
    FILE.mutant(
        "any-known-hash",
        "a platform's library has its own hash",
        "if found != KNOWN.get(path.name):",
        "if found not in KNOWN.values():",
    ),
    FILE.mutant(
        "download-allowed",
        "nothing is downloaded",
        "    sys.modules[stand_in.__name__] = stand_in\n",
        "    pass\n",
    ),
    TRUST.mutant(
        "proxy-as-it-stands",
        "the proxy is the URL that was checked",
        "return CheckedTrust(proxy,",
        "return CheckedTrust(trust.proxy,",
    ),
    TRUST.mutant(
        "ca-unchecked",
        "the certificate file is there",
        "if not (ca.is_absolute() and ca.is_file()):",
        "if False:",
    ),
    TRUST.mutant(
        "ca-relative",
        "the certificate's path is absolute",
        "ca.is_absolute() and ",
        "",
    ),
    TRUST.mutant(
        "root-by-prefix",
        "the root key is all of its text",
        "re.fullmatch(",
        "re.match(",
    ),
    LOOPBACK.mutant(
        "any-address",
        "only loopback addresses are taken",
        "not address.is_loopback or ",
        "",
    ),
    LOOPBACK.mutant(
        "any-port",
        "only ports that exist are taken",
        " or port not in _PORTS",
        "",
    ),
    LOOPBACK.mutant(
        "prefix",
        "nothing stands behind the address",
        "_URL.fullmatch",
        "_URL.match",
    ),
    WHATSAPP.mutant(
        "log-unmasked",
        "the library's own log is masked",
        "log_lines.warning(stamp, entry.Level, entry.Name, entry.Message)",
        'f"{stamp} {entry.Message}\\n".encode()',
        tests=("tests/contract/test_host_real.py::test_the_log_holds_no_number_and_no_text",),
    ),
    CLIENT.mutant(
        "stanza-unmasked",
        "a stanza is masked before it is told",
        "skeleton.skeleton(line)",
        "line",
    ),
    SKELETON.mutant(
        "unknown-tag",
        "a tag that is no word of the protocol is not told",
        "told = tag if tag in TAGS else _unknown(tag)",
        "told = tag",
    ),
    SKELETON.mutant(
        "value-of-any-attribute",
        "a word is told only where that attribute has it",
        "value in VALUES.get(name, ())",
        "any(value in each for each in VALUES.values())",
    ),
    SKELETON.mutant(
        "long-code",
        "a code is a number of at most three digits",
        'r"[0-9]{1,3}(?:',
        'r"[0-9]+(?:',
    ),
    WHATSAPP.mutant(
        "file-unchecked",
        "the library's file is checked before it is loaded",
        "library_file.require_known()\n",
        "\n",
    ),
    WHATSAPP.mutant(
        "download-not-forbidden",
        "neonize can't download a library",
        "library_file.forbid_download()\n",
        "\n",
    ),
    MAIN.mutant(
        "fault-in-full",
        "a host's fault is told without the text that it may quote",
        "log_lines.last_words(error)",
        "repr(error)",
    ),
)
