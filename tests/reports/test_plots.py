"""The plots of the report: every one draws whatever a sound file holds, shows its figures, and says what is true."""

import copy
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
import vl_convert
from gradmark_report.plots import attainable, chart, dodge, scaling, static, style, sweep, theme
from gradmark_report.plots.catalog import PLOTS
from gradmark_report.plots.plot import Plot
from gradmark_report.result import Result
from gradmark_report.result_file import read

HOSTILE = [
    "__proto__",
    "constructor",
    "'+alert(1)+'",
    '"quoted"',
    "back\\slash\\",
    "<script>alert(1)<",
    "a" * 300,
    "${width}",
    "datum.x",
    "tab\tand\nline",
    "&amp;",
    "Ünï 本",
]


def ceilings(impls: tuple[str, ...] = ("scalar", "avx2", "avx512"), threads: tuple[int, ...] = (1, 2)) -> list[Any]:
    return [
        {
            "isa": impl,
            "threads": count,
            "lanes": lanes,
            "fused": impl != "scalar",
            "fma_ns": 0.2,
            "divide_ns": 2.0,
            "sqrt_ns": 2.5,
            "other_ns": 0.1,
            "load_ns": 0.2,
            "store_ns": 0.3,
        }
        for impl, lanes in zip(impls, (1, 8, 16), strict=False)
        for count in threads
    ]


def result_of(tmp_path: Path, raw: Mapping[str, Any]) -> Result:
    return read(synthetic.write(tmp_path / f"{len(list(tmp_path.iterdir()))}.json", raw))


@cache
def _full(changes: str) -> str:
    raw = synthetic.make_result(**{"ops": ("adamw", "softmax_xent"), "samples": 5, **json.loads(changes)})
    # Of the sweep every third size.
    places = synthetic.sweep_sizes()[::3]
    raw["rows"] = [row for row in raw["rows"] if not row["sweep"] or row["working_set_bytes"] in places]
    raw["machine"]["ceilings"] = ceilings()
    return json.dumps(raw)


def full(**changes: Any) -> dict[str, Any]:
    """Some of everything; few ops, since Vega takes its time over each picture."""
    made: dict[str, Any] = json.loads(_full(json.dumps(changes)))
    return made


def small(**changes: Any) -> dict[str, Any]:
    """The same with less of each, for the files that are about something else."""
    return full(**{"impls": ("scalar", "avx2", "avx2_fast"), "levels": ("L2", "DRAM"), **changes})


def one_row() -> dict[str, Any]:
    return synthetic.make_result(ops=("sgd",), impls=("scalar",), levels=("L2",), threads=(1,), sweep=False)


UNMEASURED = (
    *("gb_per_s", "gflop_per_s", "attainable_percent", "attainable_percent_low", "attainable_percent_high"),
    *("bound_by", "speedup_scalar", "speedup_autovec", "max_ulp"),
)


def partial() -> dict[str, Any]:
    raw = small()
    raw["partial"] = True
    for row in raw["rows"][1::2]:
        row |= dict.fromkeys((*UNMEASURED, "ns_per_element")) | {"status": "skipped", "verified": False}
    return raw


def unknowns() -> dict[str, Any]:
    """All that may be null in a timed row is null."""
    raw = small()
    more = ("twin_ns_per_element", "core_twin_ns_per_element", "working_set_bytes", "bytes_per_element")
    for row in raw["rows"]:
        row |= dict.fromkeys((*UNMEASURED, *more))
    raw["machine"]["caches"] = []
    return raw


def hostile() -> dict[str, Any]:
    """Every op and implementation has a name that means something elsewhere. A slash alone they cannot have."""
    raw = full(ops=("adamw", "sgd"), levels=("L1", "DRAM"))
    names = {name: HOSTILE[index] for index, name in enumerate(("adamw", "sgd", *synthetic.CORE))}
    names |= {"avx2_fast": HOSTILE[5] + "_fast"}
    for row in raw["rows"]:
        op, dtype, impl, place, threads = row["name"].split("/")
        row["op"], row["impl"] = names[op], names[impl]
        row["name"] = "/".join((names[op], dtype, names[impl], place, threads))
    for ceiling in raw["machine"]["ceilings"]:
        ceiling["isa"] = names[ceiling["isa"]]
    return raw


FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "full": full,
    "one row": one_row,
    "no sweep": lambda: small(sweep=False),
    "one sample": lambda: small(samples=1),
    "partial": partial,
    "unknowns": unknowns,
    "hostile": hostile,
    "four thread counts": lambda: small(threads=(1, 2, 4, 8), sweep=False),
    "one thread": lambda: small(threads=(1,)),
    "no baselines": lambda: small(impls=("avx2", "avx2_fast")),
    "fast alone": lambda: small(impls=("avx2_fast",)),
    "friendly": lambda: full(ops=("adamw", "sgd"), levels=("L1", "DRAM")),
}
DRAWN = tuple(kind for kind in FILES if kind != "friendly")  # this one is like another


# Nothing changes a result, a plot or a chart once it is made, and each takes its time: the tests share them.


@cache
def file_of(kind: str) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        return read(synthetic.write(Path(folder) / "result.json", FILES[kind]()))


@cache
def plot_of(kind: str, name: str) -> Plot:
    return PLOTS[name](file_of(kind))


@cache
def spec_of(kind: str, name: str) -> dict[str, Any]:
    return plot_of(kind, name).spec()


@cache
def picture_of(kind: str, name: str) -> str:
    return static.svg(plot_of(kind, name))


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("kind", DRAWN)
def test_whatever_a_file_holds_is_drawn_or_explained(kind: str, name: str) -> None:
    plot = plot_of(kind, name)
    assert plot.name == name
    assert plot.answer.endswith(".")
    assert all(len(row) == len(plot.table.columns) for row in plot.table.rows)
    if plot.chart is None:
        assert "gradmark run" in plot.answer or "file" in plot.answer
        return
    picture = picture_of(kind, name)
    assert chart.NOTHING not in picture, "what is shown first is there"
    assert "NaN" not in picture
    assert "undefined" not in picture
    assert len(plot.table.rows) > 0


def test_every_value_of_every_control_can_be_drawn(tmp_path: Path) -> None:
    raw = small(impls=("avx2", "avx2_fast"), levels=("L2",))
    places = synthetic.sweep_sizes()[::9]
    raw["rows"] = [row for row in raw["rows"] if not row["sweep"] or row["working_set_bytes"] in places]
    result = result_of(tmp_path, raw)
    for make in PLOTS.values():
        plot = make(result)
        spec = theme.literal(plot.spec(static.WIDTH), theme.LIGHT)
        for control in plot.controls:
            param = next(one for one in spec["params"] if one["name"] == control.param)
            for value, _ in control.options:
                if [value] == control.chosen or value == control.chosen:
                    continue  # drawn by the tests above
                param["value"] = [value] if control.many else value
                picture = vl_convert.vegalite_to_svg(spec, vl_version=static.VEGA_LITE)
                param["value"] = control.chosen
                assert chart.NOTHING not in picture or value == "softmax_xent/f32" or "fast" in str(value)


def test_a_choice_that_leaves_nothing_says_so(tmp_path: Path) -> None:
    plot = sweep.make(result_of(tmp_path, small(impls=("scalar",))))
    assert chart.NOTHING in static.svg(plot, {"threads": 7})


@pytest.mark.parametrize("name", PLOTS)
def test_controls_are_parameters_of_the_chart(name: str) -> None:
    plot = plot_of("full", name)
    values = {param["name"]: param["value"] for param in spec_of("full", name)["params"]}
    for control in plot.controls:
        assert values[control.param] == control.chosen
        known = [value for value, _ in control.options]
        assert all(one in known for one in (control.chosen if control.many else [control.chosen]))


