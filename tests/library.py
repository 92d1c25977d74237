"""The library's own tables through ctypes: which ops and implementations there are, and how to call any of them."""

import ctypes
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SIZES, _STREAMS, _HYPERS = 3, 8, 8
F32 = np.dtype(np.float32)
_TYPES = (F32, np.dtype(np.float64), np.dtype(np.int32), np.dtype(np.int8))
_READ, _UPDATE, _WRITE, RESULT = range(4)


class _Stream(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("role", ctypes.c_int),
        ("extent", ctypes.c_int * 2),
        ("domain", ctypes.c_int),
    )


class _Hyper(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("range", ctypes.c_double * 4), ("whole", ctypes.c_bool))


class _Op(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("dtype", ctypes.c_char_p),
        ("family", ctypes.c_char_p),
        ("shape", ctypes.c_int),
        ("sizes", ctypes.c_int),
        ("streams", ctypes.c_int),
        ("hypers", ctypes.c_int),
        ("size_name", ctypes.c_char_p * _SIZES),
        ("stream", _Stream * _STREAMS),
        ("hyper", _Hyper * _HYPERS),
        ("element", ctypes.c_int * _SIZES),
        ("total", ctypes.c_int),
        ("second_pass", ctypes.c_bool),
        ("mean_over", ctypes.c_int * 2),
        ("ulp", ctypes.c_double),
        ("ulp_fast", ctypes.c_double),
        ("ulp_result", ctypes.c_double),
        ("has_fast", ctypes.c_bool),
        ("of", ctypes.c_void_p),
    )


class _Impl(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char * 96),
        ("op", ctypes.POINTER(_Op)),
        ("impl", ctypes.c_char_p),
        ("requires", ctypes.c_char_p),
        ("body", ctypes.c_void_p),
        ("runnable", ctypes.c_bool),
        ("compiled", ctypes.c_bool),
        ("fused", ctypes.c_bool),
        ("fast", ctypes.c_bool),
    )


class _Frame(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_size_t * _SIZES),
        ("stream", ctypes.c_void_p * _STREAMS),
        ("hyper", ctypes.c_double * _HYPERS),
    )


class _Error(ctypes.Structure):
    _fields_ = (("status", ctypes.c_int), ("message", ctypes.c_char * 240))


class Stream:
    def __init__(self, stream: _Stream) -> None:
        self.name: str = stream.name.decode()
        self.type = _TYPES[stream.type]
        self.result = stream.role == RESULT
        self.written = stream.role != _READ
        self.updated = stream.role == _UPDATE


class Impl:
    """One implementation. Its op's sizes, streams and hyperparameters are named as in ops.def."""

    def __init__(self, library: "Library", pointer: Any) -> None:
        self._library, self._pointer = library, pointer
        impl, op = pointer.contents, pointer.contents.op.contents
        self.name: str = impl.name.decode()
        self.op: str = op.name.decode()
        self.family: str = op.family.decode()
        self.runnable: bool = impl.runnable
        self.is_list = bool(op.of)
        self.ulp: float = op.ulp_fast if impl.fast else op.ulp
        self.ulp_result: float = op.ulp_result
        self.sizes: list[str] = [name.decode() for name in op.size_name[: op.sizes]]
        self.streams = [Stream(stream) for stream in op.stream[: op.streams]]
        self.hypers: list[str] = [hyper.name.decode() for hyper in op.hyper[: op.hypers]]

    def run(
        self, threads: int, sizes: Mapping[str, int], arrays: Mapping[str, NDArray[Any]], hyper: Mapping[str, float]
    ) -> None:
        frame = _Frame(
            tuple(sizes[name] for name in self.sizes),
            tuple(arrays[stream.name].ctypes.data for stream in self.streams),
            tuple(hyper[name] for name in self.hypers),
        )
        error = _Error()
        if self._library.c.gm_call(self._pointer, threads, ctypes.byref(frame), ctypes.byref(error)):
            raise ValueError(error.message.decode())


class Library:
    def __init__(self, path: Path) -> None:
        self.c, error = ctypes.CDLL(str(path)), _Error()
        self.c.gm_open.restype = ctypes.c_void_p
        self.c.gm_impl_count.restype = ctypes.c_size_t
        self.c.gm_impl_at.restype = ctypes.POINTER(_Impl)
        self._opened = ctypes.c_void_p(self.c.gm_open(None, ctypes.byref(error)))
        if not self._opened:
            raise ValueError(error.message.decode())
        # The structures above repeat gradmark.h: a member that came or went there shows here.
        first = next(iter(self))
        if (first.name, first.op, first.ulp, first.hypers) != ("sgd/f32/scalar", "sgd", 6, ["lr", "weight_decay"]):
            raise ValueError("gm_op or gm_impl of gradmark.h is no longer what tests/library.py says")

    def __iter__(self) -> Iterator[Impl]:
        for index in range(self.c.gm_impl_count(self._opened)):
            yield Impl(self, self.c.gm_impl_at(self._opened, ctypes.c_size_t(index)))
