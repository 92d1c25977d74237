"""Which machine is best for what, in sentences."""

from gradmark_report import faults, states, words
from gradmark_report.merge.cases import Case, Fleet, slower, where
from gradmark_report.merge.outliers import Outlier, sentence
from gradmark_report.merge.steps import Step, euros, steps
from gradmark_report.result import unique

MOST = 3  # machines or ops that a sentence names


def best_at(fleet: Fleet, place: tuple[str, str]) -> str | None:
    """Who is best in how many ops, and by how much in the one that matters most."""
    exact = [case for case in fleet.at(place) if not case.fast and case.measured > 1]
    cases = [case for case in exact if case.alike]
    labels = [machine.label for machine in fleet.machines]
    if not cases:
        return _apart(labels, exact[0]) if exact else None
    wins = {index: sum(case.best(index) for case in cases) for index in range(len(labels))}
    order = sorted((index for index in wins if wins[index]), key=lambda index: -wins[index])
    always = [labels[index] for index in order if wins[index] == len(cases)]
    all_ops = {1: "in the one op timed", 2: "in both ops"}.get(len(cases), f"in all {len(cases)} ops")
    if len(always) == 1:
        said = f"{always[0]} is best, or as good as the best, {all_ops}"
    elif always:
        said = f"{words.listed(always, most=MOST)} look equal, and nothing is better, {all_ops}"
    else:
        counts = [f"{labels[index]} in {wins[index]}" for index in order]
        said = f"of {len(cases)} ops the best, or as good as the best, is {words.listed(counts, most=MOST)}"
    return f"{said}; {_example(fleet, cases)}."


def _apart(labels: list[str], case: Case) -> str:
    seen = [f"{label} on {words.state(case.state(index) or words.UNKNOWN)}" for index, label in enumerate(labels)]
    states_ = f"{words.listed(seen, most=MOST)} in {case.op}"
    return f"nothing can be compared: their threads were seen in no state in common ({states_})."


def _equal(fleet: Fleet) -> str:
    """Machines that nothing tells apart; empty where there are none."""
    groups: list[list[int]] = []
    for index in range(len(fleet.machines)):
        group = next((group for group in groups if _alike(fleet, group[0], index)), None)
        if group is None:
            groups.append([index])
        else:
            group.append(index)
    labels = [[fleet.machines[index].label for index in group] for group in groups if len(group) > 1]
    equal = [words.listed(group, most=8) for group in labels]
    return "; ".join(f"{group} look equal: nothing that they share tells them apart" for group in equal)


def _alike(fleet: Fleet, one: int, other: int) -> bool:
    pairs = [(case.rows[one], case.rows[other]) for case in fleet.cases]
    shared = [(a, b) for a, b in pairs if a and b]
    return bool(shared) and not any(slower(a, b) or slower(b, a) for a, b in shared)


def _example(fleet: Fleet, cases: list[Case]) -> str:
    case = next((case for case in cases if case.op == states.OP), cases[0])
    labels = [machine.label for machine in fleet.machines]
    measured = [index for index in range(len(labels)) if case.ns(index) is not None]
    order = sorted((index for index in measured if index != case.fastest), key=lambda index: case.ns(index) or 0.0)
    said = f"{case.op} takes {words.nanoseconds(case.ns(case.fastest))} per element on {labels[case.fastest]}"
    ties = [labels[index] for index in order if case.best(index)]
    slower = [index for index in order if not case.best(index)]
    if ties:
        said += f", no clear difference on {words.listed(ties, most=MOST)}"
    if len(slower) > MOST:
        ends = [words.times(case.ratio(index)) for index in (slower[0], slower[-1])]
        said += f", {words.span(*ends)} that on the others"
        said += f" (slowest: {labels[slower[-1]]})"
    elif slower:
        said += f", {words.listed([f'{words.times(case.ratio(index))} that on {labels[index]}' for index in slower])}"
    return said


def _limits(taken: list[Step]) -> str:
    groups = {
        limit: [step for step in taken if (step.row.bound_by or "") == limit]
        for limit in unique(step.row.bound_by or "" for step in taken)
    }
    parts = []
    for limit, members in sorted(groups.items(), key=lambda item: not item[0]):  # what is not known comes last
        every = {1: taken[0].machine.label, 2: "both"}.get(len(taken), "all of them")
        whom = every if len(groups) == 1 else words.listed([step.machine.label for step in members], most=MOST)
        parts.append(f"{limit} limits {whom}{_shares(members)}" if limit else f"what limits {whom} is not known")
    return words.listed(parts)


def _shares(members: list[Step]) -> str:
    known = sorted(step.row.attainable_percent for step in members if step.row.attainable_percent is not None)
    if not known:
        return ""
    return f" ({words.span(words.percent(known[0]), words.percent(known[-1]))} of attainable)"


