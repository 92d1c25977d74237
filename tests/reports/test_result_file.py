"""What the reader does with files that are no sound result files: one sentence, exit code 2, nothing left behind."""

import copy
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
from gradmark_report import json_file, older, record_file, result_file
from gradmark_report.cli import main
from gradmark_report.errors import BadInput
from gradmark_report.result import Result
from gradmark_report.result_file import read, read_with_times
from limits import not_forever

Json = dict[str, Any]
Change = Callable[[Json], object]
MOST_CHARACTERS = 300
SMALL = synthetic.make_result(ops=("adamw",), impls=("scalar", "avx2"), levels=("L2", "DRAM"), sweep=False, samples=5)
SCHEMA: Json = older.schema(older.RESULT)


def whole() -> Json:
    """A result in which everything that can be there is there."""
    result = copy.deepcopy(SMALL)
    ceiling = {"isa": "avx2", "threads": 1, "lanes": 8, "fused": True}
    units = ("fma", "divide", "sqrt", "other", "load", "store")
    result["machine"]["ceilings"] = [{**ceiling, **{f"{unit}_ns": 0.25 for unit in units}}]
    result["machine"]["topology"]["pu"] = [{"os_index": 0, "core": 0, "package": 0, "numa_node": 0, "sibling": 0}]
    return result


def changed(change: Change) -> Json:
    result = whole()
    change(result)
    return result


def refusal(path: Path | str) -> str:
    with pytest.raises(BadInput) as caught:
        read_with_times(path)
    return str(caught.value)


def refusal_of(folder: Path, change: Change) -> str:
    return refusal(synthetic.write(folder / "result.json", changed(change)))


