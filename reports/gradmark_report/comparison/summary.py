"""The sentences of a comparison, in plain text: every format says the same ones."""

from collections.abc import Sequence

from gradmark_report import words
from gradmark_report.comparison.circumstances import joined, period
from gradmark_report.comparison.contrast import UNDECIDED, Compared, Contrast, known
from gradmark_report.comparison.sides import Side
from gradmark_report.result import LEVELS
from gradmark_report.statistics import Interval, Verdict

# With more rows than this, those in which nothing was seen are left out unless they are asked for.
MANY_ROWS = 40

MEANING = {
    Verdict.SLOWER: "the whole interval lies above the margin",
    Verdict.FASTER: "the whole interval lies below the margin",
    Verdict.SMALL_CHANGE: "there is a change, and it may be within the margin",
    Verdict.SAME: "the whole interval lies within the margin",
    Verdict.INCONCLUSIVE: "the interval is too wide to tell",
    Verdict.TOO_FEW: "too few processes for any verdict",
}


def time(interval: Interval) -> str:
    """0.554 ns ±0.4%; without ± where nobody knows it"""
    shown = words.nanoseconds(interval.value)
    return f"{shown} {words.plus_minus(interval.value, interval.low, interval.high)}" if known(interval) else shown


def change(row: Compared) -> str:
    """The change in percent, or ~ where nothing was seen."""
    if row.change is None:
        return words.UNKNOWN
    return words.signed_percent(row.change) if row.seen else "~"


def interval(row: Compared) -> str:
    ratio = row.interval
    if ratio is None:
        return words.UNKNOWN
    return words.span(words.signed_percent(100 * (ratio.low - 1)), words.signed_percent(100 * (ratio.high - 1)))


def named(row: Compared) -> str:
    """Its name; on several threads, with where they ran."""
    state = row.comparison.state
    return f"{row.name} ({state})" if state else row.name


def place(row: Compared) -> str:
    """impl, level and threads: what follows the op in its name."""
    return " ".join(row.name.split("/")[2:])


def side_facts(side: Side) -> tuple[str, str, str, str]:
    revisions = joined(dict.fromkeys(result.revision for result in side.results))
    return side.label, words.plural(len(side.results), "process", "processes"), revisions, period(side)


def shown(made: Contrast, every_row: bool) -> tuple[list[Compared], str]:
    """The rows of the table, and what is said of those that are left out."""
    rows = list(made.rows)
    if every_row or len(rows) <= MANY_ROWS:
        return rows, ""
    quiet = [row for row in rows if not row.seen]
    if not quiet:
        return rows, ""
    counted = [
        words.plural(number, f"{verdict.value} row")
        for verdict in MEANING
        if (number := sum(row.verdict == verdict for row in quiet))
    ]
    kinds = f" ({words.listed(counted)})" if len(counted) > 1 else f" (all {quiet[0].verdict.value})"
    what = f"{words.plural(len(quiet), 'row')} in which nothing was seen"
    return [
        row for row in rows if row not in quiet
    ], f"{what}{kinds} {'is' if len(quiet) == 1 else 'are'} left out; --all shows them"


def same_in_one_line(made: Contrast) -> str:
    """What is equal: what people ask for by value, the rest by count, what nobody can see last."""
    by_value = ("host", "processor", "microcode", "kernel", "revision", "compiler", "profile", "filter", "pages")
    equal = [one for one in made.circumstances if one.same and not one.unseen]
    named = [one for label in by_value for one in equal if one.label == label and one.base != ("none",)]
    parts = [f"{one.label} {joined(one.base)}" for one in named]
    rest = len(equal) - len(named)
    if rest:
        parts.append(f"and {rest} more")
    unseen = [one.label for one in made.circumstances if one.unseen]
    sentence = "Alike on both sides: " + ", ".join(parts) if parts else "Nothing is alike on both sides"
    return sentence + (f". Not visible on either: {', '.join(unseen)}" if unseen else "")


def how_compared(made: Contrast) -> str:
    """One line over the table: pairs or not, margin, what the interval is."""
    most = max((row.comparison.pairs for row in made.rows), default=0)
    if made.paired:
        sides = f"{words.plural(most, 'pair')} of processes that ran by turns"
    else:
        processes = words.plural(len(made.head.results), "process", "processes")
        sides = f"{len(made.base.results)} against {processes}, not paired"
    return f"{sides}; margin {100 * made.settings.margin:.3g}%; change with its {level(made)} interval"


