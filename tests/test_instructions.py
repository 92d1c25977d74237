"""What kernels ask for, counted, against what the compiler made of it, read from the disassembly of what was executed.

Nothing that is counted may be missing: then the compiler has merged or dropped something, or the count is wrong. What
is more is the compiler's: copies, since a multiply-add overwrites one of its operands; what went to the stack and back;
constants loaded anew. Loop control (instructions without vectors) is judged apart. An array that is read inside another
instruction counts as a load, but one that is read once more costs nothing; an instruction under a mask also chooses;
vpternlog may be two operations of logic. A core twin moves no data, but must have the arithmetic counted of its kernel.

With another compiler's build: GRADMARK_EXECUTED=build-clang/tests/harness/executed"""

import json
import platform
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from built import built
from program import PATIENCE

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="looks at x86-64 instructions")

ARITHMETIC = ("fma", "arithmetic", "divide", "sqrt", "other")
KINDS = (*ARITHMETIC, "load", "store")
HEADLINE = {"adamw", "sgd", "grad_sumsq", "softmax_xent", "linear_forward", "linear_backward"}
DEFAULT = "gcc"
MOST_OF_HEADLINE = 2  # instructions per vector, loop control and all, with the default compiler
MOST_SHARE = 0.10  # of others, without loop control
MOST_CONTROL = 3.6  # per vector: a few for each pass over the data, and for each stream one in four
SMALL = 0.02  # what is done once per call or row may differ by as much

COPIES = "three operands of a multiply-add live on, and it overwrites one"
REGISTERS = "the vectors of a turn and their constants do not fit into the registers"
SHUFFLES = "a shuffle and a permutation are made of other ones"
SWEEPS = "three sweeps over a row with their control, and two copies in the exponential"

# What is known to be more, by compiler: instructions per vector beyond what is counted, without loop control (of
# headline ops with it), and why. Better is to be written down, worse is to be mended.
KNOWN: dict[str, dict[str, tuple[float, str]]] = {
    "gcc 12": {
        "adagrad/f32/avx2": (2.00, COPIES),
        "adagrad/f32/avx512": (2.00, COPIES),
        "l1_penalty_grad/f32/avx512": (1.00, COPIES),
        "l1_loss/f32/avx512": (1.00, COPIES),
        "bce/f32/avx2": (7.75, REGISTERS),
        "bce_logits/f32/avx2": (6.00, REGISTERS),
        "softmax/f32/avx2": (3.88, REGISTERS),
        "softmax_xent/f32/avx2": (5.66, SWEEPS),
        "softmax_xent/f32/avx512": (4.62, SWEEPS),
        "softmax_xent_smooth/f32/avx2": (4.88, COPIES),
        "softmax_xent_smooth/f32/avx512": (3.00, COPIES),
        "sigmoid/f32/avx2": (4.00, COPIES),
        "tanh/f32/avx2": (4.50, COPIES),
        "tanh/f32/avx512": (4.00, COPIES),
        "gelu_tanh_backward/f32/avx2": (5.00, REGISTERS),
        "gelu_erf/f32/avx2": (5.50, REGISTERS),
        "gelu_erf/f32/avx512": (4.50, COPIES),
        "gelu_erf_backward/f32/avx512": (6.00, REGISTERS),
        "silu/f32/avx2": (3.50, REGISTERS),
        "silu_backward/f32/avx2": (4.50, COPIES),
    },
    "clang 14": {
        "l1_penalty_grad/f32/avx512": (1.00, COPIES),
        "l1_loss/f32/avx2": (2.06, REGISTERS),
        "l1_loss/f32/avx512": (1.00, COPIES),
        "bce/f32/avx2": (30.50, REGISTERS),
        "bce_logits/f32/avx2": (16.25, REGISTERS),
        "bce_logits/f32/avx512": (9.50, REGISTERS),
        "softmax/f32/avx2": (6.38, REGISTERS),
        "softmax_xent/f32/avx2": (10.75, REGISTERS),
        "softmax_xent/f32/avx512": (3.25, REGISTERS),
        "softmax_xent_smooth/f32/avx2": (6.12, REGISTERS),
        "softmax_xent_smooth/f32/avx512": (3.25, REGISTERS),
        "softmax_xent_soft/f32/avx2": (11.38, REGISTERS),
        "softmax_xent_soft/f32/avx512": (3.25, REGISTERS),
        "sigmoid/f32/avx2": (3.50, REGISTERS),
        "tanh/f32/avx2": (6.00, REGISTERS),
        "tanh/f32/avx512": (3.00, COPIES),
        "gelu_tanh/f32/avx2": (4.50, REGISTERS),
        "gelu_tanh_backward/f32/avx2": (9.50, REGISTERS),
        "gelu_erf/f32/avx2": (7.50, REGISTERS),
        "gelu_erf/f32/avx512": (4.50, REGISTERS),
        "gelu_erf_backward/f32/avx2": (8.50, REGISTERS),
        "gelu_erf_backward/f32/avx512": (6.50, REGISTERS),
        "silu/f32/avx2": (3.50, REGISTERS),
        "silu_backward/f32/avx2": (6.00, REGISTERS),
        "prune/f32/avx2": (2.00, SHUFFLES),
        "quantize/f32/avx2": (2.00, SHUFFLES),
        "quantize_rows/f32/avx2": (2.50, SHUFFLES),
    },
}


