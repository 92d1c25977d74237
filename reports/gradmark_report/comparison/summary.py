"""The sentences of a comparison, in plain text: every format says the same ones."""

from collections import Counter
from collections.abc import Iterable

from gradmark_report import words
from gradmark_report.comparison.comparison import Comparison
from gradmark_report.comparison.sides import Side
from gradmark_report.errors import Exit
from gradmark_report.result import LEVELS, unique
from gradmark_report.statistics import UNDECIDED, ComparedRow, Interval, Verdict

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


# ---- of one row -----------------------------------------------------------------------------------------------------


def time(interval: Interval) -> str:
    """0.554 ns ±0.4%; without ± where nobody knows it"""
    shown = words.nanoseconds(interval.value)
    return f"{shown} {words.plus_minus(interval.value, interval.low, interval.high)}" if interval.known else shown


def change(row: ComparedRow) -> str:
    """The change in percent, or ~ where nothing was seen."""
    return "~" if row.change is not None and not row.seen else words.signed_percent(row.change)


def interval(row: ComparedRow) -> str:
    if row.interval is None:
        return words.UNKNOWN
    return words.span(*(words.signed_percent(100 * (end - 1)) for end in (row.interval.low, row.interval.high)))


def named(row: ComparedRow) -> str:
    """Its name; on several threads, with where they ran."""
    return f"{row.name} ({row.state})" if row.state else row.name


def pairs(row: ComparedRow) -> str:
    """11 pairs, 1 left out"""
    what = words.plural(row.pairs, "pair") if row.paired else f"{row.pairs} a side"
    return f"{what}, {row.left_out} left out" if row.left_out else what


# ---- of all ---------------------------------------------------------------------------------------------------------


def revisions(side: Side) -> str:
    return words.some(unique(result.revision for result in side.results))


def shown(made: Comparison, every_row: bool) -> tuple[list[ComparedRow], str]:
    """The rows of the table, and what is said of those that are left out."""
    rows = list(made.rows)
    if every_row or len(rows) <= MANY_ROWS:
        return rows, ""
    quiet = [row for row in rows if not row.seen]
    if not quiet:
        return rows, ""
    counts = Counter(row.verdict for row in quiet)
    kinds = words.listed(
        [words.plural(counts[verdict], f"{verdict.value} row") for verdict in MEANING if counts[verdict]]
    )
    what = f"{words.plural(len(quiet), 'row')} in which nothing was seen"
    kinds = kinds if len(counts) > 1 else f"all {quiet[0].verdict.value}"
    are = "is" if len(quiet) == 1 else "are"
    return [row for row in rows if row.seen], f"{what} ({kinds}) {are} left out; --all shows them"


def same_in_one_line(made: Comparison) -> str:
    """What is equal: what people ask for by value, the rest by count, what nobody can see last."""
    by_value = ("host", "processor", "microcode", "kernel", "revision", "compiler", "profile", "filter", "pages")
    equal = [one for one in made.circumstances if one.same and not one.unseen]
    named = [one for label in by_value for one in equal if one.label == label and one.base != ("none",)]
    parts = [f"{one.label} {words.some(one.base)}" for one in named]
    rest = len(equal) - len(named)
    if rest:
        parts.append(f"and {rest} more")
    unseen = [one.label for one in made.circumstances if one.unseen]
    sentence = "Alike on both sides: " + ", ".join(parts) if parts else "Nothing is alike on both sides"
    return sentence + (f". Not visible on either: {', '.join(unseen)}" if unseen else "")


def level(made: Comparison) -> str:
    """Of the intervals: those that are shown also judge."""
    return f"{100 * (1 - made.settings.alpha_of_a_look):.4g}%"


def not_measured(made: Comparison) -> str:
    """What the profile `compare` leaves aside, so that nobody takes its silence for a verdict."""
    if any(result.settings["profile"] != "compare" for side in made.sides for result in side.results):
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