def check_refused_by_command(path: Path, capsys: pytest.CaptureFixture[str], says: str = "") -> str:
    """Every failure looks like this."""
    target = path.parent / "report-of-it.html"
    before = set(path.parent.iterdir())
    assert main(["html", str(path), "-o", str(target)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("gradmark-report: ")
    assert printed.err.endswith("\n")
    assert printed.err.count("\n") == 1
    assert len(printed.err) <= MOST_CHARACTERS
    assert printed.err.rstrip("\n").isprintable()
    assert path.name in printed.err
    assert says in printed.err
    assert set(path.parent.iterdir()) == before
    return printed.err


# ---- what is sound ---------------------------------------------------------------------------------------------------


def test_what_is_sound_comes_out_as_it_went_in(tmp_path: Path) -> None:
    made = whole()
    result = read_with_times(synthetic.write(tmp_path / "result.json", made))
    assert [row.name for row in result.rows] == [row["name"] for row in made["rows"]]
    first, given = result.rows[0], made["rows"][0]
    assert first.time is not None
    assert first.time.samples.tolist() == given["ns_per_element"]["samples"]
    assert (first.time.low, first.time.undisturbed, first.time.high, first.time.typical) == tuple(
        given["ns_per_element"][member] for member in ("low", "undisturbed", "high", "typical")
    )
    assert [one.samples.size for one in first.time.rounds] == [
        one["samples"] for one in given["ns_per_element"]["rounds"]
    ]
    assert first.twin_ns == given["twin_ns_per_element"]
    assert result.machine == made["machine"]
    assert result.settings == made["settings"]
    assert result.host == "ada"


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(SMALL).encode())
    assert read(path).rows


def test_whole_numbers_are_ints_however_they_are_written(tmp_path: Path) -> None:
    def as_floats(result: Json) -> None:
        result["rows"][0]["threads"] = 1.0
        result["rows"][0]["elements"] = 5000.0
        result["machine"]["topology"]["cores"] = 2.0
        result["rows"][0]["gb_per_s"] = 33

    result = read(synthetic.write(tmp_path / "result.json", changed(as_floats)))
    row = result.rows[0]
    assert (type(row.threads), type(row.elements), type(result.machine["topology"]["cores"])) == (int, int, int)
    assert type(row.gb_per_s) is float


def test_one_sample_is_enough(tmp_path: Path) -> None:
    def one(result: Json) -> None:
        for row in result["rows"]:
            row["ns_per_element"] = synthetic.time_of([[2.5]])

    assert read_with_times(synthetic.write(tmp_path / "result.json", changed(one))).rows[0].time


def test_the_worst_error_that_there_is(tmp_path: Path) -> None:
    """Of a kernel that wrote the largest float for the smallest."""

    def wrong(result: Json) -> None:
        not_timed(result["rows"][0], "failed")
        result["rows"][0].update(max_ulp=2.4e83, verified=False)

    assert read(synthetic.write(tmp_path / "result.json", changed(wrong))).rows[0].max_ulp == 2.4e83


FIRST = synthetic.FIRST_RESULT


def test_a_file_of_the_first_model_has_its_times_and_no_limits() -> None:
    given: Json = json.loads(FIRST.read_text(encoding="utf-8"))
    assert {"attainable_percent", "core_ns_per_element", "remeasured"} <= set(given["rows"][0])
    assert given["machine"]["ceilings"]
    result = read_with_times(FIRST)
    assert result.first_model
    check_old_times(result, given)
    assert {row.speedup_scalar for row in result.rows} == {row["speedup_scalar"] for row in given["rows"]}
    for row in result.rows:
        of_limits = (row.attainable_percent, row.attainable_low, row.attainable_high, row.bound_by, row.limit_ns)
        assert set(of_limits) == {None}
        assert row.believable
    assert result.machine["ceilings"] == []
    assert [warning["id"] for warning in result.warnings] == ["virtual"]


def check_old_times(result: Result, given: Json) -> None:
    """The median is all that there is of a headline, and its interval is the median's."""
    for row, its in zip(result.rows, given["rows"], strict=True):
        time, old = row.time, its["ns_per_element"]
        assert time
        assert (time.low, time.undisturbed, time.high) == (old["low"], old["median"], old["high"])
        assert time.typical == old["median"]
        assert time.samples.tolist() == old["samples"]
        assert row.placement is None
    assert result.placement is None
    assert result.left_out == ()


def test_a_file_from_before_there_were_rounds_has_its_medians(tmp_path: Path) -> None:
    given: Json = json.loads(synthetic.SECOND_RESULT.read_text(encoding="utf-8"))
    result = read_with_times(synthetic.SECOND_RESULT)
    check_old_times(result, given)
    assert not result.first_model
    assert {row.attainable_percent for row in result.rows} == {row["attainable_percent"] for row in given["rows"]}
    assert {len(row.time.rounds) for row in result.rows if row.time} == {6}  # two samples each, and one
    for made in (given, whole()):
        not_timed(made["rows"][0], "skipped")
        assert read(synthetic.write(tmp_path / "result.json", made)).rows[0].time is None


def inlined(schema: Any, own: Json, shared: Json) -> Any:
    """What it demands: with what it refers to in place, and without what is for people."""
    if isinstance(schema, list):
        found = [inlined(one, own, shared) for one in schema]
        return sorted(found) if all(isinstance(one, str) for one in found) else found
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        file, _, place = schema["$ref"].partition("#/$defs/")
        root = shared if file else own
        return inlined(root["$defs"][place], root, shared)
    kept = (name for name in schema if name not in ("$defs", "$id", "$schema", "description", "title"))
    return {name: inlined(schema[name], own, shared) for name in kept}


def test_older_schemas_are_what_they_were() -> None:
    """They follow from today's: whoever changes that says in older.py what the older ones did not have."""
    found = {}
    for name in older.OLDER:
        schema = older.schema(name)
        text = json.dumps(inlined(schema, schema, older.shared(name)), sort_keys=True)
        found[name.removeprefix("gradmark.")] = hashlib.sha256(text.encode()).hexdigest()[:12]
    assert found == {
        "result/1": "bdf65399fa98",
        "result/2": "192a097fc9f5",
        "result/3": "d4654618ed85",
        "training/1": "4c18d86776c6",
        "training/2": "753b01f053f2",
    }


def test_what_was_called_otherwise_is_read(tmp_path: Path) -> None:
    given: Json = json.loads(synthetic.THIRD_RESULT.read_text(encoding="utf-8"))
    given["machine"]["host"] = "divide/root"  # is a name here
    result = read_with_times(synthetic.write(tmp_path / "result.json", given))
    assert result.host == "divide/root"
    assert {row["bound_by"] for row in given["rows"]} == {"divide/root"}
    assert {row.bound_by for row in result.rows} == {"divide/sqrt"}
    assert all(row["proved_at_size"] for row in given["rows"])
    assert all(row.verified_at_size for row in result.rows)
    assert result.machine["ceilings"][0]["sqrt_ns"] == given["machine"]["ceilings"][0]["root_ns"]
    assert result.settings["verified_by"] is result.build["bundle"] is None
    assert not result.first_model


@pytest.mark.parametrize("schema", result_file.SCHEMAS)
def test_each_version_is_held_against_its_own_schema(tmp_path: Path, schema: str) -> None:
    makes = [FIRST, synthetic.SECOND_RESULT, synthetic.THIRD_RESULT, synthetic.write(tmp_path / "new.json", whole())]
    for file in makes:
        made = json.loads(file.read_text(encoding="utf-8"))
        mine = made["schema"] == schema
        renamed = synthetic.write(tmp_path / "result.json", {**made, "schema": schema})
        assert read(renamed).rows if mine else "not a sound result file: " in refusal(renamed)


def test_placement_comes_out_as_it_went_in(tmp_path: Path) -> None:
    made = synthetic.make_result(ops=("sgd",), impls=("avx2",), levels=("L2",), sweep=False, shared=3, unknown=1)
    made["rows"][1]["placement"]["effective_cores"] = 2
    made["left_out"] = ["sgd/f32/scalar/L2/t1"]
    result = read(synthetic.write(tmp_path / "result.json", made))
    assert result.left_out == ("sgd/f32/scalar/L2/t1",)
    assert result.placement == made["placement"]
    one, two = result.rows
    assert one.placement is None
    assert two.time
    assert [its.state for its in two.time.rounds] == ["2 cores"] * 4 + [None] + ["1 core"] * 3
    assert two.placement
    assert (two.placement.state, two.placement.samples, two.placement.other_samples) == ("2 cores", 8, 8)
    assert type(two.placement.effective_cores) is float
    (other,) = two.placement.others
    assert (other.state, other.samples) == ("1 core", 6)
    assert other.low <= other.undisturbed <= other.high
    assert other.undisturbed > 1.9 * two.time.undisturbed


def test_a_partial_run_is_read(tmp_path: Path) -> None:
    def interrupted(result: Json) -> None:
        result["partial"] = True
        not_timed(result["rows"][-1], "skipped")

    result = read_with_times(synthetic.write(tmp_path / "result.json", changed(interrupted)))
    assert result.partial
    assert len(result.timed) == len(result.rows) - 1


def not_timed(row: Json, status: str) -> None:
    row.update({"status": status, "ns_per_element": None, "attainable_percent": None})
    row.update({"attainable_percent_low": None, "attainable_percent_high": None})


# ---- what is no file -------------------------------------------------------------------------------------------------


def no_such(path: Path) -> None:
    pass


def loop(path: Path) -> None:
    path.symlink_to(path)


NO_FILES: list[tuple[Callable[[Path], object], str]] = [
    (no_such, "there is no such file"),
    (Path.mkdir, "this is a folder"),
    (os.mkfifo, "a pipe"),
    (lambda path: path.symlink_to("/dev/zero"), "a device"),
    (lambda path: path.symlink_to("/dev/full"), "a device"),
    (lambda path: path.symlink_to("nowhere"), "there is no such file"),
    (loop, "Too many levels of symbolic links"),
    (Path.touch, "the file is empty"),
]


@pytest.mark.parametrize(("make", "says"), NO_FILES)
def test_what_is_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], object], says: str
) -> None:
    path = tmp_path / "result.json"
    make(path)
    with not_forever():  # a pipe would be waited for without end
        check_refused_by_command(path, capsys, says)


