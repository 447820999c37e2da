"""Mutants of the kinds: their cells and sizes, what is built of them, votes, previews, drops."""

from tests.mutants.mutant import Ground

_GOLDEN = ("tests/contract/test_composing_golden.py",)
_EDITS = ("tests/contract/test_errand_fields_real.py",)

KINDS = Ground("waheal/campaign/kinds.py", ("tests/unit/test_kinds.py",))
ROWS = Ground("waheal/campaign/rows.py", ("tests/unit/test_kinds.py",))
MEDIA = Ground("waheal/campaign/media.py", ("tests/unit/test_media.py",))
VOICE = Ground("waheal/campaign/voice.py", ("tests/unit/test_ogg.py",))
OGG = Ground("waheal/campaign/ogg.py", ("tests/unit/test_ogg.py",))
LINKS = Ground("waheal/campaign/links.py", ("tests/unit/test_links.py",))
FETCHING = Ground("waheal/acts/fetching.py", ("tests/unit/test_fetching.py",))
COMPOSING = Ground("waheal/host/composing.py", _GOLDEN)
VCARD = Ground("waheal/host/vcard.py", ("tests/unit/test_vcard.py",))
APPEARANCE = Ground("waheal/host/appearance.py", ("tests/unit/test_appearance.py",))
BALLOTS = Ground("waheal/policy/ballots.py", ("tests/unit/test_ballots.py",))
VOTING = Ground("waheal/engine/voting.py", ("tests/unit/test_voting.py",))
VOTES = Ground("waheal/store/votes.py", ("tests/unit/test_voting.py", "tests/unit/test_polling.py"))
POLLING = Ground("waheal/reckoning/polling.py", ("tests/unit/test_polling.py",))
DROPPING = Ground("waheal/sandbox/dropping.py", ("tests/sandbox/test_dropping.py",))
ERRANDS = Ground("waheal/store/errands.py", ("tests/unit/test_errands.py",))

