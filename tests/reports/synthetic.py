"""Result files of a machine that does not exist: small, whole, the same every time, with a truth that tests can know.

    result = make_result(levels=("L2", "DRAM"), impls=("scalar", "avx2"), seed=3)
    write(tmp_path / "a.json", result)

`slower={"adamw/f32/avx2/L2/t1": 1.05}` multiplies a row's true time; `process` is the noise that one process has as a
whole, `between` that of a round, `within` that of a sample (all standard deviations of the logarithm). Of the rounds on
several threads the last `shared` ran on one core, and took that many times as long; of those before, the last `unknown`
belong to no state."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

CACHES = {"L1": 48 << 10, "L2": 2 << 20, "L3": 32 << 20}
BANDWIDTH = {"L1": 160.0, "L2": 70.0, "L3": 36.0, "DRAM": 14.0}  # GB/s of one thread
# op: bytes and flops per element; ns per element in the core, by implementation
OPS = {
    "sgd": (12, 2),
    "adamw": (28, 14),
    "grad_sumsq": (4, 2),
    "softmax_xent": (12, 9),
}
CORE = {"scalar": 2.9, "autovec": 0.56, "avx2": 0.55, "avx2_fast": 0.34, "avx512": 0.54, "avx512_fast": 0.33}
SHARE = {"sgd": 0.1, "adamw": 1.0, "grad_sumsq": 0.06, "softmax_xent": 0.8}  # of CORE
PLACES = {"L1": 24 << 10, "L2": 1 << 20, "L3": 8 << 20, "DRAM": 128 << 20}


def _level_of(size: float, threads: int) -> str:
    for level, capacity in CACHES.items():
        if size <= capacity * (threads if level != "L3" else 1):
            return level
    return "DRAM"


def _size_name(size: int) -> str:
    return f"{size >> 10}KiB" if size % (1 << 20) else f"{size >> 20}MiB"


def sweep_sizes() -> list[int]:
    """4, 6, 8, 12, ... KiB up to 64 MiB; what is no whole number of MiB is named in KiB."""
    sizes = []
    for octave in range(12, 27):
        sizes.append(1 << octave)
        sizes.append(3 << (octave - 1))
    return [size for size in sizes if size <= 64 << 20]


def _time_ns(op: str, impl: str, level: str, threads: int) -> tuple[float, float, float]:
    """ns per element of the twin and of the core twin, and the true ones."""
    traffic = OPS[op][0]
    together = {"L1": 1.0, "L2": 1.0, "L3": 0.9, "DRAM": 0.75}[level]
    twin = traffic / BANDWIDTH[level] / (1 + (threads - 1) * together)
    core = CORE[impl] * SHARE[op] / threads
    return twin, core, max(twin, core) * 1.05


def _core(count: int) -> str:
    return f"{count} core" if count == 1 else f"{count} cores"


def _interval(rounds: Sequence[Sequence[float]]) -> dict[str, float]:
    low, undisturbed, high = np.quantile([np.median(one) for one in rounds], [0, 0.25, 0.5], method="inverted_cdf")
    return {"undisturbed": float(undisturbed), "low": float(low), "high": float(high)}


def time_of(rounds: Sequence[Sequence[float]], states: Sequence[str | None] | None = None) -> dict[str, Any]:
    """A row's `ns_per_element`, of the samples of its rounds; its figures are of the first round's state."""
    states = states or [None] * len(rounds)
    of_state = [one for one, state in zip(rounds, states, strict=True) if state == states[0]]
    samples = [sample for one in rounds for sample in one]
    return {
        **_interval(of_state),
        "typical": float(np.median(samples)),
        "samples": samples,
        "rounds": [{"samples": len(one), "state": state} for one, state in zip(rounds, states, strict=True)],
    }


def exactly(ns: float) -> dict[str, Any]:
    """A row's `ns_per_element` of which nothing is in doubt."""
    return time_of([[ns]] * 8)


def scaled(row: dict[str, Any], factor: float) -> None:
    """Makes a row's times so much longer, of older files, too; what is computed from them stays as it was."""
    time, placement = row["ns_per_element"], row.get("placement")
    for figures in (time, *(placement["others"] if placement else ())):
        for member in ("undisturbed", "median", "low", "high", "typical"):
            if member in figures:
                figures[member] *= factor
    time["samples"] = [factor * sample for sample in time["samples"]]