def _step(fleet: Fleet) -> list[tuple[str, str]]:
    taken = sorted((step for step in steps(fleet) if step), key=lambda step: step.seconds(1.0))
    if not taken:
        return []
    states_ = [f" ({words.state(step.state)})" if step.state else "" for step in taken]
    times = [
        f"{words.duration(step.seconds(1e9))} on {step.machine.label}{state}"
        for step, state in zip(taken, states_, strict=True)
    ]
    if len(times) > MOST:  # the fastest and the slowest say it
        times = [f"from {times[0]} to {times[-1]}"]
    small = [step.machine.label for step in taken if step.fits(7e9) is False]
    said = f"On 1 billion parameters it takes {words.listed(times, most=MOST)} (7 times as long on 7 billion)"
    said += f"; {_limits(taken)}."
    if small:
        needs, where_ = words.gigabytes(states.size(7e9)), words.listed(small, most=MOST)
        said += f" The states of 7 billion parameters ({needs}) do not fit what a process may use on {where_}."
    points = [("AdamW step", said)]
    priced = sorted((step for step in taken if step.euros(1e9)), key=lambda step: step.euros(1e9) or 0.0)
    if priced:
        first, *rest = priced
        cost = euros(first.euros(1e9) or 0.0)
        said = f"{per_euro(first)} steps on 1 billion parameters on {first.machine.label} ({cost} each)"
        others = words.listed([f"{per_euro(step)} on {step.machine.label}" for step in rest], most=MOST)
        points.append(("Per euro", f"{said}, {others}." if others else f"{said}."))
    return points


def per_euro(step: Step) -> str:
    cost = step.euros(1e9)
    if not cost:
        return words.UNKNOWN
    number = 1 / cost
    return words.significant(number, 2) if number < 1000 else words.grouped(number)


def _means(fleet: Fleet) -> str | None:
    means = fleet.geometric_means()
    if means is None:
        return None
    count = len(fleet.averaged)
    order = sorted(range(len(means)), key=lambda index: means[index])
    each = [f"{fleet.machines[index].label} {words.times(means[index])}" for index in order]
    return (
        f"Time over the best one's, geometric mean of the {words.plural(count, 'case')} that all machines have"
        f"{' in one state' if any(not case.alike for case in fleet.common) else ''}: "
        f"{words.listed(each, most=5)}."
    )


def flags(fleet: Fleet, index: int) -> list[str]:
    """What speaks against a machine's figures."""
    result = fleet.machines[index].result
    found = []
    if result.environment["emulated"]:
        found.append("emulated: its times say nothing")
    if result.settings["test_delay_percent"]:
        found.append(f"every time lengthened on purpose by {result.settings['test_delay_percent']:g}%")
    if result.partial:
        found.append("interrupted: rows are missing")
    if result.before_rounds:
        found.append("from before there were rounds: its times are medians, of one process alone")
    if result.first_model:
        found.append("its limits are by gradmark's first model, which was wrong: left out")
    faulty = faults.sentence(result.timed)
    if faulty:
        found.append(faulty.rstrip("."))
    failed = sum(row.status == "failed" for row in result.rows)
    if failed:
        found.append(f"{words.plural(failed, 'row')} failed the proof")
    return [*found, *(warning["what"] for warning in result.warnings)]


def _trust(fleet: Fleet) -> str | None:
    flagged = [machine.label for index, machine in enumerate(fleet.machines) if flags(fleet, index)]
    parts = []
    if flagged:
        whom = "every machine" if len(flagged) == len(fleet.machines) else words.listed(flagged, most=MOST)
        parts.append(f"there are warnings about {whom}")
    for what, values in (
        ("revisions", {machine.result.revision for machine in fleet.machines}),
        ("compilers", {_compiler(machine.result.build) for machine in fleet.machines}),
    ):
        if len(values) > 1:
            parts.append(f"the {what} differ")
    missing = sum(case.measured < len(fleet.machines) for case in fleet.cases)
    if missing:
        parts.append(f"{missing} of {words.plural(len(fleet.cases), 'case')} were not measured everywhere")
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else None


def _compiler(build: dict[str, str]) -> str:
    return f"{build['compiler']} {build['compiler_version']}"


def answer(fleet: Fleet, slow: list[Outlier]) -> list[tuple[str, str]]:
    """Lead and sentence; slow nodes first, for they need somebody to do something."""
    points: list[tuple[str, str]] = []
    named = unique(outlier.machine.label for outlier in slow)
    for label in named[:MOST]:
        points.append(("Slow node", sentence(next(one for one in slow if one.machine.label == label))))
    if len(named) > MOST:
        points.append(("More slow nodes", f"{words.listed(named[MOST:], most=8)}."))
    equal = _equal(fleet)
    if equal:
        points.append(("Equal", f"{equal}."))
    for place in fleet.places[:2]:
        said = best_at(fleet, place)
        if said:
            points.append((f"In {where(place)}", said))
    points += _step(fleet)
    for lead, sentence_ in (("Second, in one figure", _means(fleet)), ("Trust", _trust(fleet))):
        if sentence_:
            points.append((lead, sentence_))
    return points
