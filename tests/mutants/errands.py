"""Mutants of recalls and amends: which messages, through whom, until when, and how often."""

from tests.mutants.mutant import Ground

_LEDGER = ("tests/unit/test_errands.py",)
_RUNS = ("tests/unit/test_run_errands.py",)
_PHONE = ("tests/sandbox/test_changes.py",)

ERRANDS = Ground("waheal/store/errands.py", _LEDGER)
WORK = Ground("waheal/store/work.py", _LEDGER)
PEOPLE = Ground("waheal/store/people.py", _LEDGER)
PRECEDENTS = Ground("waheal/store/precedents.py", _LEDGER)
REPLIES = Ground("waheal/store/replies.py", _LEDGER)
HISTORY = Ground("waheal/store/history.py", _LEDGER)
LEFTOVERS = Ground("waheal/store/leftovers.py", _LEDGER)
RECIPIENTS = Ground("waheal/store/recipients.py", _LEDGER)
CAMPAIGNS = Ground("waheal/store/campaigns.py", _LEDGER)
LANDING = Ground("waheal/engine/landing.py", _RUNS)
INBOUND = Ground("waheal/engine/inbound.py", _RUNS)
CLAIMS = Ground("waheal/engine/claims.py", _RUNS)
RUN = Ground("waheal/engine/run.py", _RUNS)
COMPOSING = Ground("waheal/host/composing.py", ("tests/contract/test_errand_fields_real.py",))
INBOX = Ground("waheal/sandbox/inbox.py", _PHONE)

MUTANTS = (
    ERRANDS.mutant(
        "refused-meant",
        "what WhatsApp refused is not taken back",
        "COALESCE(a.verdict, a.outcome, '') <> 'failed'",
        "COALESCE(a.verdict, a.outcome, '') <> ''",
    ),
    ERRANDS.mutant(
        "unsent-meant",
        "what never left is not taken back",
        "a.reached = 1 AND",
        "",
    ),
    ERRANDS.mutant(
        "too-old-tried",
        "nothing is sent past WhatsApp's limit",
        "WHEN c.ends <= :now THEN",
        "WHEN c.ends < :now THEN",
    ),
    ERRANDS.mutant(
        "other-number",
        "a device that has another number takes nothing back",
        "FROM devices v WHERE v.jid >= {_number(\"a.jid\")} || ':' AND v.jid <",
        "FROM devices v WHERE v.jid > '' OR v.jid <",
    ),
    ERRANDS.mutant(
        "done-again",
        "what was tried is not tried anew by another order",
        " WHERE deliveries.state = 'pending'\n    OR",
        " WHERE deliveries.state IN ('pending', 'uncertain')\n    OR",
    ),
    ERRANDS.mutant(
        "wider-order-stays",
        "a narrower order lets go of what a wider one has left",
        "        self._db.run(_UNTRY, steps)\n",
        "",
    ),
    ERRANDS.mutant(
        "recalled-amended",
        "what was taken back gets no other text",
        "AND k.kind = 'recall'\n                     AND r.state IN",
        "AND k.kind = 'amend'\n                     AND r.state IN",
    ),
    ERRANDS.mutant(
        "same-round",
        "another text is another round",
        "if last is None or last.digest != digest:",
        "if last is None:",
    ),
    WORK.mutant(
        "paired-anew",
        "a claim sees whether the device still has the number that sent",
        'if phone_of(row.sent_by or "") != phone_of(want.jid):',
        "if not row.sent_by:",
    ),
    WORK.mutant(
        "recall-suppressed",
        "an opt-out stops no recall",
        "if row.opted_out and not content.recalls:",
        "if row.opted_out:",
    ),
    PEOPLE.mutant(
        "recall-set-aside",
        "an opt-out sets no recall aside",
        "state = 'pending' AND campaign_id = ? AND {NO_RECALL}",
        "state = 'pending' AND campaign_id = ?",
    ),
    PEOPLE.mutant(
        "recall-set-aside-at-once",
        "an opt-out sets no recall aside as it comes",
        "state = 'pending' AND {NO_RECALL} AND (phone IN",
        "state = 'pending' AND (phone IN",
    ),
    PRECEDENTS.mutant(
        "one-witness-for-two",
        "each errand to a person has a witness of its own",
        "if target else campaign.name",
        "if not target else campaign.name",
    ),
    REPLIES.mutant(
        "replied-to-an-errand",
        "a reply belongs to no errand",
        " AND d.target = 0 AND {}",
        " AND {}",
    ),
    HISTORY.mutant(
        "errand-is-a-message",
        "an errand is not counted against --per-recipient",
        "WHERE phone IN ({}) AND target = 0 UNION",
        "WHERE phone IN ({}) UNION",
    ),
    LEFTOVERS.mutant(
        "recall-not-repeated",
        "a recall is repeated for whoever opted out",
        "OR (d.{NO_RECALL}\n AND (",
        "OR ((",
    ),
    RECIPIENTS.mutant(
        "best-of-two",
        "of a recipient's two errands the one that is not done is told",
        "ORDER BY e.state IN ('sent', 'delivered', 'read'), e.target DESC",
        "ORDER BY e.target DESC",
    ),
    CAMPAIGNS.mutant(
        "sent-under-its-name",
        "no campaign is sent under an errand's name",
        "if known.kind != kind.value:",
        "if False:",
    ),
    LANDING.mutant(
        "recall-dropped",
        "a recall that was refused is not dropped for an opt-out",
        "if not recalls and self._people",
        "if self._people",
    ),
    INBOUND.mutant(
        "recall-called-back",
        "no recall under way is called back for an opt-out",
        "[claim for claim in under_way if not claim.content.recalls]",
        "[*under_way]",
    ),
    CLAIMS.mutant(
        "errand-begins-a-chat",
        "an errand begins no new chat",
        "not self._errands and self._chats.is_new",
        "self._chats.is_new",
    ),
    RUN.mutant(
        "late-is-fine",
        "what grew too old to be taken back counts as failed",
        "late_fails=errands",
        "late_fails=False",
    ),
    COMPOSING.mutant(
        "not-from-me",
        "a recall says that the message was one's own",
        "fromMe=True, ID=errand.message_id",
        "fromMe=False, ID=errand.message_id",
    ),
    COMPOSING.mutant(
        "errand-without-witness",
        "a recall carries its attempt's witness",
        "    message.messageContextInfo.CopyFrom(",
        "    if content.errand is None:\n        message.messageContextInfo.CopyFrom(",
    ),
    INBOX.mutant(
        "any-number",
        "a phone lets only the number that sent a message take it back",
        "if entry.number != by.number or not entry.shown",
        "if not entry.shown",
    ),
)