def _placement(rounds: Sequence[Sequence[float]], states: Sequence[str | None]) -> dict[str, Any] | None:
    def of(state: str) -> list[Sequence[float]]:
        return [one for one, its in zip(rounds, states, strict=True) if its == state]

    def seen(state: str) -> dict[str, Any]:
        cores = float(state.split()[0])
        return {
            "state": state,
            "effective_cores": cores * 0.98,
            "line_ns": 30.0,
            "samples": sum(len(one) for one in of(state)),
        }

    here, *others = (state for state in dict.fromkeys(states) if state)
    return {
        **seen(here),
        "other_samples": sum(map(len, rounds)) - seen(here)["samples"],
        "others": [{**seen(other), **_interval(of(other))} for other in others if len(of(other)) > 1],
    }


def _watched(threads: Sequence[int], shared: int, rounds: int) -> dict[str, Any]:
    """The file's `placement`."""
    watched = []
    for count in (count for count in threads if count > 1):
        seen = [(_core(count), count, rounds - shared), (_core(1), 1, shared)]
        states = [
            {"state": state, "effective_cores": cores * 0.98, "line_ns": 30.0, "probes": 10 * probes}
            for state, cores, probes in seen
            if probes
        ]
        watched.append({"threads": count, "probes": 10 * rounds, "moves": 2 * shared, "states": states})
    return {"topology": "2 processors on 2 cores", "may_move": True, "watched": watched, "pairs": []}


def _row(
    op: str, impl: str, threads: int, place: str, size: int, level: str, sweep: bool, border: bool
) -> dict[str, Any]:
    traffic, flops = OPS[op]
    twin, core, true = _time_ns(op, impl, level, threads)
    percent = None if border else 100 * max(twin, core) / true
    return {
        "name": f"{op}/f32/{impl}/{place}/t{threads}",
        "op": op,
        "dtype": "f32",
        "impl": impl,
        "level": level,
        "threads": threads,
        "sweep": sweep,
        "elements": size // traffic,
        "working_set_bytes": size,
        "huge_page_bytes": 0,
        "ns_per_element": true,
        "placement": None,
        "bytes_per_element": float(traffic),
        "gb_per_s": traffic / true,
        "gflop_per_s": flops / true,
        "attainable_percent": percent,
        "attainable_percent_low": percent,
        "attainable_percent_high": percent,
        "bound_by": ("load/store" if level == "L1" else level)
        if twin > core
        else ("divide/sqrt" if op == "adamw" and not impl.endswith("_fast") else "FMA"),
        "twin_ns_per_element": twin,
        "twin_stores": "streaming" if op == "softmax_xent" and level == "DRAM" else None,
        "core_twin_ns_per_element": core,
        "core_twin_build": "hot line, 4 vectors a turn",
        "believable": True,
        "speedup_scalar": None,
        "speedup_autovec": None,
        "max_ulp": 3.48 if impl.endswith("_fast") else 3.16,
        "verified": True,
        "verified_at_size": True,
        "status": "border" if border else "measured",
        "why_not": None,
    }


