"""Runs the processes that a comparison is made of, by turns, until the verdicts are decided or the time is spent.
scripts/compare builds the programs, calls this with them, and ends with its exit code:

0 to 4 as `gradmark-report gate`; 2 also for a process that failed; 130 interrupted; 141 nobody reads what is printed.
What was finished is always kept, and compared as far as it goes.

Where all programs can (`gradmark run --turns`), the processes of a pair are alive together in a ring, of which one
measures a few samples at a time while the others wait. Their order in the ring is random, then mirrored. All of a pair
go through the rows in the same order, which their seed gives; each pair has another. Where all programs can (`gradmark
run --verified`), the processes of the first pair prove what they time, and those after them rest on that."""

import argparse
import json
import math
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gradmark_report import ending, words
from gradmark_report.comparison import document, interruption, json_form, options, summary, trial
from gradmark_report.comparison.comparison import Comparison, compare_sides
from gradmark_report.comparison.progress import Progress
from gradmark_report.comparison.runner import Arm, ProcessFailed, Runner
from gradmark_report.comparison.schedule import PAIRS_OF_A_BLOCK, blocks, looks
from gradmark_report.comparison.sides import read_sides
from gradmark_report.console import terminal as console
from gradmark_report.document import html, markdown, terminal
from gradmark_report.errors import BadInput, Exit, NotComparable
from gradmark_report.output import write_whole
from gradmark_report.statistics import UNDECIDED, Settings

NAME = "compare"  # of the script: what messages begin with
ENOUGH_PAIRS = 10  # below it, hardly any verdict
LONGEST = 10_000  # pairs: no campaign is longer


@dataclass
class Campaign:
    """Where it stands. Time is that of measuring; building came before."""

    arms: tuple[Arm, ...]
    folder: Path
    limit_seconds: float
    most_pairs: int
    seed: int
    progress: Progress
    in_rings: bool = False  # the processes of a pair are alive together and measure by turns; else one after the other
    # By program, its option that rests on what another process proved: only those of the first pair prove then.
    rests_on: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    pairs: int = 0
    planned: tuple[int, ...] = ()
    block_seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.runner = Runner(self.folder)

    @property
    def left(self) -> float:
        return self.limit_seconds - (self.clock() - self.began)

    def run(self, decided: Callable[[int], bool]) -> str:
        """Runs blocks until `decided`, which is asked at each planned look and told how many looks are planned. Says
        why it ended."""
        for block in blocks(self.arms, self.seed):
            if self.pairs >= self.most_pairs:
                return f"{words.plural(self.pairs, 'pair')} were asked for"
            if self.pairs and max(self.block_seconds[-3:]) > self.left:
                return f"the time limit of {words.duration(self.limit_seconds)} was near"
            self._block(block)
            if not self.planned:
                self._plan()
            if self.pairs in self.planned[:-1] and decided(len(self.planned)):
                return "every row was decided"
        raise AssertionError("blocks never end")

    def _plan(self) -> None:
        """The looks, by the number of pairs that the time is enough for as far as the first block tells."""
        more = int(max(0.0, self.left) / max(self.block_seconds[0], 1e-3)) * PAIRS_OF_A_BLOCK
        possible = min(self.pairs + more, self.most_pairs)
        self.planned = looks(possible)
        if possible < ENOUGH_PAIRS and possible < self.most_pairs:
            minutes_needed = ENOUGH_PAIRS / PAIRS_OF_A_BLOCK * self.block_seconds[0] / 60
            self.progress.say(
                f"The time limit is enough for about {words.plural(possible, 'pair')}, and a verdict needs "
                f"some {ENOUGH_PAIRS}: --filter for fewer rows, or --time-limit {math.ceil(1.2 * minutes_needed)}"
            )

    def _block(self, block: Sequence[Arm]) -> None:
        for half in (block[: len(self.arms)], block[len(self.arms) :]):
            began, number = self.clock(), self.pairs + 1
            arms = [self._arm_of(number, arm) for arm in half]
            for together in [arms] if self.in_rings else [[arm] for arm in arms]:
                self.progress.show(self.pairs, self.left, words.listed([arm.name for arm in together]))
                self.runner.run(together, number, f"{self.seed}-{number}" if self.in_rings else None)
            self.pairs = number
        # By its last pair: the first pair of all proves, too, and says nothing of those to come.
        self.block_seconds.append(PAIRS_OF_A_BLOCK * (self.clock() - began))

    def _arm_of(self, pair: int, arm: Arm) -> Arm:
        """With the pair's seed: by it processes that take turns meet the same rows at the same time, and no row has the
        same neighbour in all pairs."""
        option = self.rests_on.get(arm.command[0]) if pair > 1 else None
        verified = [option, str(self.runner.file_of(arm, 1))] if option else []
        return replace(arm, command=(*arm.command, "--seed", str(self.seed * LONGEST + pair), *verified))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__, allow_abbrev=False)
    parser.add_argument("--base", required=True, help="the program of the base")
    against = parser.add_mutually_exclusive_group(required=True)
    against.add_argument("--head", help="the program of the head")
    against.add_argument("--self", action="store_true", help="the base against itself, and with delays")
    parser.add_argument("--out", required=True, type=Path, help="folder of the results, made if need be")
    minutes = options.number("minutes", "are no time limit", 10_000)
    parser.add_argument("--time-limit", type=minutes, default=10.0, metavar="MINUTES")
    parser.add_argument(
        "--pairs", type=options.whole("pairs", LONGEST), default=LONGEST, metavar="N", help="at most so many"
    )
    options.add_margin(parser)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--seed", type=int, default=1, help="of the order of the processes")
    parser.add_argument("options", nargs="*", help="of gradmark run, after --")
    return parser.parse_args(argv)


