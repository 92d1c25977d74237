"""Figures in words, above all where they round up into another digit or unit."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from gradmark_report import words

NONE, NAN, INF = None, math.nan, math.inf
CASES: list[tuple[Any, Any, str]] = [
    *((call, unknown, "–") for unknown in (NONE, NAN, INF, -INF) for call in (
        words.significant, words.nanoseconds, words.percent, words.times, words.size, words.duration, words.count,
        words.grouped, words.gigabytes, words.signed_percent,
    )),
    (words.significant, 1234, "1230"), (words.significant, 0.04567, "0.0457"), (words.significant, -1234, "-1230"),
    (words.significant, 999.4, "999"), (words.significant, 999.5, "1000"), (words.significant, 0.9995, "1.00"),
    (words.significant, 0.99949, "0.999"), (words.significant, 99.95, "100"), (words.significant, 9.996, "10.0"),
    (words.significant, 0, "0"), (words.significant, -0.0, "0"), (words.significant, 1e-6, "0.00000100"),
    (words.significant, 1e-7, "1.00e-07"), (words.significant, 1e14, "100000000000000"),
    (words.significant, 1e15, "1.00e+15"), (words.significant, 1e30, "1.00e+30"), (words.significant, 5, "5.00"),
    (words.nanoseconds, 0.5321, "0.532 ns"), (words.nanoseconds, 999.9, "1000 ns"), (words.nanoseconds, 0, "0 ns"),
    (words.percent, 99.4, "99%"), (words.percent, 99.6, "100%"), (words.percent, 140.4, "140%"),
    (words.percent, 0.4, "0.4%"), (words.percent, 0.96, "1%"), (words.percent, 0, "0%"), (words.percent, -0.2, "-0.2%"),
    (words.percent, -3, "-3%"), (words.percent, 1e30, "1.00e+30%"),
    (words.times, 1.0, "1.00×"), (words.times, 1.9996, "2.00×"), (words.times, 0.5, "0.500×"),
    (words.size, 0, "0 B"), (words.size, 1, "1 B"), (words.size, 1023, "1023 B"), (words.size, 1023.9, "1.00 KiB"),
    (words.size, 1024, "1 KiB"), (words.size, 98304, "96 KiB"), (words.size, 1536, "1.50 KiB"),
    (words.size, 1023.4 * 1024, "1023 KiB"), (words.size, 1023.9 * 1024, "1.00 MiB"),
    (words.size, (1 << 20) - 1, "1.00 MiB"), (words.size, 110100480, "105 MiB"),
    (words.size, 25276502016, "23.5 GiB"), (words.size, 1 << 53, "8 PiB"), (words.size, -5, "-5 B"),
    (words.duration, 0, "0 ns"), (words.duration, 1e-12, "0.0010 ns"), (words.duration, 1e-9, "1.0 ns"),
    (words.duration, 0.0021, "2.1 ms"), (words.duration, 9.96e-7, "1.0 µs"), (words.duration, 9.996e-4, "1.0 ms"),
    (words.duration, 0.9951, "1.0 s"), (words.duration, 0.99, "990 ms"), (words.duration, 59.4, "59 s"),
    (words.duration, 59.95, "1.0 min"), (words.duration, 60, "1.0 min"), (words.duration, 95, "1.6 min"),
    (words.duration, 3599, "1.0 h"), (words.duration, 86399, "1.0 days"), (words.duration, 86400 * 400, "400 days"),
    (words.duration, -1.6e-6, "-1.6 µs"),
    (words.count, 7e9, "7 billion"), (words.count, 1e9, "1 billion"), (words.count, 0, "0"),
    (words.count, 12345, "12,345"), (words.count, 999_400, "999,400"), (words.count, 999_999, "1 million"),
    (words.count, 999.96e6, "1 billion"), (words.count, 1.5e12, "1.5 trillion"), (words.count, 1e16, "10,000 trillion"),
    (words.grouped, 16384, "16,000"), (words.grouped, 5252, "5,300"), (words.grouped, 996, "1,000"),
    (words.grouped, 0, "0"), (words.grouped, 0.5, "0.50"), (words.grouped, 1e30, "1.0e+30"),
    (words.gigabytes, 1.12e11, "112 GB"), (words.gigabytes, 16e9, "16.0 GB"), (words.gigabytes, 0, "0 GB"),
    (words.signed_percent, 4.93, "+4.9%"), (words.signed_percent, -0.51, "−0.5%"), (words.signed_percent, 31.2, "+31%"),
    (words.signed_percent, 0, "0.0%"), (words.signed_percent, -0.04, "0.0%"), (words.signed_percent, 9.96, "+10%"),
    (words.signed_percent, 9.94, "+9.9%"), (words.signed_percent, 1e30, "+1.00e+30%"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "value", "text"), CASES, ids=lambda part: getattr(part, "__name__", str(part)))
def test_a_figure(call: Callable[..., str], value: Any, text: str) -> None:
    assert call(value) == text


@pytest.mark.parametrize("name", sorted({call.__name__ for call, _, _ in CASES}))
def test_any_figure_is_short(name: str) -> None:
    call = getattr(words, name)
    for exponent in range(-30, 18):
        for digits in (1, 1.0235, 9.4999, 9.5, 9.995, 9.9999):
            for sign in (1, -1):
                text = call(sign * digits * 10.0**exponent)
                assert 0 < len(text) <= 24, text
                assert "nan" not in text


def bytes_of(text: str) -> float:
    number, unit = text.split()
    power = ("B", "KiB", "MiB", "GiB", "TiB", "PiB").index(unit)
    return float(number) * float(1 << 10 * power)


def seconds_of(text: str) -> float:
    number, unit = text.split()
    units = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0}
    return float(number) * units[unit]


def test_sizes_and_durations_say_what_they_are_of() -> None:
    for step in range(4000):
        size, seconds = 1.01**step, 1e-9 * 1.01**step
        if size < 2**53:
            assert bytes_of(words.size(size)) == pytest.approx(size, rel=0.006)
        if seconds < 1e8:
            assert seconds_of(words.duration(seconds)) == pytest.approx(seconds, rel=0.051)


@pytest.mark.parametrize(
    ("median", "low", "high", "text"),
    [
        (1, 0.99, 1.01, "±1.0%"),
        (1, 1, 1, "±0.0%"),
        (2, 1.5, 2.5, "±25.0%"),
        (1e-30, 1, 2, "±5.00e+31%"),
        (1, 0, NAN, "–"),
        (0, 1, 2, "–"),
    ],
)
def test_plus_minus(median: float, low: float, high: float, text: str) -> None:
    assert words.plus_minus(median, low, high) == text


def test_plural() -> None:
    assert [words.plural(number, "row") for number in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert words.plural(2, "process", "processes") == "2 processes"


@pytest.mark.parametrize(
    ("items", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(items: list[str], text: str) -> None:
    assert words.listed(items) == text


def test_a_span_of_one_figure_is_said_once() -> None:
    assert words.span("1.3×", "1.4×") == "1.3× to 1.4×"
    assert words.span("1.3×", "1.3×") == "1.3×"


def test_a_state_within_a_sentence() -> None:
    assert [words.state(name) for name in ("1 core", "2 cores, far")] == ["1 core", "2 cores far apart"]
