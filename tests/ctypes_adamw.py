"""AdamW on NumPy arrays, in place, by gradmark's shared library:  python3 ctypes_adamw.py libgradmark.so"""

import ctypes
import sys

import numpy as np
from numpy.typing import NDArray


class Frame(ctypes.Structure):  # gm_frame: sizes, streams, hyperparameters in the order of the op's row in ops.def
    _fields_ = (("size", ctypes.c_size_t * 3), ("stream", ctypes.c_void_p * 8), ("hyper", ctypes.c_double * 8))


class Error(ctypes.Structure):  # gm_error
    _fields_ = (("status", ctypes.c_int), ("message", ctypes.c_char * 240))


class Gradmark:
    def __init__(self, path: str) -> None:
        self.c, self.error = ctypes.CDLL(path), Error()
        self.c.gm_open.restype = self.c.gm_find.restype = ctypes.c_void_p
        self.library = ctypes.c_void_p(self.c.gm_open(None, ctypes.byref(self.error)))
        if not self.library:
            raise ValueError(self.error.message.decode())

    def run(self, name: str, threads: int, sizes: list[int], arrays: list[NDArray[np.generic]], *hyper: float) -> None:
        """One step of the op `name`, such as adamw/f32 (the best here) or adamw/f32/scalar, in place."""
        impl = ctypes.c_void_p(self.c.gm_find(self.library, name.encode(), ctypes.byref(self.error)))
        frame = Frame(tuple(sizes), tuple(a.ctypes.data for a in arrays), hyper)
        if not impl or self.c.gm_call(impl, threads, ctypes.byref(frame), ctypes.byref(self.error)):
            raise ValueError(self.error.message.decode())


if __name__ == "__main__":
    gradmark = Gradmark(sys.argv[1])
    params, grads = np.ones(1000, np.float32), np.linspace(-1, 1, 1000, dtype=np.float32)
    exp_avg, exp_avg_sq = np.zeros_like(params), np.zeros_like(params)
    for step in range(1, 4):  # lr, beta1, beta2, eps, weight_decay, step
        gradmark.run("adamw/f32", 2, [1000], [params, grads, exp_avg, exp_avg_sq], 1e-3, 0.9, 0.999, 1e-8, 0.01, step)
    print(f"the first parameter went from 1 to {params[0]:.5f}, the last to {params[-1]:.5f}")
