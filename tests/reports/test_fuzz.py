"""The readers fuzzed for a while: GRADMARK_FUZZ_SECONDS, a minute where that is not set; 0 skips it."""

import os

import fuzz_result_file
import pytest


def test_nothing_but_results_and_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = float(os.environ.get("GRADMARK_FUZZ_SECONDS", "60"))
    if seconds <= 0:
        pytest.skip("GRADMARK_FUZZ_SECONDS is 0")
    tally = fuzz_result_file.fuzz(seconds, int(os.environ.get("GRADMARK_FUZZ_SEED", fuzz_result_file.SEED)))
    with capsys.disabled():
        print(f"\n{tally}")
    assert tally.tried > tally.sound > tally.trainings > 0