def over_the_table(made: Comparison) -> list[str]:
    """What the reader of the table must know: what was measured; pairs or not, the margin, what the interval is; and
    why it is not one of 95% where there are several looks."""
    settings = made.settings
    if made.paired:
        most = max((row.pairs for row in made.rows), default=0)
        how = f"{words.plural(most, 'pair')} of processes that ran by turns"
    else:
        base, head = (len(side.results) for side in made.sides)
        how = f"{base} against {words.plural(head, 'process', 'processes')}, not paired"
    said = [f"{how}; margin {100 * settings.margin:.3g}%; change with its {level(made)} interval"]
    if settings.looks > 1:
        share = f"share an error of {100 * settings.alpha:.4g}%"
        said.append(f"{settings.looks} looks at the verdicts were planned, and {share}")
    measured = not_measured(made)
    return [measured, *said] if measured else said


def to_decide(made: Comparison) -> list[str]:
    """What would turn the undecided rows into decided ones."""
    if not made.of(*UNDECIDED):
        return []
    if any(len(side.results) == 1 for side in made.sides):
        return [
            "One process of a side cannot carry a verdict: the next one may lie elsewhere in memory and differ by more "
            "than this. `scripts/compare --base REV --head REV` runs both by turns until there is one"
        ]
    undecided, too_few = made.of(Verdict.INCONCLUSIVE), made.of(Verdict.TOO_FEW)
    known = [(row.pairs_to_decide, row) for row in undecided if row.pairs_to_decide]
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


def left_out(made: Comparison) -> list[str]:
    """The rows that have no place in the table, and why."""
    lines = [
        f"Only in the {side.label}: {words.some(names, 6)}"
        for side, names in zip(made.sides, made.only, strict=True)
        if names
    ]
    reasons: dict[str, list[str]] = {}
    for name, why in made.not_compared.items():
        reasons.setdefault(why, []).append(name)
    lines.extend(f"Not compared: {words.some(names, 6)}: {why}" for why, names in reasons.items())
    return lines


def counted(made: Comparison) -> str:
    """3 slower, 1 faster, 40 same; every row has one of these."""
    parts = [f"{number} {verdict.value}" for verdict, number in made.counts().items()]
    if made.broken:
        parts.append(f"{len(made.broken)} failed the proof")
    return f"{words.plural(len(made.rows), 'row')}: {', '.join(parts)}" if made.rows else ", ".join(parts)


# ---- of the gate ----------------------------------------------------------------------------------------------------


def judged(made: Comparison, *, strict: bool) -> tuple[Exit, str]:
    """The exit code, and the sentence that explains it. A regression outweighs all else; faster passes, and so does a
    small change."""
    slower = made.of(Verdict.SLOWER)
    if made.broken:
        return Exit.REGRESSION, f"REGRESSION: {words.some(made.broken, 4)} failed the proof in the head alone"
    if slower:
        worst = slower[0]
        return Exit.REGRESSION, (
            f"REGRESSION: {words.plural(len(slower), 'row')} slower, most of all {worst.name} {change(worst)} "
            f"({interval(worst)})"
        )
    unknown = made.of(*UNDECIDED)  # nobody knows, so that under --strict nobody may say that nothing is wrong
    without = f"{words.plural(len(unknown), 'row')} without a verdict"
    if unknown and strict:
        return Exit.INCONCLUSIVE, f"INCONCLUSIVE: {without}, under --strict"
    return Exit.PASS, "PASS: no row is slower" + (f"; {without} (--strict would not let that pass)" if unknown else "")


def grounds(made: Comparison, most: int = 20) -> Iterable[str]:
    """What decided, and what a reader must know beside it: a line each."""
    yield from (f"warning: {warning}" for warning in made.warnings)
    decisive = [*made.of(Verdict.SLOWER), *made.of(*UNDECIDED), *made.of(Verdict.FASTER)]
    for row in decisive[:most]:
        yield (
            f"{row.verdict.value:<12}  {named(row)}  {words.signed_percent(row.change)} ({interval(row)})  "
            f"{' -> '.join(map(time, row.times))}  {pairs(row)}"
        )
    if len(decisive) > most:
        yield f"and {len(decisive) - most} more rows of these verdicts"
    yield from over_the_table(made) if made.rows else ()
    yield from left_out(made)
    yield from to_decide(made)
    yield counted(made)