class Executed(NamedTuple):
    width: float
    counted: dict[str, float]
    found: float  # as `gradmark list --instructions` says
    times: dict[int, float]  # by address
    library: Path


class Found(NamedTuple):
    kinds: Mapping[str, float]
    vectors: float  # as the count has it: loads inside others as far as they are counted
    control: float


@pytest.fixture(name="program", scope="module")
def _program() -> Path:
    path: Path = built("GRADMARK_EXECUTED", "tests/harness/executed")
    return path


@pytest.fixture(name="executed", scope="module")
def _executed(program: Path) -> dict[str, Executed]:
    done = subprocess.run([str(program)], capture_output=True, text=True, check=True, timeout=PATIENCE)
    impls: dict[str, Executed] = {}
    times: dict[int, float] = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if line.startswith(" "):
            times[int(words[0], 16)] = float(words[1])
        else:
            times, (width, *numbers) = {}, [float(word) for word in words[1:10]]
            library = Path(words[10]) if len(words) > 10 else program
            impls[words[0]] = Executed(width, dict(zip(KINDS, numbers, strict=False)), numbers[-1], times, library)
    if not impls:
        pytest.skip("no vector implementation runs here, or nothing can be stepped through")
    return impls


@pytest.fixture(name="twins", scope="module")
def _twins(program: Path, executed: dict[str, Executed]) -> dict[str, Found]:
    """Of each implementation every build of its core twin: `adamw/f32/avx2, values from a line in L1 ...`."""
    path = program.with_name("executed_twins")
    if not path.is_file():
        pytest.skip(f"{path} is not built, which is for the whole harness alone")
    done = subprocess.run([str(path)], capture_output=True, text=True, check=True, timeout=PATIENCE)
    kinds, twins = kinds_in(path), {}
    for text in re.findall(r"^\S.*\n(?: .*\n)*", done.stdout, re.MULTILINE):
        head, *lines = text.splitlines()
        name, _, words = head.partition(" ")
        steps = [line.split() for line in lines]
        times = {int(address, 16): float(often) * executed[name].width for address, often in steps}
        twins[f"{name}, {words}"] = add_up(executed[name]._replace(times=times), kinds)
    return twins


@pytest.fixture(name="compiler", scope="module")
def _compiler(program: Path) -> str:
    text = program.read_bytes()
    clang = re.search(rb"clang version (\d+)", text)  # beside the GCC of the start-up files
    gcc = re.search(rb"GCC: \([^)]*\) (\d+)", text)
    assert clang or gcc, "the program does not say what compiled it"
    return f"clang {int(clang[1])}" if clang else f"gcc {int(gcc[1])}" if gcc else ""


# ---- reading instructions -------------------------------------------------------------------------------------------