MUTANTS = (
    # Cells.
    KINDS.mutant(
        "pole",
        "a place beyond a pole is told, and a pole is one",
        "if abs(degrees) > most:",
        "if abs(degrees) >= most:",
    ),
    KINDS.mutant(
        "swapped-degrees",
        "latitude and longitude each have their own limit",
        '_degrees(cells, LONGITUDE, 180, "13.4050")',
        '_degrees(cells, LONGITUDE, 90, "13.4050")',
    ),
    KINDS.mutant(
        "nowhere",
        "0, 0 is no place",
        "if latitude == longitude == 0:",
        "if latitude is longitude is None:",
    ),
    KINDS.mutant(
        "half-decimal",
        "degrees are one number, to the end of the cell",
        "_DEGREES.fullmatch(written)",
        "_DEGREES.match(written)",
    ),
    KINDS.mutant(
        "long-cell",
        "a cell of 256 characters is the longest",
        "if len(found) > CELL_LIMIT:",
        "if len(found) > CELL_LIMIT + 1:",
    ),
    KINDS.mutant(
        "unreachable",
        "that a card has neither number nor address is told beside what else is wrong",
        "if not email and not cells.text(CARD_PHONE):",
        "if not email and phone is None and not cells.flaws:",
    ),
    KINDS.mutant(
        "half-address",
        "an email address is one to its end",
        "not _EMAIL.fullmatch(email)",
        "not _EMAIL.match(email)",
    ),
    KINDS.mutant(
        "twelve-options",
        "a poll has twelve options, and no thirteenth",
        "if number > MOST_OPTIONS:",
        "if number >= MOST_OPTIONS:",
    ),
    KINDS.mutant(
        "thirteenth-unseen",
        "a thirteenth option is told in place of being left out",
        "for number in range(1, MOST_OPTIONS + 2):\n        column",
        "for number in range(1, MOST_OPTIONS + 1):\n        column",
    ),
    KINDS.mutant(
        "alike",
        "options that are alike are told: votes could not be told apart",
        "elif option in options:",
        "elif option is options:",
    ),
    KINDS.mutant(
        "long-option",
        "an option has 100 characters at most",
        "elif len(option) > OPTION_LIMIT or",
        "elif len(option) > OPTION_LIMIT + 1 or",
    ),
    KINDS.mutant(
        "lines-in-option",
        "an option is one line",
        "or not option.isprintable():",
        "or option.isspace():",
    ),
    KINDS.mutant(
        "lone-option",
        "a poll has two options at least",
        "if len(options) < LEAST_OPTIONS:",
        "if len(options) < LEAST_OPTIONS - 1:",
    ),
    KINDS.mutant(
        "any-is-one",
        "`any` lets one choose any number",
        'if written == "any":\n        return 0',
        'if written == "any":\n        return 1',
    ),
    KINDS.mutant(
        "more-answers",
        "nobody may choose more options than there are",
        "if not 1 <= number <= options:",
        "if not 1 <= number <= options + 1:",
    ),
    ROWS.mutant(
        "long-question",
        "a question has 255 characters at most",
        "len(text) > QUESTION_LIMIT:",
        "len(text) > QUESTION_LIMIT + 1:",
    ),
    ROWS.mutant(
        "words-lost",
        "words that a kind can't carry are told, not left out",
        "for column in (self._message, self._caption):",
        "for column in (self._message,):",
    ),
    # Files.
    MEDIA.mutant(
        "large",
        "a file of just the limit is taken, and no larger one",
        "if size > MEDIA_LIMITS[kind]:",
        "if size >= MEDIA_LIMITS[kind]:",
    ),
    MEDIA.mutant(
        "larger",
        "a file beyond the limit is refused",
        "if size > MEDIA_LIMITS[kind]:",
        "if size > MEDIA_LIMITS[kind] + 1:",
    ),
    VOICE.mutant(
        "any-sound",
        "only Opus is a voice note",
        "if media.mime == OPUS:",
        'if media.mime.startswith("audio/"):',
    ),
    OGG.mutant(
        "stereo",
        "two channels are told: iPhones refuse them",
        "if channels != 1:",
        "if channels > 2:",
    ),
    APPEARANCE.mutant(
        "sideways",
        "a photo taken on its side has the measures of how it is shown",
        "image.size[::-1] if turned else image.size",
        "image.size",
    ),
    APPEARANCE.mutant(
        "guessed-length",
        "a length that would be wrong is not told",
        "if media.mime not in _TIMED:",
        "if not media.mime:",
    ),
    APPEARANCE.mutant(
        "zero-seconds",
        "a recording of less than a second has one",
        "max(1, round(found)) if found",
        "round(found) if found",
    ),
    APPEARANCE.mutant(
        "looked-at-twice",
        "a file is looked at once, however many send it at a time",
        "        if found is not None:\n            return found.result()",
        "        if found is not None and found.done():\n            return found.result()",
    ),
    # What is built.
    COMPOSING.mutant(
        "no-push-to-talk",
        "a voice note is marked as one",
        "if media.kind is MediaKind.VOICE:\n                audio.PTT = True",
        "if media.kind is MediaKind.VOICE:\n                audio.PTT = False",
    ),
    COMPOSING.mutant(
        "bare-caption",
        "a document's caption stands in its wrapper",
        "return _captioned(bare) if caption else bare",
        "return bare",
    ),
    COMPOSING.mutant(
        "any-answers",
        "a poll says how many options one may choose",
        "selectableOptionsCount=answers",
        "selectableOptionsCount=len(options)",
    ),
    COMPOSING.mutant(
        "no-secret",
        "every message carries its witness, without which no vote opens",
        "e2e.MessageContextInfo(messageSecret=outgoing.witness)",
        "e2e.MessageContextInfo()",
    ),
    COMPOSING.mutant(
        "untitled",
        "a preview has its title, without which it is none",
        "matchedText=link.url, title=link.title",
        "matchedText=link.url",
    ),
    COMPOSING.mutant(
        "empty-name",
        "a place without a name says none",
        "            if name:\n                location.name = name",
        "            location.name = name",
    ),
    COMPOSING.mutant(
        "caption-as-words",
        "a caption is amended within its kind of file",
        "return e2e.Message(imageMessage=e2e.ImageMessage(caption=text))",
        "return e2e.Message(conversation=text)",
        tests=_EDITS,
    ),
    COMPOSING.mutant(
        "edited-bare",
        "an amended caption of a document stands in its wrapper",
        "return _captioned(e2e.Message(documentMessage=e2e.DocumentMessage(caption=text)))",
        "return e2e.Message(documentMessage=e2e.DocumentMessage(caption=text))",
        tests=_EDITS,
    ),
    VCARD.mutant(
        "unescaped",
        "what separates fields of a vCard is escaped in its values",
        "return text.translate(_ESCAPES)",
        "return text",
    ),
    VCARD.mutant(
        "no-waid",
        "a card's number leads to a chat",
        "TEL;type=CELL;waid={card.phone.removeprefix('+')}:{card.phone}",
        "TEL;type=CELL:{card.phone}",
    ),
    ERRANDS.mutant(
        "captions-left",
        "captions are amended",
        "AND NOT {_CAPTION}",
        "",
    ),
    ERRANDS.mutant(
        "captions-made",
        "a file that went without a caption gets none",
        "(c.words <> '' AND COALESCE",
        "(c.words IS NOT NULL AND COALESCE",
    ),
    ERRANDS.mutant(
        "long-caption",
        "a caption has 1,024 characters at most",
        "LENGTH({{text}}) > {CAPTION_LIMIT}",
        "LENGTH({{text}}) > {CAPTION_LIMIT + 1}",
    ),
    # Votes.
    BALLOTS.mutant(
        "one-name",
        "a vote opens by whichever names it was sealed",
        "dict.fromkeys((ballot.creator, *creators))",
        "dict.fromkeys((ballot.creator,))",
    ),
    BALLOTS.mutant(
        "another-poll",
        "a vote counts in the poll that it was sealed for only",
        'info = f"{poll_id}{creator}{voter}Poll Vote"',
        'info = f"{creator}{voter}Poll Vote"',
    ),
    BALLOTS.mutant(
        "stray-option",
        "what is no option's hash ends them",
        "        if not plain.startswith(_OPTION, at):\n            return\n",
        "",
    ),
    VOTING.mutant(
        "not-kept",
        "a vote that comes before its poll is known waits for it",
        "            self._votes.keep_aside(poll, ballot, now)\n",
        "",
    ),
    VOTING.mutant(
        "first-account",
        "of two polls of one id the vote is that one's whose secret opens it",
        "            if chosen is not None:\n",
        "            if chosen is not None or each is asked[0]:\n",
    ),
    VOTES.mutant(
        "first-vote",
        "the last vote counts, in whatever order they come",
        "AND (voted IS NULL OR voted <= :at)",
        "AND (voted IS NULL OR voted >= :at)",
    ),
    VOTES.mutant(
        "any-order",
        "options are told in the order in which they were offered",
        "GROUP BY body, vote ORDER BY MIN(row), MIN(id)",
        "GROUP BY body, vote ORDER BY MIN(row) DESC, MIN(id)",
    ),
    POLLING.mutant(
        "empty-voter",
        "who took the vote back has not voted",
        "self.voters += people if chosen else 0",
        "self.voters += people",
    ),
    POLLING.mutant(
        "endless-options",
        "no more options are told than there is room for",
        "or len(self._options) < MOST_OPTIONS",
        "or len(self._options) < 10 * MOST_OPTIONS",
    ),
    # Previews.
    LINKS.mutant(
        "second-link",
        "a preview is that of the text's first link",
        "if link is None or found is None or link.url not in",
        "if link is None or found is None or not found in text or link.url in",
    ),
    LINKS.mutant(
        "sentence-end",
        "what ends a sentence is no part of its link",
        "found[0].rstrip(_AFTER)",
        "found[0]",
    ),
    LINKS.mutant(
        "home-picture",
        "nothing of the home is a preview's picture",
        "read_media(path.parent / named, None if fetched else home)",
        "read_media(path.parent / named, None)",
    ),
    LINKS.mutant(
        "any-file",
        "a preview's picture is one",
        "media.kind is not MediaKind.IMAGE",
        "media.kind is MediaKind.AUDIO",
    ),
    FETCHING.mutant(
        "fetched-again",
        "an address is fetched once",
        "    if path.exists():\n        return path\n",
        "",
    ),
    FETCHING.mutant(
        "one-public-address",
        "every address of a name must be a public one",
        "not all(map(allowed, numbers))",
        "not any(map(allowed, numbers))",
    ),
    FETCHING.mutant(
        "mapped",
        "an address that leads to another one is judged by that",
        "        if inner is not None:\n            found = inner\n",
        "        if inner is not None:\n            pass\n",
    ),
    FETCHING.mutant(
        "endless-page",
        "no more of a page is read than there is room for",
        "if len(data) > _MOST:",
        "if len(data) > 2 * _MOST:",
    ),
    # What WhatsApp drops.
    DROPPING.mutant(
        "opus-by-any-name",
        "Opus under another name is dropped",
        "_is_opus(file) and media.mimetype != _OPUS",
        "_is_opus(file) and not media.mimetype",
    ),
    DROPPING.mutant(
        "oversize",
        "a file that is too large is dropped",
        "if media.file_length > most:",
        "if media.file_length > 2 * most:",
    ),
    DROPPING.mutant(
        "thirteen",
        "a poll of thirteen options is dropped",
        "<= len(options) <= _MOST_OPTIONS:",
        "<= len(options) <= _MOST_OPTIONS + 1:",
    ),
    DROPPING.mutant(
        "secretless",
        "a poll without its secret is dropped",
        "if len(plain.message_secret) != _SECRET:",
        "if len(plain.message_secret) > _SECRET:",
    ),
)
