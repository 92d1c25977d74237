"""Everything that a comparison says, before anybody shows it: which rows of the two sides can be compared, what the
statistics say of each, why the others cannot, and what the reader must be warned of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gradmark_report import faults, words
from gradmark_report.comparison.circumstances import Circumstance, circumstances
from gradmark_report.comparison.sides import Sides, pair
from gradmark_report.errors import BadInput, NotComparable
from gradmark_report.result import Result, Row, unique
from gradmark_report.selection import Selection
from gradmark_report.statistics import ComparedRow, Settings, Verdict, compare
from gradmark_report.statistics.states import counted_rounds

# Working sets that differ by less are the same work: rounding to whole pages and cache lines moves them.
SAME_WORK = 0.01

EVERY_ROW = Selection()

RowsOfSides = Sequence[Sequence[Row]]  # one row, of the processes of the base and of those of the head


@dataclass(frozen=True)
class Comparison:
    sides: Sides
    settings: Settings
    why_not_paired: str  # empty where the processes are pairs
    circumstances: tuple[Circumstance, ...]
    warnings: tuple[str, ...]
    rows: tuple[ComparedRow, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]  # the rows that the base alone has, and those of the head
    not_compared: dict[str, str]  # a row's name: the reason
    broken: tuple[str, ...]  # failed their proof on the head, and passed it on the base

    @property
    def paired(self) -> bool:
        return not self.why_not_paired

    @property
    def differences(self) -> tuple[Circumstance, ...]:
        return tuple(one for one in self.circumstances if not one.same)

    def of(self, *verdicts: Verdict) -> list[ComparedRow]:
        """The rows of these verdicts, the largest change first."""
        return sorted((row for row in self.rows if row.verdict in verdicts), key=lambda row: -abs(row.change or 0))

    def counts(self) -> dict[Verdict, int]:
        """How many rows have each verdict; those that none has are not in it."""
        counted = Counter(row.verdict for row in self.rows)
        return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}


# ---- which rows can be compared -------------------------------------------------------------------------------------


def _by_name(results: Sequence[Result], selection: Selection) -> dict[str, list[Row]]:
    """Those that were timed or failed their proof, of all processes."""
    found: dict[str, list[Row]] = {}
    for row in (row for result in results for row in selection.of(result.rows)):
        if row.time or row.status == "failed":
            found.setdefault(row.name, []).append(row)
    return found


def _not_believable(rows: RowsOfSides) -> str:
    where = [
        label for label, of_side in zip(("base", "head"), rows, strict=True) if not all(r.believable for r in of_side)
    ]
    if not where:
        return ""
    percent = words.percent(faults.BELIEVED)
    return f"its time in the {words.listed(where)} is not believable: above {percent} of attainable ({faults.COMMAND})"


def _other_work(rows: RowsOfSides) -> str:
    sizes = [sorted(row.working_set_bytes for row in of_side if row.working_set_bytes) for of_side in rows]
    known = sorted(sizes[0] + sizes[1])
    if not known or known[-1] <= known[0] * (1 + SAME_WORK):
        return ""
    base, head = (" or ".join(unique(map(words.size, of_side))) for of_side in sizes)
    if base == head:
        return f"its working set is not the same in all processes ({base})"
    return f"its working set is {base} in the base and {head} in the head: that is other work"


def _other_states(rows: RowsOfSides) -> str:
    """Several threads are compared where both sides ran alike: a row on two cores says nothing of one on two threads of
    one core."""
    base, head = (
        words.listed(unique(one.state or "no known state" for row in of_side for one in counted_rounds(row)))
        for of_side in rows
    )
    return f"its threads ran on {base} in the base and on {head} in the head"


def _compare(
    timed: RowsOfSides, processes: Sequence[Sequence[Row | None]], settings: Settings, *, paired: bool
) -> ComparedRow | str:
    """One row, or why it cannot be compared. `timed` are the rows of all processes, `processes` has one for each
    process that counts; paired, the i-th ones of both sides are a pair."""
    if why := _not_believable(timed) or _other_work(timed):
        return why
    if paired:
        both = [(base, head) for base, head in zip(*processes, strict=True) if base and head]
        counted = [[base for base, _ in both], [head for _, head in both]]
    else:
        counted = [[row for row in of_side if row] for of_side in processes]
    if not counted[0]:
        return "no process that timed it has a partner that did"
    return compare(counted[0], counted[1], settings, paired=paired) or _other_states(counted)


def _nothing_in_common(made: Comparison) -> NotComparable:
    if made.not_compared:
        name, why = next(iter(made.not_compared.items()))
        more = len(made.not_compared) - 1
        others = f" (and {words.plural(more, 'other row')} for such a reason)" if more else ""
        return NotComparable(f"the two sides have no row that could be compared: {name}: {why}{others}")
    base, head = (
        words.listed(unique(str(result.machine["processor"]["architecture"]) for result in side.results))
        for side in made.sides
    )
    has = [
        f"{side.label} has {len(names)} "
        f"({words.listed(unique(name.split('/')[0] for name in names)[:4]) or 'no timed row'})"
        for side, names in zip(made.sides, made.only, strict=True)
    ]
    why = f"; base is {base}, head is {head}" if base != head else ""
    return NotComparable(f"the two sides have no row in common: {', '.join(has)}{why}")


# ---- what the reader must be warned of ------------------------------------------------------------------------------


def _warnings_of_sides(sides: Sides, why_not_paired: str, found: Sequence[Circumstance]) -> list[str]:
    warnings = []
    base, head = ({result.fingerprint for result in side.results} for side in sides)
    if base & head:
        warnings.append("One process is on both sides: it is compared with itself")
    if why_not_paired and all(len(side.results) > 1 for side in sides):
        warnings.append(
            f"Not paired, because {why_not_paired}: a drift of the machine between the sides cannot be told from a "
            "change. scripts/compare runs them by turns"
        )
    for one in (one for one in found if not one.of_a_moment):
        for side, values in zip(sides, (one.base, one.head), strict=True):
            if len(values) > 1:
                warnings.append(f"The {side.label} is no single thing: {one.label} {words.some(values)}")
    for side in sides:
        cut = sum(result.partial for result in side.results)
        if cut:
            warnings.append(
                f"{cut} of {words.plural(len(side.results), 'file')} of the {side.label} "
                f"{'is' if cut == 1 else 'are'} of an interrupted run: rows that it did not reach are missing"
            )
        delays = sorted({result.settings["test_delay_percent"] for result in side.results} - {0, None})
        if delays:
            percent = words.listed([f"{delay:g}%" for delay in delays])
            warnings.append(f"The times of the {side.label} were lengthened on purpose, by {percent} (--test-delay)")
        if any(result.environment["emulated"] for result in side.results):
            warnings.append(f"The {side.label} ran under an emulator: its times say nothing of any processor")
    return warnings


def _mostly_huge(row: Row) -> bool | None:
    """Has it got huge pages? None: nobody knows, or it is so small that it does not matter."""
    if row.huge_page_bytes is None or not row.working_set_bytes or row.working_set_bytes < 4 << 20:
        return None
    return row.huge_page_bytes / row.working_set_bytes > 0.5


def _first_of(of_processes: Sequence[Sequence[Row | None]], *, paired: bool) -> tuple[Row, ...]:
    """Of both sides the first process that has the row; in pairs, of those that both have it."""
    if paired:
        return next((a, b) for a, b in zip(*of_processes, strict=True) if a and b)
    return tuple(next(row for row in rows if row) for rows in of_processes)


def _warnings_of_pages(first: dict[str, tuple[Row, ...]]) -> list[str]:
    """`first` has of each row its first process of either side that counts."""
    pages = {name: {_mostly_huge(row) for row in rows} for name, rows in first.items()}
    other = [name for name, huge in pages.items() if huge == {True, False}]
    if not other:
        return []
    return [
        f"{words.plural(len(other), 'row')} got huge pages on one side only, such as {other[0]}: "
        "that alone may change a time"
    ]


def _warnings_of_runs(sides: Sides) -> list[str]:
    """What the runs themselves warned of, each once, with where it was seen."""
    first: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for side in sides:
        for result in side.results:
            for id_, what in {warning["id"]: warning["what"] for warning in result.warnings}.items():
                first.setdefault(id_, what)
                seen[id_, side.label] += 1
    sentences = []
    for id_, what in first.items():
        counts = [(seen[id_, side.label], len(side.results), side.label) for side in sides]
        where = words.listed([f"{number} of {of} of the {label}" for number, of, label in counts if number])
        if all(number == of for number, of, _ in counts):
            where = "both sides"
        sentences.append(f"{' '.join(what.split())} ({where})")
    return sentences


# ---- the comparison -------------------------------------------------------------------------------------------------


def compare_sides(sides: Sides, settings: Settings, selection: Selection = EVERY_ROW) -> Comparison:
    """Raises NotComparable if no row is left and nothing broke; BadInput if the selection leaves no row on either
    side."""
    if not any(row in selection for side in sides for result in side.results for row in result.rows):
        raise BadInput(f"{selection} matches no row of either side")
    pairs, why_not_paired = pair(sides)
    by_name = [_by_name(side.results, selection) for side in sides]
    timed = [{name: [row for row in rows if row.time] for name, rows in one.items()} for one in by_name]
    failed = [{name for name, rows in one.items() if any(row.status == "failed" for row in rows)} for one in by_name]
    results = list(zip(*pairs, strict=True)) if pairs else [side.results for side in sides]
    processes = [[{row.name: row for row in result.timed} for result in of_side] for of_side in results]
    compared: dict[str, ComparedRow] = {}
    first: dict[str, tuple[Row, ...]] = {}
    not_compared: dict[str, str] = {}
    only: tuple[list[str], list[str]] = ([], [])
    names = unique(name for rows in by_name for name in rows)
    for name in names:
        where = [side.label for side, broken in zip(sides, failed, strict=True) if name in broken]
        has = [bool(rows.get(name)) for rows in timed]
        if where:
            not_compared[name] = f"it failed its proof in the {words.listed(where)}, and is not timed"
        elif not all(has):
            only[has.index(True)].append(name)
        else:
            of_processes = [[rows.get(name) for rows in of_side] for of_side in processes]
            found = _compare([rows[name] for rows in timed], of_processes, settings, paired=bool(pairs))
            if isinstance(found, str):
                not_compared[name] = found
            else:
                compared[name] = found
                first[name] = _first_of(of_processes, paired=bool(pairs))
    all_circumstances = tuple(circumstances(*sides))
    warnings = (
        *_warnings_of_sides(sides, why_not_paired, all_circumstances),
        *_warnings_of_pages(first),
        *_warnings_of_runs(sides),
    )
    made = Comparison(
        sides,
        settings,
        why_not_paired,
        all_circumstances,
        warnings,
        tuple(compared.values()),
        (tuple(only[0]), tuple(only[1])),
        not_compared,
        tuple(name for name in names if name in failed[1] - failed[0]),
    )
    if not compared and not made.broken:
        raise _nothing_in_common(made)
    return made
