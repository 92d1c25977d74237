"""The answer: what was trained, how well, how fast, and where the time went, in sentences made from the data. What was
not measured is left out."""

from collections.abc import Sequence

from gradmark_report import faults, words
from gradmark_report.record import FIRST_MODEL
from gradmark_report.result import unique
from gradmark_report.training import labels
from gradmark_report.training.model import Kernel, Run, Training, model_of

Points = list[tuple[str, str]]

MOST = 6  # runs that a sentence names


def model(run: Run) -> str:
    """784-256-10 (relu, softmax_xent, 203,530 parameters)"""
    hidden = len(run.layers) > 2  # without a hidden layer there is nothing to activate
    parts = [part for part in (run.activation if hidden else None, run.loss) if part]
    parts.append(f"{run.parameters:,} {'parameter' if run.parameters == 1 else 'parameters'}")
    return f"{model_of(run.layers) or 'a model'} ({', '.join(parts)})"


def lasted(run: Run) -> str:
    """10 epochs; 4 of 10 epochs; 100 steps"""
    if run.epochs is None:
        return words.plural(run.steps, "step")
    whole = words.plural(run.epochs, "epoch")
    if run.epochs_done is None or run.epochs_done >= run.epochs:
        return whole
    return f"{run.epochs_done:.3g} of {whole}"


def _trained(training: Training, run: Run) -> Points:
    groups = labels.tasks(training.runs)
    how = f" with {run.optimizer}" if run.optimizer and len(groups) == 1 else ""
    batch = f", batches of {run.batch}" if run.batch else ""
    sentence = f"{training.workload}: {model(run)}{how}{batch}, {lasted(run)}"
    data = training.data
    if data and data["train"]:
        sentence += f", on {data['train']:,} {'sample' if data['train'] == 1 else 'samples'}"
        sentence += f" ({data['source']})" if data["source"] else ""
        sentence += f"; {data['validation']:,} others to stop early by" if data["validation"] else ""
        sentence += f"; {data['test']:,} others to test" if data["test"] else ""
    sentence += "."
    if len(training.runs) > 1:
        ways = f", {len(groups)} ways of training" if len(groups) > 1 else ""
        sentence += f" {len(training.runs)} runs{ways}"
        isas = labels.isas(training.runs)
        sentence += f", on {words.listed(isas, most=8)}." if len(isas) > 1 else "."
    return [("Trained", sentence)]


def _reached(run: Run) -> str:
    reached = [one for one in run.seconds_to if one.seconds is not None]
    never = [f"{100 * one.accuracy:g}%" for one in run.seconds_to if one.seconds is None]
    text = ""
    if reached:
        each = [f"{100 * one.accuracy:g}% after {words.duration(one.seconds)}" for one in reached]
        text = f" {words.listed(each, most=MOST)}"
        text += f"; {words.listed(never, 'or')} it never reached." if never else "."
    elif never:
        text = f" It never reached {words.listed(never, 'or')}."
    return text


def _accuracy(training: Training, run: Run) -> Points:
    if run.accuracy is None:
        if run.last_loss is None:
            return []
        who = labels.labels(training.runs)[run.name] if len(training.runs) > 1 else labels.what(run)
        return [("Loss", f"{who}: {words.significant(run.last_loss)} at the end.")]
    groups = labels.tasks(training.runs)
    named = labels.task_labels(training.runs)
    who = f"{named[run.name]}: " if len(groups) > 1 else ""
    sentence = f"{who}{words.share(run.accuracy)}"
    if run.test:
        sentence += f" of {run.test.samples:,} test samples"
        if run.test.macro_f1 is not None:
            sentence += f", F1 {words.share(run.test.macro_f1)} over all classes"
        known = [one for one in run.test.classes if one.f1 is not None]
        if known and len(run.test.classes) > 2:
            weak = min(known, key=lambda one: one.f1 or 0.0)
            sentence += f"; the weakest class is {weak.label} with {words.share(weak.f1)}"
    sentence += "." + (_reached(run) if run.from_the_start else "")
    if len(groups) > 1:
        firsts = [max(group, key=lambda one: one.accuracy or 0.0) for group in groups]
        others = [one for one in firsts if one.accuracy is not None and labels.task(one) != labels.task(run)]
        if others:
            least = min(others, key=lambda one: one.accuracy or 0.0)
            sentence += f" The least accurate is {named[least.name]} with {words.share(least.accuracy)}."
    return [("Accuracy", sentence)]


def _time(run: Run) -> str:
    if run.resumed_after_epoch is not None:
        return f"since it was resumed after epoch {run.resumed_after_epoch}"
    return f"{words.duration(run.seconds)} for {lasted(run)}"