def make_result(
    *,
    ops: Sequence[str] = tuple(OPS),
    impls: Sequence[str] = tuple(CORE),
    levels: Sequence[str] = tuple(PLACES),
    threads: Sequence[int] = (1, 2),
    sweep: bool = True,
    samples: int = 16,
    rounds: int = 8,
    within: float = 0.01,
    between: float = 0.0,
    process: float = 0.0,
    shared: int = 0,
    unknown: int = 0,
    slower: Mapping[str, float] | None = None,
    seed: int = 1,
    host: str = "ada",
    revision: str = "1234567",
    started: str = "2026-05-04T10:00:00Z",
) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    rows = []
    for op in ops:
        for level in levels:
            for count in threads:
                size = PLACES[level] * (count if level in ("L1", "L2") else 1)
                rows += [_row(op, impl, count, level, size, level, False, False) for impl in impls]
        if sweep and op in ("adamw", "sgd"):
            for size in sweep_sizes():
                for count in threads:
                    level = _level_of(size, count)
                    near = any(0.75 < size / (c * (count if name != "L3" else 1)) < 1.5 for name, c in CACHES.items())
                    rows += [_row(op, impl, count, _size_name(size), size, level, True, near) for impl in impls]
    for row in rows:
        true = row["ns_per_element"] * (slower or {}).get(row["name"], 1.0)
        taken = true * np.exp(random.normal(0, process) + random.normal(0, within, samples))
        cut = np.array_split(taken, min(rounds, samples))
        factors = np.exp(random.normal(0, between, len(cut)))
        parts = [[float(f"{one * factor:.6g}") for one in part] for part, factor in zip(cut, factors, strict=True)]
        states: list[str | None] = [None] * len(parts)
        if row["threads"] > 1:
            alone, known = len(parts) - shared, len(parts) - shared - unknown
            states = [_core(row["threads"])] * known + [None] * unknown + [_core(1)] * shared
            parts[alone:] = [[one * row["threads"] for one in part] for part in parts[alone:]]
            row["placement"] = _placement(parts, states)
        row["ns_per_element"] = time_of(parts, states)
        for other in ("scalar", "autovec"):
            same = [r for r in rows if r["name"] == row["name"].replace(f"/{row['impl']}/", f"/{other}/")]
            if same and other in impls:
                row[f"speedup_{other}"] = _time_ns(row["op"], other, row["level"], row["threads"])[2] / true
    return {
        "schema": "gradmark.result/4",
        "machine": {
            "host": host,
            "system": "Linux",
            "kernel": "6.1.0",
            "product": None,
            "hypervisor": {"present": None, "name": None},
            "processor": {
                "vendor": "GenuineIntel",
                "name": "Example(R) Processor 4000",
                "architecture": "x86_64",
                "family": 6,
                "model": 143,
                "stepping": 8,
                "microcode": None,
            },
            "topology": {
                "visible": True,
                "source": "hwloc",
                "this_system": True,
                "cores": 2,
                "pus": 2,
                "packages": 1,
                "numa_nodes": 1,
                "smt": 1,
                "core_kinds": 1,
                "online_pus": 2,
                "pu": [],
                "xml": None,
            },
            "caches": [
                {
                    "level": number,
                    "bytes": size,
                    "line_bytes": 64,
                    "ways": 16,
                    "shared_by": 1 if number < 3 else 2,
                    "usable_by": 1 if number < 3 else 2,
                    "count": 2 if number < 3 else 1,
                    "unified": number > 1,
                    "uniform": True,
                }
                for number, size in enumerate(CACHES.values(), 1)
            ],
            "memory": {"total_bytes": 16 << 30, "available_bytes": 12 << 30, "limit_bytes": None, "page_bytes": 4096},
            "isas": [
                {
                    "name": impl,
                    "requires": "nothing" if impl in ("scalar", "autovec") else impl,
                    "compiled": True,
                    "supported": True,
                    "allowed": True,
                    "runnable": True,
                    "fused": impl.startswith("avx"),
                    "fast": impl.endswith("_fast"),
                    "why_not": None,
                }
                for impl in impls
            ],
            "threads_cost": {
                "threads": 2,
                "impl": "adamw/f32/avx512",
                "entry_seconds": 1.6e-6,
                "pays_from_elements": 16000.0,
            },
            "ceilings": [],
        },
        "environment": {
            "emulated": False,
            "emulator": None,
            "items": {
                "governor": {
                    "label": "frequency governor",
                    "state": "not visible",
                    "value": None,
                    "number": None,
                    "unit": None,
                    "why_not": "no cpufreq here",
                },
                "load": {
                    "label": "load",
                    "state": "fine",
                    "value": "0.1",
                    "number": 0.1,
                    "unit": None,
                    "why_not": None,
                },
            },
            "vulnerabilities": {},
        },
        "build": {
            "version": "0.1.0",
            "revision": revision,
            "bundle": None,
            "compiler": "gcc",
            "compiler_version": "12.2.0",
            "build_type": "release",
            "kernel_flags": "-O3 -ffp-contract=off",
            "isa_flags": "avx2: -mavx2 -mfma",
        },
        "settings": {
            "profile": "default",
            "levels": list(levels),
            "threads": list(threads),
            "sweep": sweep,
            "filter": None,
            "isa": None,
            "isa_rule": None,
            "plugins": None,
            "placement": "staggered",
            "pages": "huge",
            "seed": str(seed),
            "rounds": rounds,
            "budget_seconds": 60.0,
            "sample_seconds": 0.0003,
            "dram_factor": 4.0,
            "test_delay_percent": 0.0,
            "turns_group": None,
            "code_hash": None,
            "verified_by": None,
            "command": ["gradmark", "run"],
        },
        "warnings": [
            {
                "id": "virtual",
                "what": "This is a virtual machine",
                "cause": "Its host may serve others",
                "cure": "Use a machine of its own",
            }
        ],
        "started": started,
        "finished": started,
        "partial": False,
        "placement": _watched(threads, shared, rounds),
        "left_out": [],
        "rows": rows,
    }


FIRST_RESULT, SECOND_RESULT, THIRD_RESULT, FIRST_TRAINING, SECOND_TRAINING = (
    Path(__file__).parent / f"{kind}.json"
    for kind in ("first_result", "second_result", "third_result", "first_training", "second_training")
)


def at_percent(result: dict[str, Any], percent: float, *names: str) -> dict[str, Any]:
    """The same, in which these rows came out at so much of what is attainable."""
    for row in result["rows"]:
        if row["name"] in names:
            row.update(attainable_percent=percent, attainable_percent_low=percent - 2, believable=percent <= 150)
            row["attainable_percent_high"] = percent + 2
    return result


def write(path: Path, result: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(result), encoding="utf-8")
    return path