def test_a_socket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    path = tmp_path / "s.json"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        check_refused_by_command(path, capsys)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """Root may read everything, so that somebody else must try."""
    path = synthetic.write(tmp_path / "result.json", SMALL)
    path.chmod(0)
    if os.geteuid() != 0:
        assert "Permission denied" in refusal(path)
        return
    child = os.fork()
    if child == 0:  # no pytest from here on
        code = 9
        try:
            os.setuid(65534)
            read(path)
        except BadInput as error:
            code = 0 if "Permission denied" in str(error) else 8
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_name_that_is_too_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["md", str(tmp_path / ("n" * 300 + ".json"))]) == 2
    said = capsys.readouterr().err
    assert "File name too long" in said
    assert "nnn.json" in said
    assert len(said) <= MOST_CHARACTERS


def test_a_name_that_is_hostile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a\x1b[31m\n\u202eb.json"
    assert main(["md", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip().isprintable()


@pytest.mark.parametrize("size", [record_file.LARGEST_BYTES + 1, 1 << 30, 1 << 40])
def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], size: int) -> None:
    path = tmp_path / "result.json"
    with path.open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    try:
        check_refused_by_command(path, capsys, "MiB are too much for a result file")
        assert tracemalloc.get_traced_memory()[1] < 16 << 20, "some of it was read"
    finally:
        tracemalloc.stop()


def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than is looked at, whatever the size was before."""
    path = tmp_path / "result.json"
    path.write_bytes(b" " * 2_000_000)
    stated = os.stat_result((0o100644, 1, 1, 1, 0, 0, 10, 0, 0, 0))
    monkeypatch.setattr(os, "fstat", lambda descriptor: stated)
    with pytest.raises(BadInput, match="MiB are too much"):
        json_file.load(path, "result file", 1 << 20)


def test_a_file_that_others_rewrite_meanwhile(tmp_path: Path) -> None:
    """Truncated, grown, replaced or gone: a result or a sentence, never anything else."""
    path = synthetic.write(tmp_path / "result.json", SMALL)
    whole_text, done, refusals = path.read_text(), threading.Event(), list[str]()

    def spoil() -> None:
        while not done.is_set():
            path.write_text(whole_text[: len(whole_text) // 2])
            path.write_text(whole_text)
            path.unlink()
            path.write_text(whole_text)

    writer = threading.Thread(target=spoil)
    writer.start()
    try:
        for _ in range(100):
            try:
                assert len(read(path).rows) == len(SMALL["rows"])
            except BadInput as error:
                refusals.append(str(error))
    finally:
        done.set()
        writer.join()
    assert all(path.name in refusal and "\n" not in refusal for refusal in refusals)


# ---- what is no JSON -------------------------------------------------------------------------------------------------

SOUND = json.dumps(SMALL)
BYTES: dict[str, tuple[bytes, str]] = {
    "blanks": (b" \n\t", "the file is empty"),
    "binary": (bytes(range(256)) * 10, "not text in UTF-8"),
    "zeros": (b"\0" * 1000, "this is no JSON"),
    "an image": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not text in UTF-8"),
    "Latin-1": ('{"schema": "é"}'.encode("latin-1"), "not text in UTF-8"),
    "UTF-16": (SOUND.encode("utf-16"), "not text in UTF-8"),
    "UTF-16, no mark": (SOUND.encode("utf-16-le"), "this is no JSON"),
    "UTF-32": (SOUND.encode("utf-32"), "not text in UTF-8"),
    "half a pair in bytes": (b'{"schema": "\xed\xa0\x80"}', "not text in UTF-8"),
    "broken": (b'{"schema": "gradmark.result/4", }', "line 1, column"),
    "two documents": (b"{}\n{}", "Extra data"),
    "a comment": (b"// ours\n{}", "this is no JSON"),
    "deep lists": (b"[" * 1_000_000, "nested far too deeply"),
    "deep objects": (b'{"a":' * 1_000_000, "nested far too deeply"),
    "deep, whole": (b'{"schema":"gradmark.result/4","rows":[],"m":' + b"[" * 400 + b"]" * 400 + b"}", "too deeply"),
    "deep schema": (b'{"schema":' + b"[" * 400 + b"]" * 400 + b"}", "its schema is a list"),
    "NaN": (b'{"schema": NaN}', "NaN"),
    "Infinity": (b'{"schema": [Infinity]}', "Infinity"),
    "-Infinity": (b'{"schema": -Infinity}', "-Infinity"),
    "1e999": (b'{"schema": 1e999}', "1e999"),
    "1e-999": (b'{"schema": 1e-999}', "its schema is 0"),
    "1e200": (b'{"schema": 1e200}', "1e200"),
    "a giant integer": (b'{"schema": ' + b"9" * 100_000 + b"}", "larger than any count"),
    "2^63": (b'{"schema": 9223372036854775808}', "larger than any count"),
    "a member twice": (b'{"schema": "gradmark.result/4", "schema": "gradmark.result/4"}', "member 'schema' twice"),
    "a number": (b"1", "no result file"),
    "null": (b"null", "no result file"),
    "a text": (b'"gradmark.result/4"', "no result file"),
    "a list": (b"[]", "no result file"),
    "an empty object": (b"{}", "does not name its schema"),
    "another program's": (b'{"context": {}, "benchmarks": []}', "does not name its schema"),
    "another version": (SOUND.replace("result/4", "result/5").encode(), '"gradmark.result/5"'),
    "another kind": (b'{"schema": "gradmark.verify/1"}', '"gradmark.verify/1"'),
    "no rows": (b'{"schema": "gradmark.result/4"}', "no list of rows"),
    "rows of another kind": (b'{"schema": "gradmark.result/4", "rows": {}}', "no list of rows"),
}


@pytest.mark.parametrize("what", BYTES)
def test_what_is_no_json_or_no_result(tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    data, says = BYTES[what]
    path = tmp_path / "result.json"
    path.write_bytes(data)
    check_refused_by_command(path, capsys, says)


def test_another_version_says_which_one_is_read(tmp_path: Path) -> None:
    said = refusal_of(tmp_path, lambda result: result.update(schema="gradmark.result/5"))
    assert said.endswith(
        'its schema is "gradmark.result/5"; this gradmark-report reads gradmark.result/4, gradmark.result/3, '
        "gradmark.result/2 and gradmark.result/1"
    )


def test_a_file_cut_off_anywhere(tmp_path: Path) -> None:
    """At every character of its first part, around every kind of sign of the rest."""
    path = tmp_path / "result.json"
    places = {*range(400), *(found.end() for found in re.finditer(r'[]{}[,:"]', SOUND[: len(SOUND) // 8]))}
    for place in sorted(place for place in places if place < len(SOUND)):
        path.write_text(SOUND[:place], encoding="utf-8")
        assert re.search("this is no JSON|the file is empty", refusal(path)), place


@pytest.mark.parametrize("count", [2, 200_000])
def test_a_member_twice_is_found(tmp_path: Path, count: int) -> None:
    path = tmp_path / "result.json"
    members = ", ".join(f'"m{number}": 1' for number in range(count))
    path.write_text(f'{{{members}, "m{count - 1}": 2}}', encoding="utf-8")
    with not_forever():
        assert f"the member 'm{count - 1}' twice" in refusal(path)


class Name(str):
    """Counts what is done with it."""

    done = 0

    def __hash__(self) -> int:
        Name.done += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Name.done += 1
        return super().__eq__(other)


def test_to_find_a_member_twice_each_is_looked_at_a_few_times() -> None:
    """However many there are: each with each would be a day's work of one file."""
    names = [Name(f"m{number}") for number in range(2000)]
    with pytest.raises(ValueError, match="the member 'm1999' twice"):
        json_file._unique([(name, 1) for name in [*names, Name("m1999")]])
    assert Name.done < 10 * len(names)


# ---- every member ----------------------------------------------------------------------------------------------------


def resolved(schema: Json, own: Json) -> tuple[Json, Json]:
    """What it refers to, in its own file or in that of results; and in which file that stands."""
    while "$ref" in schema:
        file, _, place = schema["$ref"].partition("#")
        own = SCHEMA if file else own
        schema = own["$defs"][place.rpartition("/")[2]]
    return schema, own


def members(
    schema: Json, value: Any, path: tuple[str | int, ...] = (), own: Json | None = None
) -> Iterator[tuple[tuple[str | int, ...], Json, bool]]:
    """Every member that the schema names and that `value` has: its path, its schema, whether it must be there."""
    schema, own = resolved(schema, own or schema)
    if isinstance(value, list):
        if value and isinstance(schema.get("items"), dict):
            yield from members(schema["items"], value[0], (*path, 0), own)
        return
    if not isinstance(value, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            yield (*path, name), resolved(inner, own)[0], name in schema.get("required", ())
            yield from members(inner, value[name], (*path, name), own)
    for name in schema.get("required", ()):
        if name not in schema.get("properties", {}):
            yield (*path, name), {}, True


MEMBERS = list(members(SCHEMA, whole()))
REQUIRED = [path for path, _, must in MEMBERS if must]
TYPED = [(path, schema) for path, schema, _ in MEMBERS]


def dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))