def level(made: Contrast) -> str:
    """Of the intervals: those that are shown also judge."""
    return f"{100 * (1 - made.settings.alpha_of_a_look):.4g}%"


def of_the_looks(made: Contrast) -> str:
    """Why the intervals are not of 95% where the verdicts are looked at more than once."""
    settings = made.settings
    if settings.looks == 1:
        return ""
    return f"{settings.looks} looks at the verdicts were planned, and share an error of {100 * settings.alpha:.4g}%"


def not_measured(made: Contrast) -> str:
    """What the profile `compare` leaves aside, so that nobody takes its silence for a verdict."""
    results = (*made.base.results, *made.head.results)
    if any(result.settings["profile"] != "compare" for result in results):
        return ""
    rows = [row.row for row in made.rows]
    levels = [level for level in LEVELS if any(row.level == level for row in rows)]
    threads = [words.plural(count, "thread") for count in sorted({row.threads for row in rows})]
    dram = (
        ", in DRAM only the implementation that a caller gets who names none"
        if "DRAM" in levels and len(levels) > 1
        else ""
    )
    return (
        f"Measured by the profile compare: {words.listed(levels)} on {words.listed(threads)}{dram}; nothing is said of "
        "other levels, threads and implementations (--level, --threads)"
    )


def over_the_table(made: Contrast) -> list[str]:
    """What the reader of the table must know."""
    return [one for one in (not_measured(made), how_compared(made), of_the_looks(made)) if one]


def pairs(row: Compared) -> str:
    """11 pairs, 1 left out"""
    compared = row.comparison
    left_out = f", {compared.left_out} left out" if compared.left_out else ""
    what = words.plural(compared.pairs, "pair") if compared.paired else f"{compared.pairs} a side"
    return what + left_out


def to_decide(made: Contrast) -> list[str]:
    """What would turn the undecided rows into decided ones."""
    if not made.of(*UNDECIDED):
        return []
    if min(len(made.base.results), len(made.head.results)) == 1:
        return [
            "One process of a side cannot carry a verdict: the next one may lie elsewhere in memory and differ by more "
            "than this. `scripts/compare --base REV --head REV` runs both by turns until there is one"
        ]
    undecided, too_few = made.of(Verdict.INCONCLUSIVE), made.of(Verdict.TOO_FEW)
    known = [(row.comparison.pairs_to_decide, row) for row in undecided if row.comparison.pairs_to_decide]
    unknown = len(undecided) - len(known)
    kind = "pairs" if made.paired else "processes a side"
    lines = []
    if too_few:
        has = "has" if len(too_few) == 1 else "have"
        lines.append(f"{words.plural(len(too_few), 'row')} {has} too few {kind}: a verdict needs some ten")
    if known:
        needed, row = max(known, key=lambda one: one[0] or 0)
        what = "the undecided row" if len(known) == 1 else f"{len(known)} undecided rows"
        example = f" (most of all {row.name})" if len(known) > 1 else f" ({row.name})"
        lines.append(f"About {needed} {kind} would decide {what}{example}")
    if unknown:
        rest = "the undecided rows" if not known else words.plural(unknown, "other row")
        lines.append(f"How many more would decide {rest} cannot be said")
    return lines


def left_out(made: Contrast) -> list[str]:
    """The rows that have no place in the table, and why."""

    def some(names: Sequence[str], most: int = 6) -> str:
        return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

    lines = []
    for label, names in (("base", made.matched.only_base), ("head", made.matched.only_head)):
        if names:
            lines.append(f"Only in the {label}: {some(names)}")
    reasons: dict[str, list[str]] = {}
    for name, why in made.matched.not_compared.items():
        reasons.setdefault(why, []).append(name)
    lines.extend(f"Not compared: {some(names)}: {why}" for why, names in reasons.items())
    return lines


def counted(made: Contrast) -> str:
    """3 slower, 1 faster, 40 same; every row has one of these."""
    parts = [f"{number} {verdict.value}" for verdict, number in made.counts().items()]
    if made.matched.broken:
        parts.append(f"{len(made.matched.broken)} failed the proof")
    return f"{words.plural(len(made.rows), 'row')}: {', '.join(parts)}" if made.rows else ", ".join(parts)
