"""Mutants of what a campaign came to: the funnel, its course, its variants, and their chance."""

from tests.mutants.mutant import Ground

CURVES = Ground("waheal/reckoning/curves.py", ("tests/unit/test_curves.py",))
PROPORTIONS = Ground("waheal/reckoning/proportions.py", ("tests/unit/test_proportions.py",))
SUMMING = Ground("waheal/reckoning/summing.py", ("tests/unit/test_summing.py",))
VARIANTS = Ground("waheal/reckoning/variants.py", ("tests/unit/test_variants.py",))

MUTANTS = (
    SUMMING.mutant(
        "funnel-not-cumulative",
        "whoever came to a step is counted in those before it",
        "tuple(sum(came[step:]) for step in range(1, len(came)))",
        "tuple(came[1:])",
    ),
    SUMMING.mutant(
        "opted-out-forgotten",
        "an opt-out is the last step, whatever the phone told",
        "    if recipient.opted_out is not None:\n        return _OPTED_OUT\n",
        "",
    ),
    SUMMING.mutant(
        "silent-reply",
        "who replied has read it, also where their phone tells nobody",
        "    if recipient.replied is not None:\n        return _REPLIED\n",
        "",
    ),
    SUMMING.mutant(
        "opt-outs-no-reply",
        "who opted out has replied",
        "sum(summing.came[_REPLIED:])",
        "summing.came[_REPLIED]",
    ),
    SUMMING.mutant(
        "delay-negative",
        "a phone that was quicker than the server's answer took no time",
        "self.to_delivered.append(max(0.0, recipient.delivered - ended))",
        "self.to_delivered.append(recipient.delivered - ended)",
    ),
    SUMMING.mutant(
        "read-since-delivered",
        "the time to the reading counts from the server's answer",
        "self.to_read.append(max(0.0, recipient.read - ended))",
        "self.to_read.append(max(0.0, recipient.read - (recipient.delivered or ended)))",
    ),
    SUMMING.mutant(
        "rank-too-high",
        "the median of an even number is one of its values, the lower",
        "ceil(len(in_order) * share) - 1",
        "int(len(in_order) * share)",
    ),
    SUMMING.mutant(
        "p90-unsorted",
        "nine of ten took no longer",
        "in_order = sorted(seconds)",
        "in_order = list(seconds)",
    ),
    SUMMING.mutant(
        "no-p90",
        "nine of ten are nine of ten",
        "for share in (0.5, 0.9))",
        "for share in (0.5, 0.95))",
    ),
    SUMMING.mutant(
        "step-after-the-next",
        "nobody has read before they were delivered",
        "return at_latest if told is None else min(told, at_latest)",
        "return at_latest if told is None else told",
    ),
    SUMMING.mutant(
        "uncertain-is-a-reason",
        "only what failed for good has a reason",
        "        if recipient.state is State.FAILED:\n            self.reasons",
        "        if recipient.state in _LEFT_OVER:\n            self.reasons",
    ),
    SUMMING.mutant(
        "leftovers-without-end",
        "so many of each state are listed",
        "if self.states[recipient.state] <= MOST_LEFTOVERS:",
        "if self.states[recipient.state] <= MOST_LEFTOVERS + 1:",
    ),
    SUMMING.mutant(
        "rest-of-reasons-lost",
        "the reasons that are left out are counted with their recipients",
        "other_failures=(len(rest), sum(number for _, number in rest)),",
        "other_failures=(len(rest), len(rest)),",
    ),
    SUMMING.mutant(
        "devices-by-name",
        "the busiest device comes first",
        "return -item[1].states.total(), natural(item[0])",
        "return 0, natural(item[0])",
    ),
    CURVES.mutant(
        "edge-counts-before",
        "who comes on an edge comes into the bucket that it begins",
        "bisect_right(edges, moment)",
        "(bisect_right(edges, moment - 1e-6))",
    ),
    CURVES.mutant(
        "not-so-far",
        "a curve tells how many had come so far",
        "        total += number\n",
        "        total = number\n",
    ),
    CURVES.mutant(
        "last-left-out",
        "the last moment lies before the last edge",
        "        if edges[-1] > last:\n            break\n",
        "        if edges[-1] >= last:\n            break\n",
    ),
    CURVES.mutant(
        "too-many-buckets",
        "a span has at most so many buckets",
        "islice(edges, MOST_BUCKETS + 1)",
        "islice(edges, MOST_BUCKETS + 2)",
    ),
    CURVES.mutant(
        "hours-of-seconds",
        "midnight stays midnight where the clock is changed",
        "    if width <= _HOUR:  #",
        "    if width <= _DAY:  #",
    ),
    CURVES.mutant(
        "crowded-ticks",
        "not more edges are named than there is room for",
        "if 0 < len(found) <= most:",
        "if found:",
    ),
    PROPORTIONS.mutant(
        "one-sided",
        "chance is asked on both sides",
        "return 2 * (1 - _NORMAL.cdf(apart))",
        "return 1 - _NORMAL.cdf(apart)",
    ),
    PROPORTIONS.mutant(
        "not-95",
        "an interval holds to 95 %",
        "_NORMAL.inv_cdf(0.975)",
        "_NORMAL.inv_cdf(0.95)",
    ),
    PROPORTIONS.mutant(
        "few-are-judged",
        "where numbers are too small nothing is said",
        "< _LEAST_EXPECTED:\n        return None",
        "< 0:\n        return None",
    ),
    PROPORTIONS.mutant(
        "unpooled",
        "the variance is that of both together",
        "pooled = (part + second_part) / together",
        "pooled = part / whole",
    ),
    VARIANTS.mutant(
        "pairs-unheeded",
        "of many pairs some differ by chance, which is heeded",
        "min(1.0, found * pairs)",
        "min(1.0, found)",
    ),
    VARIANTS.mutant(
        "share-of-all",
        "a share is one of those it went out to",
        "return self.part(measure) / self.sent if self.sent else 0.0",
        "return self.part(measure) / self.total if self.sent else 0.0",
    ),
    VARIANTS.mutant(
        "few-are-variants",
        "a variant that fewer than twenty were sent to is not judged",
        "if each.sent >= LEAST_SENT]",
        "if each.sent]",
    ),
    VARIANTS.mutant(
        "last-is-ahead",
        "who has the greatest share is ahead",
        "key=lambda each: -each.share(measure))",
        "key=lambda each: each.share(measure))",
    ),
    VARIANTS.mutant(
        "unknown-is-a-value",
        "whose row the file has no longer is in no variant",
        "            self._unknown += 1\n            return\n",
        '            self._unknown += 1\n            value = ""\n',
    ),
    VARIANTS.mutant(
        "step-too-many",
        "a recipient counts for the steps that they came to",
        '("sent", *MEASURES)[:steps]',
        '("sent", *MEASURES)[: steps + 1]',
    ),
    VARIANTS.mutant(
        "unsure-is-sure",
        "what the numbers are too small for is no difference",
        "known.get(each.value, 1.0) < SURE",
        "known.get(each.value, 0.0) < SURE",
    ),
)