def expressions(value: Any) -> list[str]:
    """All that Vega would evaluate in a chart."""
    if isinstance(value, dict):
        own = [value[key] for key in ("calculate", "filter", "expr", "test", "labelExpr", "signal") if key in value]
        inner = [found for key, item in value.items() if key != "datasets" for found in expressions(item)]
        return [text for text in own if isinstance(text, str)] + inner
    return [found for item in value for found in expressions(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", PLOTS)
def test_no_name_of_a_file_stands_in_an_expression(name: str) -> None:
    found = expressions(spec_of("hostile", name))
    assert found
    for text in found:
        assert not any(bad in text for bad in HOSTILE if bad not in ("datum.x", "constructor"))
        assert "alert" not in text
    friendly = spec_of("friendly", name)
    places = re.compile(r"\d+")  # widths follow the length of the longest name
    assert {places.sub("", text) for text in found} == {places.sub("", text) for text in expressions(friendly)}


def test_hostile_names_are_shown_as_they_are() -> None:
    picture = picture_of("hostile", "sweep")
    assert "<script" not in picture
    assert "&lt;script&gt;alert(1)&lt;_fast" in picture
    assert ">back\\slash\\<" in picture


def test_an_implementation_called_like_a_property_has_its_line(tmp_path: Path) -> None:
    raw = small(ops=("adamw",), impls=("scalar", "avx2"), threads=(1,))
    plain = static.svg(sweep.make(result_of(tmp_path, raw)))
    text = json.dumps(raw).replace("/avx2/", "/__proto__/").replace('"avx2"', '"__proto__"')
    strange = static.svg(sweep.make(result_of(tmp_path, json.loads(text))))
    assert plain.count("<path") == strange.count("<path")


def records(plot: Plot) -> list[dict[str, Any]]:
    """Of the largest dataset: what the points are made of."""
    return max(plot.spec()["datasets"].values(), key=len)


def test_the_sweep_shows_the_files_figures(tmp_path: Path) -> None:
    result = result_of(tmp_path, small(samples=40))
    drawn = {(r["op"], r["impl"], r["size"], r["threads"]): r for r in records(sweep.make(result))}
    assert len(drawn) == len(result.sweep)
    for row in result.sweep:
        assert row.time
        record = drawn[row.op_name, row.impl, row.working_set_bytes, row.threads]
        assert record["time"] == pytest.approx(row.time.undisturbed, rel=1e-4)
        assert record["limit"] == pytest.approx(row.limit_ns, rel=1e-4)
        assert len(record["dots"]) == chart.MOST_DOTS
        assert min(record["dots"]) == pytest.approx(row.time.samples.min(), rel=1e-3)
        assert max(record["dots"]) == pytest.approx(row.time.samples.max(), rel=1e-3)


def marks(spec: dict[str, Any]) -> set[str]:
    return {layer["mark"]["type"] for layer in spec["layer"]}


def test_without_a_ladder_nothing_is_joined() -> None:
    assert {"line", "area"} <= marks(spec_of("full", "sweep"))
    assert not {"line", "area"} & marks(spec_of("no sweep", "sweep"))
    assert "--sweep" in plot_of("no sweep", "sweep").answer
    assert "--sweep" not in plot_of("full", "sweep").answer


def test_cache_borders_are_those_of_the_threads() -> None:
    spec = spec_of("full", "sweep")
    borders = next(data for data in spec["datasets"].values() if data and "bytes" in data[0])
    assert {(b["threads"], b["level"], b["bytes"]) for b in borders} == {
        (1, "L1", 48 << 10),
        (1, "L2", 2 << 20),
        (1, "L3", 32 << 20),
        (2, "L1", 96 << 10),
        (2, "L2", 4 << 20),
        (2, "L3", 32 << 20),
    }


def test_the_sweeps_answer_follows_the_data(tmp_path: Path) -> None:
    raw = full(ops=("adamw",))
    assert "L1 avx512_fast with" in sweep.make(result_of(tmp_path, raw)).answer
    slower = {row["name"]: 3.0 for row in raw["rows"] if row["impl"].startswith("avx512")}
    assert "L1 avx2_fast with" in sweep.make(result_of(tmp_path, full(ops=("adamw",), slower=slower))).answer


def test_percent_of_attainable_is_the_files() -> None:
    rows = [row for row in file_of("full").levels if row.attainable_percent is not None]
    drawn = {(r["op"], r["impl"], r["level"], r["threads"]): r for r in records(plot_of("full", "attainable"))}
    assert len(drawn) == len(rows)
    for row in rows:
        record = drawn[row.op_name, row.impl, row.level, row.threads]
        assert record["percent"] == pytest.approx(row.attainable_percent, rel=1e-3)


def change(raw: dict[str, Any], name: str, **members: Any) -> dict[str, Any]:
    raw = copy.deepcopy(raw)
    next(row for row in raw["rows"] if row["name"] == name).update(members)
    return raw


ABOVE = "adamw/f32/avx2/DRAM/t1"


def drawn_percents(plot: Plot) -> set[float]:
    return {record["percent"] for record in records(plot)}


def test_what_is_above_100_is_said_and_not_clamped(tmp_path: Path) -> None:
    plot = attainable.make(result_of(tmp_path, synthetic.at_percent(small(), 130.0, ABOVE)))
    assert (
        f"1 row came out above 103% of attainable, at most {ABOVE} with 130%: a fault of gradmark's model of the "
        "limits, to be looked for with scripts/limits."
    ) in plot.answer
    assert max(drawn_percents(plot)) == 130
    assert ">130% DRAM – model at fault<" in static.svg(plot)
    assert [cell.text for row in plot.table.rows for cell in row].count("130%, model at fault") == 1
    plot = attainable.make(result_of(tmp_path, synthetic.at_percent(small(), 102.0, ABOVE)))
    assert "scripts/limits" not in plot.answer
    assert "fault<" not in static.svg(plot)
    assert [row[-1].text for row in plot.table.rows].count("at its limit") == 1


def test_what_is_not_believable_is_marked_and_says_nothing(tmp_path: Path) -> None:
    """In the sweep too, and though it is the fastest by far."""
    names = (ABOVE, "adamw/f32/avx2/32KiB/t1")
    raw = small(ops=("adamw",), impls=("scalar", "avx2"), slower=dict.fromkeys(names, 0.01))
    result = result_of(tmp_path, synthetic.at_percent(raw, 237.0, *names))
    plots = {name: make(result) for name, make in PLOTS.items()}
    bars = plots["attainable"]
    assert "at most adamw/f32/avx2/DRAM/t1 with 237%" in bars.answer
    assert "It is not believable (above 150%), and left out of all else that is said here." in bars.answer
    assert max(drawn_percents(bars)) == 237
    assert ">237% DRAM – not believable<" in static.svg(bars)
    for name in ("sweep", "scaling"):
        assert "✕ not believable" in static.svg(plots[name]), name
    assert "✕ not believable" in static.svg(plots["accuracy"], {"level": "DRAM"})
    for name in ("sweep", "attainable", "scaling", "accuracy"):
        text = [cell.text for row in plots[name].table.rows for cell in row]
        assert sum("not believable" in one for one in text) == 1, name
    assert "L1 avx2 with" in plots["sweep"].answer
    assert "32 KiB" not in plots["sweep"].answer
    assert "1 speed-up left out: a row of it is not believable (scripts/limits)." in plots["scaling"].answer
    roofline = plots["roofline"]
    assert "1 row is not believable and left out." in roofline.answer
    assert all(record["rate"] < 1000 for record in records(roofline))
    assert len(roofline.table.rows) == len(plots["accuracy"].table.rows) - 1 + len(ceilings(("scalar", "avx2"))) * 4 + 4


def test_of_a_file_of_the_first_model_no_limit_is_drawn() -> None:
    plots = {name: make(read(synthetic.FIRST_RESULT)) for name, make in PLOTS.items()}
    for name in ("attainable", "roofline"):
        assert plots[name].chart is None
        assert plots[name].answer.startswith("This file's limits are by gradmark's first model")
    for name, plot in plots.items():
        assert not [row for row in plot.table.rows if "roof" in row[0].text], name
        assert "237" not in json.dumps(plot.spec() if plot.chart else plot.answer), name


def test_the_answer_to_how_close_follows_the_data(tmp_path: Path) -> None:
    raw = change(full(), "adamw/f32/avx512/L2/t1", attainable_percent=7.0, attainable_percent_low=6.5)
    plot = attainable.make(result_of(tmp_path, raw))
    assert "the farthest from it is adamw/f32/avx512/L2/t1 with 7%" in plot.answer
    percents = [row["attainable_percent"] for row in raw["rows"] if not row["sweep"]]
    assert plot.answer.startswith(f"{sum(p >= 90 for p in percents)} of {len(percents)} rows")


def test_every_level_row_is_in_the_table_with_its_status(tmp_path: Path) -> None:
    raw = full()
    nulls = dict.fromkeys(("attainable_percent", "attainable_percent_low", "attainable_percent_high"))
    raw = change(raw, "adamw/f32/avx2/L2/t1", status="border", **nulls)
    result = result_of(tmp_path, raw)
    table = attainable.make(result).table
    assert len(table.rows) == len(result.levels)
    border = next(r for r in table.rows if [c.text for c in r[:4]] == ["adamw/f32", "avx2", "L2", "1"])
    assert "border" in border[-1].text


def test_speedup_is_the_ratio_of_the_undisturbed_times() -> None:
    result = file_of("full")
    for record in records(plot_of("full", "scaling")):
        one, two = (result.find(record["op"], record["impl"], record["level"], n) for n in (1, 2))
        assert one
        assert one.time
        assert two
        assert two.time
        ratio = one.time.undisturbed / two.time.undisturbed
        assert record["speedup"] == pytest.approx(ratio, rel=1e-3)
        assert record["efficiency"] == pytest.approx(100 * ratio / 2, rel=1e-3)
        assert record["low"] <= record["speedup"] <= record["high"]


def test_two_thread_counts_are_points_and_more_are_lines(tmp_path: Path) -> None:
    assert "line" not in marks(spec_of("full", "scaling"))
    assert "line" in marks(spec_of("four thread counts", "scaling"))
    alone = scaling.make(result_of(tmp_path, small(threads=(2,))))
    assert alone.chart is None
    assert "gradmark run" in alone.answer


def test_a_figure_on_several_threads_names_its_state(tmp_path: Path) -> None:
    """In tables with what the other state took; in what is said of threads."""
    result = result_of(tmp_path, small(shared=2, samples=16))
    states = {"", "2 cores (12 of 16 samples)", "1 core (4 samples)"}
    for name, own in (("attainable", len(result.levels)), ("scaling", 12), ("accuracy", len(result.levels))):
        plot = PLOTS[name](result)
        titles = [column.title for column in plot.table.columns]
        on, threads = titles.index("on"), titles.index("threads")
        lines = [[cell.text for cell in row] for row in plot.table.rows]
        assert len(lines) == own + (12 if name != "accuracy" else 0)
        assert {line[on] for line in lines} == states - ({""} if name == "scaling" else set()) - (
            {"1 core (4 samples)"} if name == "accuracy" else set()
        )
        assert all((line[on] == "") == (line[threads] == "1") for line in lines)
    answer = PLOTS["scaling"](result).answer
    assert "going from one thread to 2 brings, on 2 cores: L2 1.98× to 2.01×; DRAM " in answer
    assert "×. The same, on 1 core: L2 0.992× to 1.00×; DRAM " in answer
    sweep = PLOTS["sweep"](result).table
    two = [[cell.text for cell in row] for row in sweep.rows if row[1].text == "2"]
    assert all(
        re.fullmatch(r"[0-9.]+ ±[0-9.]+% \([0-9.]+\) on 2 cores \(12 of 16 samples\)", one[4]) for one in two[::2]
    )
    assert all(re.fullmatch(r"[0-9.]+ ±[0-9.]+% on 1 core \(4 samples\)", one[4]) for one in two[1::2])
    assert "on 2 threads, on 2 cores" in PLOTS["accuracy"](result_of(tmp_path, small(threads=(2,)))).answer


def test_rows_that_threads_make_slower_are_named(tmp_path: Path) -> None:
    assert "slower" not in plot_of("full", "scaling").answer
    name = "adamw/f32/avx2/L1/t2"
    answer = scaling.make(result_of(tmp_path, full(slower={name: 10.0}))).answer
    assert f"1 row is slower than on one thread; the worst is {name}" in answer


def test_roofs_are_the_measured_ones() -> None:
    plot = plot_of("full", "roofline")
    table = [[cell.text for cell in row] for row in plot.table.rows]
    dram = next(row for row in table if row[0] == "roof: memory" and row[2:4] == ["DRAM", "1"])
    assert float(dram[7]) == pytest.approx(synthetic.BANDWIDTH["DRAM"], rel=0.01)
    roofs = {(row[0], row[1], row[3]): float(row[6]) for row in table if row[0].startswith("roof") and row[6] != "–"}
    assert roofs["roof: multiply-adds", "avx2", "1"] == 8 * 2 / 0.2
    assert roofs["roof: multiply-adds", "avx2", "2"] == 2 * 8 * 2 / 0.2
    assert roofs["roof: multiply-adds", "scalar", "1"] == 2 / 0.2
    assert roofs["roof: other arithmetic", "avx2", "1"] == 8 / 0.1
    assert roofs["roof: divisions", "avx512", "1"] == 16 / 2.0
    assert roofs["roof: roots", "avx512", "1"] == 16 / 2.5
    assert "8 Gflop/s of divisions alone" in plot.answer.replace("8.00", "8")


def test_the_point_of_an_op_is_its_own_rate() -> None:
    result = file_of("full")
    for record in records(plot_of("full", "roofline")):
        row = result.find(record["op"], record["impl"], record["level"], record["threads"])
        assert row
        traffic, flops = synthetic.OPS[row.op]
        assert record["intensity"] == pytest.approx(flops / traffic, rel=1e-3)
        assert record["rate"] == pytest.approx(row.gflop_per_s, rel=1e-3)
        assert row.limit_ns
        assert record["limit"] == pytest.approx(record["rate"] * row.time.undisturbed / row.limit_ns, rel=1e-3)  # type: ignore[union-attr]


def test_accuracy_says_what_the_fast_one_gains_and_loses(tmp_path: Path) -> None:
    raw = full(within=0.0)
    for row in raw["rows"]:
        if row["op"] == "adamw" and row["impl"] == "avx512_fast":
            row["max_ulp"] = 9.5
    answer = PLOTS["accuracy"](result_of(tmp_path, raw)).answer
    ratio = synthetic.CORE["avx512"] / synthetic.CORE["avx512_fast"]
    assert f"is {ratio:.2f}× as quick as the quickest exact one, avx512" in answer
    assert "9.50 ulp against 3.16" in answer
    exact = PLOTS["accuracy"](result_of(tmp_path, full(impls=("scalar", "avx2")))).answer
    assert "no other implementation of it estimates" in exact


def test_labels_keep_their_order_and_do_not_meet() -> None:
    random = np.random.default_rng(5)
    for _ in range(300):
        places_of = random.uniform((0, 60), (230, 340), (8, 2))
        labels = [dodge.Label(float(x), float(y), int(random.integers(2, 20))) for x, y in places_of]
        places = dodge.apart(labels, 400)
        for column in dodge.columns(labels):
            order = sorted(column, key=lambda i: labels[i].y)
            steps = np.diff([places[i] for i in order])
            assert (steps >= dodge.LINE - 1e-9).all()
        assert min(places) >= dodge.LINE
        assert max(places) <= 400 - dodge.LINE


def test_more_labels_than_fit_stay_within_the_view() -> None:
    places = dodge.apart([dodge.Label(10, float(y), 5) for y in range(0, 400, 8)], 400)
    assert places == sorted(places)
    assert min(places) >= dodge.LINE
    assert max(places) <= 400 - dodge.LINE


def test_a_label_with_room_stays_at_its_point() -> None:
    labels = [dodge.Label(10, 50, 5), dodge.Label(10, 200, 5), dodge.Label(200, 51, 5)]
    assert dodge.apart(labels, 400) == [50, 200, 51]


def test_thinning_keeps_the_ends_and_the_middle() -> None:
    samples = np.random.default_rng(1).permutation(np.arange(1.0, 102.0))
    thin = chart.thinned(samples)
    assert len(thin) == chart.MOST_DOTS
    assert (thin[0], thin[7], thin[-1]) == (1.0, 51.0, 101.0)
    assert chart.thinned(np.array([3.0, 1.0])) == [1.0, 3.0]


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_marks_and_text_stand_out(palette: dict[str, str]) -> None:
    for name, color in palette.items():
        for ground in (palette["page"], palette["card"]):
            if name.startswith("series"):
                assert contrast(color, ground) >= 3, name
            elif name in ("ink", "muted", "accent", "good", "bad", "doubt"):
                assert contrast(color, ground) >= 4.5, name


def test_fast_implementations_differ_by_more_than_colour() -> None:
    look = style.implementations(["avx2", "avx2_fast", "avx512", "mine", "mine_fast"])
    assert look.hollow == [False, True, False, False, True]
    assert look.shapes[0] == look.shapes[1]
    assert look.shapes[3] == look.shapes[4]
    assert len({look.shapes[0], look.shapes[2], look.shapes[3]}) == 3


@pytest.mark.parametrize("name", PLOTS)
def test_colours_are_the_themes_alone(name: str) -> None:
    spec = spec_of("full", name)
    text = json.dumps({key: value for key, value in spec.items() if key != "datasets"})
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", text)
    dark = theme.literal(spec, theme.DARK)
    assert "var(--" not in json.dumps(dark)


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("width", [230, 1100])
def test_narrow_and_wide(name: str, width: int) -> None:
    assert spec_of("no sweep", name)["width"] == "container"
    spec = theme.literal(plot_of("no sweep", name).spec(width), theme.LIGHT)
    picture = vl_convert.vegalite_to_svg(spec, vl_version=static.VEGA_LITE)
    found = re.search(r'width="(\d+)"', picture)
    assert found
    assert width <= int(found[1]) <= width + 180