def instructions(library: Path) -> Iterator[tuple[int, str, str]]:
    """Address, mnemonic and operands."""
    command = ["objdump", "--disassemble", "--wide", "--no-show-raw-insn", str(library)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for found in re.finditer(r"^\s*([0-9a-f]+):\t(\S+)[^\S\n]*([^\n#<]*)", text, re.MULTILINE):
        yield int(found[1], 16), found[2], found[3].strip()


_ARITHMETIC = [
    (re.compile(r"vfn?m(add|sub)"), "fma"),
    (re.compile(r"v(add|sub|mul)[ps]s"), "arithmetic"),
    (re.compile(r"vdiv"), "divide"),
    (re.compile(r"vsqrt"), "sqrt"),
    (re.compile(r""), "other"),
]
_MOVE = re.compile(r"v(p?maskmov|mov(a|u|nt|d|q|l|h|ss|sd)(?!dup|lps %|hps %)|p?broadcast|lddqu)")
_WITHIN_REGISTERS = re.compile(r"vmov(hl|lh|shdup|sldup|ddup)")
_CHOOSES_ITSELF = re.compile(r"v(p?cmp|p?blendm|ptest)")


@cache
def kinds_of(mnemonic: str, operands: str) -> tuple[str, ...]:
    """What an instruction counts as: KINDS, and `control`, `more` (copies, the stack), `inside` (a load beside)."""
    if mnemonic.startswith("prefetch"):
        return ()
    if not mnemonic.startswith(("v", "k")) or mnemonic == "vzeroupper":
        return ("control",)
    if mnemonic.startswith("k"):
        return ("more",)
    memory = re.search(r"\((%\w+)[^)]*\)", operands)
    own = memory and memory[1] in ("%rip", "%rsp")  # constants and what went to the stack
    store = memory and re.search(r"\)(\{%k\d\})?$", operands)
    masked = "{%k" in operands
    if _MOVE.match(mnemonic) and not _WITHIN_REGISTERS.match(mnemonic):
        if memory and not own:
            return ("store",) if store else ("load", "other") if masked else ("load",)
        return ("other",) if masked else ("more",)
    kinds = [next(kind for pattern, kind in _ARITHMETIC if pattern.match(mnemonic))]
    if masked and not _CHOOSES_ITSELF.match(mnemonic):
        kinds.append("other")
    if mnemonic.startswith("vpternlog"):
        kinds.append("logic")
    if memory and not own:
        kinds.append("store" if store else "inside")
    return tuple(kinds)


@pytest.fixture(name="found", scope="module")
def _found(executed: dict[str, Executed]) -> dict[str, Found]:
    return {name: add_up(one, kinds_in(one.library)) for name, one in executed.items()}


@cache
def kinds_in(library: Path) -> dict[int, tuple[str, ...]]:
    return {address: kinds_of(mnemonic, operands) for address, mnemonic, operands in instructions(library)}


def add_up(one: Executed, kinds: Mapping[int, tuple[str, ...]]) -> Found:
    sums: defaultdict[str, float] = defaultdict(float)
    for address, times in one.times.items():
        for kind in kinds[address]:
            sums[kind] += times
    missing_loads = max(0.0, one.counted["load"] - sums["load"])
    vectors = sum(sums[kind] for kind in (*KINDS, "more")) + min(sums["inside"], missing_loads)
    by_kind = {kind: sums[kind] for kind in KINDS}
    by_kind["load"] += sums["inside"]
    by_kind["other"] += sums["logic"]
    return Found(by_kind, vectors, sums["control"])


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("vfmadd213ps (%rax),%zmm1,%zmm0", ("fma", "inside")),
        ("vfmadd213ps 0x12(%rip),%zmm1,%zmm0", ("fma",)),
        ("vfmadd213ps -0x18(%rsp),%ymm1,%ymm0", ("fma",)),
        ("vmulps %zmm0,%zmm1,%zmm2", ("arithmetic",)),
        ("vmovups (%rax,%rdx,4),%ymm0", ("load",)),
        ("vmovups %ymm0,-0x20(%r12)", ("store",)),
        ("vmovups (%rax),%zmm0{%k1}{z}", ("load", "other")),
        ("vmovaps %zmm1,%zmm0{%k1}{z}", ("other",)),
        ("vmovaps %zmm1,%zmm0", ("more",)),
        ("vmovaps %ymm0,0x20(%rsp)", ("more",)),
        ("vbroadcastss 0x40(%rip),%ymm3", ("more",)),
        ("vbroadcastss (%rcx),%ymm3", ("load",)),
        ("vpmovsxbd (%rdx),%zmm0", ("other", "inside")),
        ("vpmovdb %zmm0,(%rdx)", ("other", "store")),
        ("vcmpltps %zmm0,%zmm1,%k1", ("other",)),
        ("vaddps %zmm0,%zmm1,%zmm2{%k2}", ("arithmetic", "other")),
        ("vpternlogd $0xf8,%zmm1,%zmm2,%zmm0", ("other", "logic")),
        ("vmovhlps %xmm1,%xmm1,%xmm0", ("other",)),
        ("prefetcht0 0x40(%rdi)", ()),
        ("cmp %rax,%rsi", ("control",)),
    ],
)
def test_instructions_are_read(text: str, kinds: tuple[str, ...]) -> None:
    mnemonic, _, operands = text.partition(" ")
    assert kinds_of(mnemonic, operands) == kinds