def _arms(arguments: argparse.Namespace) -> tuple[Arm, ...]:
    common = ("run", "--profile", "compare", *arguments.options)
    if not arguments.self:
        return (Arm("base", (arguments.base, *common)), Arm("head", (arguments.head, *common)))
    delays = {name: ("--test-delay", str(delay)) if delay else () for name, delay in trial.ARMS.items()}
    return tuple(Arm(name, (arguments.base, *common, *delay)) for name, delay in delays.items())


# What the option is called, and what it was called before.
_REST_ON = ("--verified", "--proved")


def _known_options(arms: Sequence[Arm]) -> dict[str, set[str]]:
    """By program. One of an older revision may not be able to measure by turns: then the processes run one after the
    other, which this machine's noise disturbs more."""
    known = {}
    for program in {arm.command[0] for arm in arms}:
        try:
            done = subprocess.run(
                [program, "run", "--help"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except OSError:
            return {}  # the first process will say why
        known[program] = {option.decode() for option in re.findall(rb"--[a-z-]+\b", done.stdout)}
    return known


def _rests_on(known: Mapping[str, set[str]]) -> dict[str, str]:
    """Where one of them cannot, none does: both sides are to do the same."""
    found = {program: next((one for one in _REST_ON if one in options), "") for program, options in known.items()}
    return found if all(found.values()) else {}


def _compared(arguments: argparse.Namespace, planned: int) -> Comparison:
    sides = read_sides([arguments.out / "base"], [arguments.out / "head"])
    return compare_sides(sides, Settings(margin=arguments.margin, looks=planned))


def _undecided(arguments: argparse.Namespace, planned: int) -> int | None:
    """So many rows. A build against itself has nothing to decide, and goes on: nobody looks before its end."""
    return None if arguments.self else len(_compared(arguments, planned).of(*UNDECIDED))


def _again(arguments: argparse.Namespace, planned: int) -> str:
    """The command that comes to the same verdicts, by the same files."""
    sides = [str(arguments.out / label) for label in ("base", "head")]
    command = ["gradmark-report", "gate", *sides, "--looks", str(planned)]
    if arguments.margin != Settings.margin:
        command += ["--margin", f"{100 * arguments.margin:.12g}"]
    return shlex.join([*command, *(["--strict"] if arguments.strict else [])])


def _finish(arguments: argparse.Namespace, planned: int) -> int:
    """Prints the comparison, writes it as a page and as JSON; the gate's exit code. Of a trial: the table of rates."""
    folder: Path = arguments.out
    if arguments.self:
        rates = trial.document(trial.read([folder], Settings(margin=arguments.margin)))
        terminal.show(rates, console())
        write_whole(folder / "trial.md", markdown.render(rates), force=True)
        print(f"table: {folder / 'trial.md'}")
        return Exit.PASS
    made = _compared(arguments, planned)
    terminal.show(document.make(made, brief=True, every_row=False), console())
    write_whole(folder / "comparison.html", html.render(document.make(made, brief=False)), force=True)
    write_whole(folder / "comparison.json", json_form.text(made), force=True)
    code, sentence = summary.judged(made, strict=arguments.strict)
    print(sentence)
    print(f"page: {folder / 'comparison.html'}")
    print(f"again: {_again(arguments, planned)}")
    return code


def _record(arguments: argparse.Namespace, campaign: Campaign, end: str) -> None:
    """How it was run, beside what came out."""
    content = {
        "schema": "gradmark.campaign/1",
        "arms": {arm.name: list(arm.command) for arm in campaign.arms},
        "seed": campaign.seed,
        "time_limit_seconds": campaign.limit_seconds,
        "planned_looks": list(campaign.planned),
        "pairs": campaign.pairs,
        "in_rings": campaign.in_rings,
        "end": end,
    }
    write_whole(arguments.out / "campaign.json", json.dumps(content, indent=1) + "\n", force=True)


def run(arguments: argparse.Namespace) -> int:
    arguments.out.mkdir(parents=True, exist_ok=True)
    if any(arguments.out.iterdir()):
        raise BadInput(f"{arguments.out} is not empty: a campaign needs a folder of its own")
    progress = Progress(sys.stderr)
    arms = _arms(arguments)
    known = _known_options(arms)
    campaign = Campaign(
        arms,
        arguments.out,
        60 * arguments.time_limit,
        arguments.pairs + arguments.pairs % PAIRS_OF_A_BLOCK,
        arguments.seed,
        progress,
        in_rings=bool(known) and all("--turns" in options for options in known.values()),
        rests_on=_rests_on(known),
    )

    def decided(planned: int) -> bool:
        progress.undecided = _undecided(arguments, planned)
        return progress.undecided == 0

    code: int | None = None
    try:
        end = campaign.run(decided)
    except ProcessFailed as failure:
        end, code = str(failure), Exit.USAGE
    except KeyboardInterrupt:
        end, code = "interrupted", ending.INTERRUPTED
    finally:
        progress.clear()
    _record(arguments, campaign, end)
    progress.say(f"Ended after {words.plural(campaign.pairs, 'pair')}: {end}.")
    try:
        judged = _finish(arguments, len(campaign.planned) or 1)
    except NotComparable as error:
        judged = error.exit
        ending.complain(NAME, str(error))
    except BadInput as error:
        if code is None:
            raise
        judged = error.exit
        ending.complain(NAME, f"nothing could be compared: {error}")
    return judged if code is None else code


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    interruption.on_signals()
    return ending.code_of(NAME, lambda: run(arguments))


if __name__ == "__main__":
    sys.exit(main())
