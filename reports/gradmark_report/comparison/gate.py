"""What a gate says of a comparison: one exit code, and the sentence that explains it."""

from gradmark_report import words
from gradmark_report.comparison import summary
from gradmark_report.comparison.contrast import UNDECIDED, Contrast
from gradmark_report.errors import Exit
from gradmark_report.statistics import Verdict


def decide(made: Contrast, *, strict: bool) -> tuple[Exit, str]:
    """A regression outweighs all else; faster passes, and so does a small change."""
    slower, broken = made.of(Verdict.SLOWER), made.matched.broken
    if broken:
        names = ", ".join(broken[:4]) + (f" and {len(broken) - 4} more" if len(broken) > 4 else "")
        return Exit.REGRESSION, f"REGRESSION: {names} failed the proof in the head alone"
    if slower:
        worst = slower[0]
        return Exit.REGRESSION, (
            f"REGRESSION: {words.plural(len(slower), 'row')} slower, most of all {worst.name} {summary.change(worst)} "
            f"({summary.interval(worst)})"
        )
    unknown = made.of(*UNDECIDED)  # nobody knows, so that under --strict nobody may say that nothing is wrong
    if unknown and strict:
        return Exit.INCONCLUSIVE, f"INCONCLUSIVE: {words.plural(len(unknown), 'row')} without a verdict, under --strict"
    aside = (
        f"; {words.plural(len(unknown), 'row')} without a verdict (--strict would not let that pass)" if unknown else ""
    )
    return Exit.PASS, f"PASS: no row is slower{aside}"


def grounds(made: Contrast, most: int = 20) -> list[str]:
    """What decided, and what a reader must know beside it: a line each."""
    lines = [f"warning: {warning}" for warning in made.warnings]
    decisive = [*made.of(Verdict.SLOWER), *made.of(*UNDECIDED), *made.of(Verdict.FASTER)]
    for row in decisive[:most]:
        compared = row.comparison
        lines.append(
            f"{row.verdict.value:<12}  {summary.named(row)}  "
            f"{words.signed_percent(row.change)} ({summary.interval(row)})  "
            f"{summary.time(compared.base)} -> {summary.time(compared.head)}  {summary.pairs(row)}"
        )
    if len(decisive) > most:
        lines.append(f"and {len(decisive) - most} more rows of these verdicts")
    lines.extend(summary.over_the_table(made) if made.rows else [])
    lines.extend(summary.left_out(made))
    lines.extend(summary.to_decide(made))
    return lines