# ---- the judgement --------------------------------------------------------------------------------------------------


def test_every_vector_implementation_is_looked_at(program: Path, executed: dict[str, Executed]) -> None:
    """What cannot be stepped through would be missed in silence."""
    listing = subprocess.run(
        [str(program.parents[2] / "harness/gradmark"), "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    vectors = {
        impl["name"]
        for impl in json.loads(listing.stdout)
        if impl["runnable"] and impl["impl"] not in ("scalar", "autovec") and impl["shape"] != "list of tensors"
    }
    assert set(executed) == vectors


def test_nothing_that_is_counted_is_missing(executed: dict[str, Executed], found: dict[str, Found]) -> None:
    missing = [
        f"{name}: {one.counted[kind]:.2f} counted as {kind}, {found[name].kinds[kind]:.2f} found"
        for name, one in executed.items()
        for kind in KINDS
        if found[name].kinds[kind] < one.counted[kind] - SMALL
    ]
    assert not missing, "\n".join(missing)


def test_no_arithmetic_is_missing_in_a_core_twin(executed: dict[str, Executed], twins: dict[str, Found]) -> None:
    missing = []
    for name, found in twins.items():
        counted = executed[name.partition(",")[0]].counted
        lost = [kind for kind in ARITHMETIC if found.kinds[kind] < counted[kind] - SMALL]
        missing += [f"{name}: {counted[kind]:.2f} counted as {kind}, {found.kinds[kind]:.2f} found" for kind in lost]
    assert not missing, "\n".join(missing)


def test_every_kernel_but_a_product_of_matrices_has_core_twins(
    executed: dict[str, Executed], twins: dict[str, Found]
) -> None:
    builds = Counter(name.partition(",")[0] for name in twins)
    assert builds == {name: 3 for name in executed if not name.startswith("linear_")}


def test_the_program_finds_what_the_disassembly_shows(executed: dict[str, Executed], found: dict[str, Found]) -> None:
    other = [
        f"{name}: {one.found:.3f}, not {found[name].vectors + found[name].control:.3f}"
        for name, one in executed.items()
        if abs(one.found - found[name].vectors - found[name].control) > SMALL
    ]
    assert not other, "\n".join(other)


def excess(name: str, one: Executed, found: Found, compiler: str) -> tuple[float, float]:
    """Instructions beyond what is counted, and how many may be."""
    counted = sum(one.counted.values())
    if name.split("/")[0] in HEADLINE and compiler.startswith(DEFAULT):
        return found.vectors + found.control - counted, MOST_OF_HEADLINE
    return found.vectors - counted, MOST_SHARE * counted


def test_little_is_more(executed: dict[str, Executed], found: dict[str, Found], compiler: str) -> None:
    if compiler not in KNOWN:
        pytest.skip(f"what {compiler} makes of the kernels is not known")
    wrong, known = [], KNOWN[compiler]
    for name, one in executed.items():
        more, most = excess(name, one, found[name], compiler)
        if name in known and more < min(most, known[name][0] - 0.5):
            wrong.append(f"{name}: {more:.2f} more, which is fine: it need not be known")
        if more > (known[name][0] if name in known else most) + SMALL:
            wrong.append(f"{name}: {more:.2f} more than counted ({sum(one.counted.values()):.2f}), at most {most:.2f}")
        if found[name].control > MOST_CONTROL:
            wrong.append(f"{name}: {found[name].control:.2f} instructions of loop control, at most {MOST_CONTROL}")
    assert not wrong, "\n".join(wrong)
