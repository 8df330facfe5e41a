"""Small arrays that one party tells another in the clear, as frames.

The receiver says what it expects; a peer's header only has to agree with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from secretflow_worker.engine.frames import Frame, FrameError, Kind
from secretflow_worker.tasks._parties import Array

DTYPES = ("bool", "int32", "float64")


def array_frame(value: Array) -> Frame:
    """Return an array's frame; truth values are sent as bits."""
    if value.dtype.name not in DTYPES:
        raise TypeError(f"an array of {value.dtype.name} is not for the wire")
    raw = np.packbits(value) if value.dtype == bool else value.astype(_wire(value.dtype.name))
    return Frame(Kind.ARRAY, {"shape": list(value.shape)}, raw.tobytes())


def read_array(frame: Frame, dtype: str, shape: Sequence[int | None]) -> Array:
    """Read the array of a frame; None in `shape` stands for any size.

    Raises:
        FrameError: it has another shape than expected, or not as many bytes as that needs.
    """
    told = frame.header.get("shape")
    if not isinstance(told, list) or any(type(size) is not int or size < 0 for size in told):
        raise FrameError("an array without its shape")
    if len(told) != len(shape) or any(
        want not in (None, size) for size, want in zip(told, shape, strict=True)
    ):
        raise FrameError("an array of another shape than expected")
    count = math.prod(told)
    width = 1 if dtype == "bool" else np.dtype(dtype).itemsize
    if len(frame.body) != (-(-count // 8) if dtype == "bool" else count * width):
        raise FrameError("an array whose size does not fit its shape")
    if dtype == "bool":
        bits = np.unpackbits(np.frombuffer(frame.body, np.uint8), count=count)
        return bits.astype(bool).reshape(told)
    value = np.frombuffer(frame.body, _wire(dtype)).astype(dtype).reshape(told)
    if dtype == "float64" and not np.isfinite(value).all():
        raise FrameError("an array that holds what is no number")
    return value


def _wire(dtype: str) -> np.dtype[np.generic]:
    return np.dtype(dtype).newbyteorder("<")