def at(root: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        root = root[part]
    return root


def test_the_schema_has_been_walked_through() -> None:
    assert len(REQUIRED) > 120
    assert {dotted(path) for path in REQUIRED} >= {
        "machine.topology.xml",
        "machine.ceilings.0.divide_ns",
        "rows.0.ns_per_element.samples",
        "warnings.0.cure",
        "machine.memory.total_bytes",
    }


@pytest.mark.parametrize("path", REQUIRED, ids=dotted)
def test_a_missing_member_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: tuple[str | int, ...]
) -> None:
    made = whole()
    del at(made, path[:-1])[path[-1]]
    file = synthetic.write(tmp_path / "result.json", made)
    said = check_refused_by_command(file, capsys, str(path[-1]))
    if len(path) > 1 and path[0] != "rows":
        assert str(path[0]) in said
    if path[0] == "rows" and len(path) > 2 and path[-1] != "name":
        assert SMALL["rows"][0]["name"] in said


VALUES: tuple[Any, ...] = (None, True, -1, 0.5, 10**20, "", "x", [], {}, [[]], {"x": {}})


def fits(value: Any, schema: Json) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    types = schema.get("type", "")
    kinds = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    kind = kinds.get(type(value), "object")
    return kind in types or (kind == "integer" and "number" in types)