def _fastest(training: Training, quick: Run, comparable: Sequence[Run]) -> str:
    """Who it is, by name, and whom it is not told apart from."""
    if len(comparable) < 2:
        return labels.labels(training.runs)[quick.name] if len(training.runs) > 1 else labels.what(quick)
    named = labels.labels(training.runs)
    close = [named[one.name] for one in labels.as_fast(quick, comparable)]
    if not close:
        return f"{named[quick.name]} is the fastest"
    return f"{named[quick.name]} came out fastest, though as speeds varied {words.listed(close, most=3)} may be as fast"


def _speed(training: Training, run: Run) -> Points:
    """Models of different sizes are not held against each other."""
    ended = [one for one in training.runs if labels.ended(one)] or training.runs
    comparable = [run] if training.compression else [one for one in ended if one.samples_per_second]
    quick = labels.fastest(comparable or [run])
    if not quick.samples_per_second:
        return []
    rate = f"{words.rate(quick.samples_per_second)} samples/s"
    if len(comparable) > 1 and len(labels.as_fast(quick, comparable)) == len(comparable) - 1:
        return [("Speed", f"All runs are about as fast: {rate}, {_time(quick)}.")]
    sentence = f"{_fastest(training, quick, comparable)}: {rate}, {_time(quick)}"
    beside = labels.over_scalar(quick, training.runs)
    if beside:
        ratio, scalar = beside
        on = "" if scalar.threads == quick.threads else f" on {words.plural(scalar.threads, 'thread')}"
        sentence += f"; {words.times(ratio)} as fast as scalar{on}"
    if quick is not run and run.samples_per_second:
        sentence += f". {labels.labels(training.runs)[run.name]} does {words.rate(run.samples_per_second)}"
    return [("Speed", f"{sentence}.")]


def _threads(training: Training, run: Run) -> Points:
    """More threads beside the fewest, of the implementation that the answer is about."""
    same = [one for one in training.runs if labels.task(one) == labels.task(run) and one.isa == run.isa]
    same = sorted((one for one in same if one.samples_per_second), key=lambda one: one.threads)
    if len(same) < 2:
        return []
    few, *more = same
    ratios = [
        f"{one.threads} threads are {words.times((one.samples_per_second or 0) / few.samples_per_second)}"
        for one in more
        if few.samples_per_second
    ]
    return [("Threads", f"With {run.isa}, {words.listed(ratios)} as fast as {few.threads}.")]


def kernel(one: Kernel) -> str:
    return f"{one.op} ({one.what})" if one.what else one.op


def _kernels(run: Run) -> Points:
    if not any(one.calls for one in run.kernels):
        return []
    most = max(run.kernels, key=lambda one: one.share)
    parts = []
    if run.kernel_share is not None:
        parts.append(f"{words.percent(100 * run.kernel_share)} of the time is spent in kernels")
    if run.data_share is not None:
        parts.append(f"{words.percent(100 * run.data_share)} with the data")
    sentence = words.listed(parts)
    sentence += f"{'; most' if parts else 'Most'} goes to {kernel(most)}, {words.percent(100 * most.share)}."
    known = [one for one in run.kernels if one.attainable_percent is not None and one.believable]
    best, worst = (pick(known, key=lambda one: one.attainable_percent or 0.0, default=None) for pick in (max, min))
    if best and worst and best is not worst:
        sentence += (
            f" Nearest to what this machine could do at best is {kernel(best)} with "
            f"{words.percent(best.attainable_percent)}, farthest {kernel(worst)} with "
            f"{words.percent(worst.attainable_percent)}."
        )
    elif best:
        sentence += f" {kernel(best)} reaches {words.percent(best.attainable_percent)} of what is attainable."
    return [("Kernels", sentence[0].upper() + sentence[1:])]


def parted(run: Run, other: Run) -> str:
    """From where on the losses of two runs differ, and by how much at most; empty where that is not known."""
    pairs = list(zip(run.first_losses, other.first_losses, strict=False))
    differ = [number for number, (one, two) in enumerate(pairs, 1) if one != two]
    if not differ:
        return f"their first {len(pairs)} losses are the same" if pairs else ""
    gaps = [
        abs(one - two) / max(abs(one), abs(two))
        for one, two in pairs
        if one is not None and two is not None and one != two
    ]
    most = f", by at most {words.significant(100 * max(gaps), 2)}% in the first {len(pairs)}" if gaps else ""
    return f"their losses differ from step {differ[0]} on{most}"


def _bits(training: Training) -> Points:
    points: Points = []
    named = labels.labels(training.runs)
    for one in training.reproducibility:
        same = [named[run.name] for run in one.same]
        about = f"{one.what}: " if len(training.reproducibility) > 1 else ""
        parts = [f"{words.listed(same, most=8)} ended in the same bits"] if len(same) > 1 else []
        for runs, why in one.other:
            who = words.listed([named[run.name] for run in runs], most=MOST)
            reason = why.rstrip(".") or "nothing explains it"
            beside = "in others" if parts or not same else f"ended in other bits than {same[0]}"
            parts.append(f"{who} {beside}: {reason}")
        if parts:
            points.append(("Bits", f"{about}{'; '.join(parts)}."))
    if len(points) <= 3:
        return points
    return [("Bits", _bits_in_short(training))]


