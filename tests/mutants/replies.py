"""Mutants of who replied: what a reply is to, what waits, what is kept; by room."""

from tests.mutants.mutant import Ground

_ANSWERING = Ground("waheal/policy/answering.py", ("tests/unit/test_answering.py",))
_REPLIERS = Ground("waheal/engine/repliers.py", ("tests/unit/test_repliers.py",))
_KEPT = Ground("waheal/store/replies.py", ("tests/unit/test_kept_replies.py",))

POLICY = (
    _ANSWERING.mutant(
        "quotes-nothing",
        "a reply is to the message that it quotes",
        "for some in (named, own, older):",
        "for some in (own, older):",
    ),
    _ANSWERING.mutant(
        "any-account",
        "a reply is to the account that it came to",
        "for some in (named, own, older):",
        "for some in (named, older):",
    ),
    _ANSWERING.mutant(
        "later-too",
        "a reply that waited is to what was written before it came",
        "if last is None or each.id <= last",
        "if True",
    ),
    _ANSWERING.mutant(
        "named-and-early",
        "who wrote before they were written to has replied to nothing",
        "if unnamed else None",
        "if True else None",
    ),
)

ENGINE = (
    _REPLIERS.mutant(
        "texts-always",
        "texts are kept only where it is asked for",
        'report.text[:MOST_TEXT] if self._keep_texts else ""',
        "report.text[:MOST_TEXT]",
    ),
    _REPLIERS.mutant(
        "texts-unbounded",
        "no more of a text is kept than is bearable",
        "report.text[:MOST_TEXT]",
        "report.text",
    ),
    _REPLIERS.mutant(
        "under-way-at-once",
        "while a message is under way, a reply waits for its landing",
        "if to is not None and not to.under_way:",
        "if to is not None:",
    ),
    _REPLIERS.mutant(
        "of-another-life",
        "what waits is told over runs",
        "set(self._replies.kept_aside())",
        "set[str]()",
    ),
    _REPLIERS.mutant(
        "told-to-any-run",
        "a run tells of its own campaign only",
        " and self._campaign in {None, to.campaign_id}",
        "",
    ),
)

STORE = (
    _KEPT.mutant(
        "endless",
        "nobody fills the ledger by writing on",
        "AND delivery_id = :delivery) < :most",
        "AND delivery_id = :delivery) < 1000000000 + :most",
    ),
    _KEPT.mutant(
        "refused-too",
        "what was refused is no message",
        " AND COALESCE(a.verdict, a.outcome, '') <> 'failed'",
        "",
    ),
    _KEPT.mutant(
        "never-left-too",
        "what never left is no message",
        "WHERE a.reached = 1 AND ",
        "WHERE ",
    ),
    _KEPT.mutant(
        "waits-for-ever",
        "what can't be told is kept for two weeks",
        "WHERE since < ? OR id <=",
        "WHERE since < ? - 1e12 OR id <=",
    ),
    _KEPT.mutant(
        "texts-that-wait-stay",
        "the texts that wait are erased, too",
        "self._db.run(waiting) + self._db.run(",
        "self._db.run(",
    ),
)