@pytest.mark.parametrize(("path", "schema"), TYPED, ids=[dotted(path) for path, _ in TYPED])
def test_a_member_of_a_wrong_type_is_named(tmp_path: Path, path: tuple[str | int, ...], schema: Json) -> None:
    wrong = [value for value in VALUES if not fits(value, schema)]
    assert wrong
    if "const" not in schema and "enum" not in schema:
        assert schema.get("type"), f"the schema says nothing of what {dotted(path)} is"
    for value in wrong:
        made = whole()
        at(made, path[:-1])[path[-1]] = value
        said = refusal(synthetic.write(tmp_path / "result.json", made))
        assert "\n" not in said
        assert len(said) < MOST_CHARACTERS - 20
        if value != 10**20:
            assert str(path[-1]) in said or path[-1] == "rows" or path == ("schema",), said


def objects(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        yield path
    for part, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from objects(inner, (*path, part))


@pytest.mark.parametrize(
    "path",
    [path for path in objects(whole()) if dotted(path) not in ("environment.items", "environment.vulnerabilities")],
    ids=dotted,
)
def test_a_member_that_nobody_knows_is_refused(tmp_path: Path, path: tuple[str | int, ...]) -> None:
    """So that nothing gets in that was not looked at."""
    made = whole()
    at(made, path)["unheard_of"] = [[["x"]]]
    said = refusal(synthetic.write(tmp_path / "result.json", made))
    assert "unheard_of" in said


# ---- rows ------------------------------------------------------------------------------------------------------------


def time_of(result: Json) -> Json:
    found: Json = result["rows"][0]["ns_per_element"]
    return found


def sample(value: Any) -> Change:
    return lambda result: time_of(result)["samples"].insert(2, value)


def first_row(**members: Any) -> Change:
    return lambda result: result["rows"][0].update(members)


def attainable(percent: float, low: float, high: float) -> Change:
    return first_row(attainable_percent=percent, attainable_percent_low=low, attainable_percent_high=high)


def renamed(name: str) -> Change:
    return first_row(name=name)


def twice(result: Json) -> None:
    result["rows"].append(copy.deepcopy(result["rows"][0]))


def load(result: Json) -> Any:
    return result["environment"]["items"]["load"]


def all_not_timed(status: str) -> Change:
    def change(result: Json) -> None:
        for row in result["rows"]:
            not_timed(row, status)

    return change


def many(member: str, count: int) -> Change:
    def change(result: Json) -> None:
        first = result["rows"][0]
        for number in range(count):
            row = {**first, member: number + 10 if member == "threads" else f"{member}{number}"}
            row["name"] = f"{row['op']}/{row['dtype']}/{row['impl']}/{row['level']}/t{row['threads']}"
            result["rows"].append(row)

    return change


OTHER = {"state": "1 core", "effective_cores": 1.0, "line_ns": None, "samples": 4, "low": 0.9, "high": 1.1}
ROWS: dict[str, tuple[Change, str]] = {
    "no row": (lambda result: result["rows"].clear(), "it has no row"),
    "all failed": (all_not_timed("failed"), "none of its 8 rows was timed"),
    "all skipped": (all_not_timed("skipped"), "none of its 8 rows was timed"),
    "one, failed": (lambda r: (all_not_timed("failed")(r), r["rows"].__delitem__(slice(1, None))), "its only row"),
    "no samples": (lambda result: time_of(result)["samples"].clear(), "samples"),
    "sample 0": (sample(0), "has the sample 0;"),
    "sample -1": (sample(-1.5), "has the sample -1.5;"),
    "sample text": (sample("1.5"), 'has the sample "1.5";'),
    "sample true": (sample(True), "has the sample true;"),
    "sample null": (sample(None), "has the sample null;"),
    "sample list": (sample([[[1]]]), "has the sample a list;"),
    "first sample text": (lambda result: time_of(result)["samples"].insert(0, "x"), "samples.0"),
    "samples an object": (lambda result: time_of(result).update(samples={}), "samples"),
    "time over its interval": (lambda r: time_of(r).update(undisturbed=time_of(r)["high"] * 1.01), "its own interval"),
    "time under its interval": (lambda r: time_of(r).update(undisturbed=time_of(r)["low"] / 1.01), "its own interval"),
    "time beyond the samples": (lambda r: time_of(r).update(undisturbed=1e6, high=1e6), "outside its own samples"),
    "time below the samples": (lambda r: time_of(r).update(undisturbed=1e-6, low=1e-6), "outside its own samples"),
    "typical beyond the samples": (lambda r: time_of(r).update(typical=1e6), "outside its own samples"),
    "time 0": (lambda result: time_of(result).update(undisturbed=0), "undisturbed"),
    "more samples than in the rounds": (lambda r: time_of(r)["rounds"].pop(), "has 5 samples, and 4 in its rounds"),
    "fewer samples than in the rounds": (lambda r: time_of(r)["samples"].pop(), "has 4 samples, and 5 in its rounds"),
    "no rounds": (lambda r: time_of(r).update(rounds=[]), "rounds"),
    "a state unheard of": (lambda r: time_of(r)["rounds"][0].update(state="2 nodes"), "state"),
    "another state's time outside its interval": (
        lambda r: r["rows"][2]["placement"]["others"].append({**OTHER, "undisturbed": 2.0}),
        "its own interval",
    ),
    "the same name twice": (twice, "two of its rows have the name 'adamw/f32/scalar/L2/t1'"),
    "another op": (first_row(op="sgd"), "says otherwise in its own members"),
    "another dtype": (first_row(dtype="f16"), "says otherwise"),
    "another impl": (first_row(impl="avx2"), "says otherwise"),
    "another level": (first_row(level="DRAM"), "says otherwise"),
    "other threads": (first_row(threads=3), "says otherwise"),
    "threads 0": (first_row(threads=0), "threads"),
    "threads true": (first_row(threads=True), "threads"),
    "level L9": (renamed("adamw/f32/scalar/L9/t1"), "does not match"),
    "level 0x1KiB": (renamed("adamw/f32/scalar/0x1KiB/t1"), "does not match"),
    "a size, but no sweep": (renamed("adamw/f32/scalar/96KiB/t1"), "does not match"),
    "a level, but a sweep": (first_row(sweep=True), "does not match"),
    "too few parts": (renamed("adamw/f32/scalar/L2"), "does not match"),
    "too many parts": (renamed("adamw/f32/scalar/L2/t1/x"), "does not match"),
    "a line break at the end": (renamed("adamw/f32/scalar/L2/t1\n"), "does not match"),
    "empty": (renamed(""), "does not match"),
    "status unheard of": (first_row(status="fine"), "status"),
    "failed, yet timed": (first_row(status="failed"), "ns_per_element"),
    "measured, yet not timed": (first_row(ns_per_element=None), "ns_per_element"),
    "measured, yet not verified": (first_row(verified=False), "verified"),
    "border, yet scored": (first_row(status="border"), "attainable_percent"),
    "believable, yet above 150%": (attainable(160, 155, 170), "believable"),
    "percent over its interval": (attainable(90, 80, 89), "outside its own interval"),
    "percent under its interval": (attainable(90, 91, 95), "outside its own interval"),
    "bound by L1": (first_row(bound_by="L1"), "bound_by"),
    "a row of another kind": (lambda result: result["rows"].insert(0, 5), "row 1"),
    "too many implementations": (many("impl", 300), "different values of 'impl'"),
    "too many thread counts": (many("threads", 300), "different values of 'threads'"),
    "too many ops": (many("op", 2100), "different values of 'op'"),
    "no such moment": (lambda result: result.update(started="2026-02-30T10:00:00Z"), "started: there is no moment"),
    "a moment and a break": (lambda result: result.update(finished="2026-02-20T10:00:00Z\n"), "finished"),
    "a host of 10 MB": (lambda result: result["machine"].update(host="h" * 10_000_000), "the text of 'host' has"),
    "an XML of 2 MB": (lambda result: result["machine"]["topology"].update(xml="x" * 2_000_000), "xml"),
    "a member of 1 MB": (lambda r: r["environment"]["items"].update({"x" * 1_000_000: load(r)}), "a name"),
}


@pytest.mark.parametrize("what", ROWS)
def test_what_no_result_says(tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    change, says = ROWS[what]
    file = synthetic.write(tmp_path / "result.json", changed(change))
    check_refused_by_command(file, capsys, says)


def test_zero_rows_are_read_by_what_needs_no_times(tmp_path: Path) -> None:
    assert read(synthetic.write(tmp_path / "result.json", changed(lambda result: result["rows"].clear()))).rows == ()


# ---- texts -----------------------------------------------------------------------------------------------------------


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


HOSTILE = "a\x00\x07\x1b[31mred\x9b2J\u202e\u2066\ufeff\u2028\u2029\ufffe\U000e0041\ud800\r\n\tb"


def test_texts_come_out_harmless(tmp_path: Path) -> None:
    def spoil(result: Json) -> None:
        result["machine"].update(host=HOSTILE, system=HOSTILE, product=HOSTILE)
        result["machine"]["processor"]["name"] = HOSTILE
        result["environment"]["items"][HOSTILE] = result["environment"]["items"].pop("load")
        result["build"]["revision"] = HOSTILE
        result["settings"]["command"] = [HOSTILE]
        result["warnings"][0]["what"] = HOSTILE
        for row in result["rows"]:
            row["op"] = HOSTILE
            row["name"] = "/".join([HOSTILE, *row["name"].split("/")[1:]])

    result = read(synthetic.write(tmp_path / "result.json", changed(spoil)))
    found = [*texts(result.machine), *texts(result.environment), *texts(result.build), *texts(result.settings)]
    found += [*texts(result.warnings), *(row.name for row in result.rows), *(row.op for row in result.rows)]
    assert sum("red" in text for text in found) > 20
    for text in found:
        assert text.isprintable(), ascii(text)
        text.encode()


def test_only_the_topology_may_have_lines(tmp_path: Path) -> None:
    xml = '<?xml version="1.0"?>\n<topology>\n\t<object/>\n</topology>\n\x1b'

    def put(result: Json) -> None:
        result["machine"]["topology"]["xml"] = xml

    read_xml = read(synthetic.write(tmp_path / "result.json", changed(put))).machine["topology"]["xml"]
    assert read_xml == xml[:-1] + "\N{REPLACEMENT CHARACTER}"


# ---- the whole command -----------------------------------------------------------------------------------------------


def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    package = Path(result_file.__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(package), **options.pop("env", {})}
    command = [sys.executable, "-m", "gradmark_report", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=options.get("stdout") is None, env=environment, check=False, **options
    )


def test_as_a_process(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"schema": "gradmark.result/4"', encoding="utf-8")
    done = run("html", path, "-o", tmp_path / "report.html")
    assert done.returncode == 2
    assert done.stdout == b""
    line = done.stderr.decode()
    assert line == f"gradmark-report: {line.removeprefix('gradmark-report: ').splitlines()[0]}\n"
    assert "this is no JSON: line 1" in line
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("html", "--help"), ()])
def test_a_full_disk_behind_what_is_printed(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(*arguments, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    if arguments:
        assert done.stderr == b"gradmark-report: No space left on device\n"


def test_a_closed_pipe_is_no_pass() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = run("--help", stdout=closed, stderr=subprocess.PIPE)
    assert done.returncode == 141
    assert done.stderr == b""


def test_a_terminal_of_another_encoding(tmp_path: Path) -> None:
    done = run("html", tmp_path / "a–b.json", "-o", tmp_path / "r", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 2
    assert b"a\\u2013b.json: there is no such file" in done.stderr


@pytest.mark.parametrize("wrong", ["x\n\x1b[31m", "", "../cli", "html\0", "h" * 5000])
def test_a_command_that_is_not_there(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    assert main([wrong]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()
    assert len(said) <= MOST_CHARACTERS


@pytest.mark.parametrize("arguments", [["html"], ["html", "a", "--nonsense\x1b" * 100], ["svg", "a", "--plot"]])
def test_a_wrong_option(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("gradmark-report: ")
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()
    assert len(said) <= MOST_CHARACTERS


def test_much_of_nothing_takes_bounded_time_and_memory(tmp_path: Path) -> None:
    """A MiB of what a parser finds costly: objects and errors without end."""
    import resource

    path = tmp_path / "result.json"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for filler in ("{}", "null"):
        body = ",".join([filler] * ((1 << 20) // (len(filler) + 1)))
        for text in (
            f'{{"schema": "gradmark.result/4", "rows": [{body}]}}',
            json.dumps(SMALL)[:-1] + f', "more": [{body}]}}',
            json.dumps(SMALL).replace('"samples": [', f'"samples": [{body}, ', 1),
        ):
            path.write_text(text, encoding="utf-8")
            with not_forever():
                assert len(refusal(path)) < MOST_CHARACTERS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 19  # KiB


def test_samples_are_an_array_of_doubles(tmp_path: Path) -> None:
    row = read(synthetic.write(tmp_path / "result.json", SMALL)).rows[0]
    assert row.time is not None
    assert row.time.samples.dtype == np.float64