def _bits_in_short(training: Training) -> str:
    number = len(training.reproducibility)
    same = unique(run.isa for one in training.reproducibility for run in one.same)
    other = unique(run.isa for one in training.reproducibility for runs, _ in one.other for run in runs)
    if not other:
        return f"In each of {number} ways of training all runs ended in the same bits."
    if len(same) > 1 and not set(same) & set(other):
        end = "ends" if len(other) == 1 else "end"
        rest = f"{words.listed(other, most=MOST)} {end} in others, and the table below says why"
        return f"In each of {number} ways of training {words.listed(same, most=MOST)} ended in the same bits; {rest}."
    whole = sum(not one.other for one in training.reproducibility)
    return f"In {whole} of {number} ways of training all runs ended in the same bits; the table below has the others."


def _fits(training: Training) -> Points:
    if not training.fits:
        return []
    missed = [one for one in training.fits if not one.held]
    number = len(training.fits)
    if not missed:
        all_ = {1: "The one parameter whose answer is", 2: "Both parameters whose answers are"}
        who = all_.get(number, f"All {number} parameters whose answers are")
        return [("Known answers", f"{who} known came out within the tolerance.")]
    named = labels.labels(training.runs)
    parts = [(one.parameter, named.get(one.part, one.part)) for one in missed]
    names = words.listed([f"{parameter} ({part})" if part else parameter for parameter, part in parts], most=4)
    return [("Known answers", f"{len(missed)} of {number} came out beyond their tolerance: {names}.")]


def _compression(training: Training) -> Points:
    if len(training.compression) < 2:
        return []
    first, *others = training.compression
    parts = [f"{first.part}: {words.size(first.bytes)}, {words.share(first.accuracy)}"]
    for one in others:
        part = f" ({words.percent(100 * one.bytes / first.bytes)})" if one.bytes and first.bytes else ""
        parts.append(f"{one.part}: {words.size(one.bytes)}{part}, {words.share(one.accuracy)}")
    return [("Size and accuracy", f"{'; '.join(parts)}.")]


def _ends(training: Training) -> Points:
    """Runs that did not end as they should."""
    named = labels.labels(training.runs)
    points: Points = []
    diverged = [run for run in training.runs if run.status == "diverged"]
    if diverged:
        names = words.listed([f"{named[run.name]} at step {run.diverged_at_step:,}" for run in diverged], most=MOST)
        points.append(("Diverged", f"{names}: the loss grew beyond all bounds, or was no number any more."))
    broken = [run for run in training.runs if run.status == "failed"]
    if broken:
        names = words.listed([named[run.name] for run in broken], most=MOST)
        points.append(("Failed", f"{names}: it could not go on."))
    stopped = [run for run in training.runs if run.status == "stopped early"]
    if stopped:
        names = words.listed([f"{named[run.name]} after {lasted(run)}" for run in stopped], most=MOST)
        points.append(("Stopped early", f"{names}, since the validation did not improve any more."))
    return points


def _limits(training: Training) -> Points:
    """What is wrong with them."""
    kernels = (one for run in training.runs for one in run.kernels)
    said = FIRST_MODEL if training.first_model else faults.sentence(kernels, "kernel")
    return [("Limits", said)] if said else []


def _trust(training: Training) -> Points:
    spreads = [
        (one.samples_per_second_high - one.samples_per_second_low) / one.samples_per_second
        for one in training.runs
        if one.samples_per_second and one.samples_per_second_high and one.samples_per_second_low
    ]
    sentence = "Each run was timed once, in one process"
    if spreads:
        worst = words.percent(100 * max(spreads))
        sentence += f"; from one evaluation to the next its speed varied by up to {worst}, "
        sentence += "and the same again may differ by more"
    if training.warnings:
        sentence += f"; {words.plural(len(training.warnings), 'warning')} below"
    sentence += "."
    if training.environment["emulated"]:
        sentence += " An emulator ran this: the times say nothing about any processor."
    broken = sum(run.status == "interrupted" for run in training.runs)
    if training.partial:
        sentence += " It was interrupted before its end: runs that were not reached are missing here."
    elif broken:
        sentence += f" {words.plural(broken, 'run was', 'runs were')} interrupted."
    return [("Trust", sentence)]


def answer(training: Training) -> Points:
    """(lead, sentence)"""
    run = labels.subject(training)
    return [
        *_trained(training, run),
        *_ends(training),
        *_accuracy(training, run),
        *_fits(training),
        *_compression(training),
        *_speed(training, run),
        *_threads(training, run),
        *_kernels(run),
        *_bits(training),
        *_limits(training),
        *_trust(training),
    ]
