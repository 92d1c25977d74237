"""The readers fuzzed: by default GRADMARK_FUZZ_CASES files, always the same ones; as many as fit into
GRADMARK_FUZZ_SECONDS where that is set, as by scripts/test --long."""

import os

import fuzz_result_file
import pytest

CASES = "400"  # some three seconds


def test_nothing_but_results_and_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("GRADMARK_FUZZ_SEED", fuzz_result_file.SEED))
    seconds = float(os.environ.get("GRADMARK_FUZZ_SECONDS", "0"))
    cases = None if seconds > 0 else int(os.environ.get("GRADMARK_FUZZ_CASES", CASES))
    tally = fuzz_result_file.fuzz(seed, cases=cases, seconds=seconds)
    with capsys.disabled():
        print(f"\n{tally}")
    assert tally.tried > tally.sound > tally.trainings > 0
