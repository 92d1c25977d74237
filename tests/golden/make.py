"""Makes the golden vectors anew with a real PyTorch:  python3 tests/golden/make.py

Writes FAMILY.json beside itself for the ops that kernels/ops.def has. tests/test_golden.py compares the library with
them, and needs no PyTorch.
"""

import platform
import re
from pathlib import Path

import activations
import conditioning
import linear
import losses
import numpy as np
import optimizers
import torch
from vectors import write

HERE = Path(__file__).resolve().parent


def main() -> None:
    torch.manual_seed(0)
    made_with = f"PyTorch {torch.__version__}, NumPy {np.__version__}, Python {platform.python_version()}, by make.py"
    definition = (HERE.parent.parent / "kernels" / "ops.def").read_text(encoding="utf-8")
    known = set(re.findall(r"^OP\((\w+),", definition, re.MULTILINE))
    families = {
        "optim": (optimizers.arrays(), optimizers.cases()),
        "loss": (losses.arrays(), losses.cases()),
        "activation": (activations.arrays(), activations.cases()),
        "linear": (linear.arrays(), linear.cases()),
        "conditioning": (conditioning.arrays(), conditioning.cases()),
    }
    for family, (arrays, cases) in families.items():
        path, kept = HERE / f"{family}.json", [case for case in cases if case.op in known]
        if kept:
            write(path, made_with, arrays, kept)
            print(f"{path.name}: {path.stat().st_size} bytes, {len(kept)} cases")
        for op in sorted({case.op for case in cases} - known):
            print(f"  without {op}: kernels/ops.def does not have it")


if __name__ == "__main__":
    main()
