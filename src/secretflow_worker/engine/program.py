"""A compiled program of the SPU: made from a JAX function, and as bytes that can be kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
import spu.utils.frontend as spu_frontend
from spu import libspu

from secretflow_worker.tasks._parties import Secret

SECRET = libspu.Visibility.VIS_SECRET
PUBLIC = libspu.Visibility.VIS_PUBLIC


class BadProgram(Exception):
    """Bytes that are no program."""


@dataclass(frozen=True)
class Program:
    """What the runtime runs, and what comes out of it."""

    code: bytes
    outputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]
    """Shape and type of each."""
    is_single: bool
    """Whether the function returns one value, and not a tuple."""

    def to_bytes(self) -> bytes:
        """Return one line of JSON, then the code."""
        facts = {
            "outputs": [[list(shape), dtype.name] for shape, dtype in self.outputs],
            "is_single": self.is_single,
        }
        return json.dumps(facts).encode() + b"\n" + self.code

    @classmethod
    def from_bytes(cls, content: bytes) -> Program:
        """Read what `to_bytes` wrote.

        Raises:
            BadProgram: it is something else.
        """
        line, _, code = content.partition(b"\n")
        try:
            facts = json.loads(line)
            outputs = tuple(
                (tuple(int(size) for size in shape), np.dtype(name))
                for shape, name in facts["outputs"]
            )
            return cls(code, outputs, bool(facts["is_single"]))
        except (ValueError, TypeError, KeyError) as fault:
            raise BadProgram("not a program") from fault


def compile_program(
    function: Callable[..., Any],
    inputs: Sequence[Secret],
    secret: Sequence[bool],
    static: Mapping[str, Any],
) -> Program:
    """Compile a JAX function for its static values, and the shapes and types of its inputs."""
    executable, out = spu_frontend.compile(
        spu_frontend.Kind.JAX,
        partial(function, **static),
        [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in inputs],
        {},
        [f"in{index}" for index in range(len(inputs))],
        [SECRET if hidden else PUBLIC for hidden in secret],
        lambda outputs: [f"out{index}" for index in range(len(outputs))],
    )
    leaves, _ = jax.tree_util.tree_flatten(out)
    outputs = tuple((tuple(leaf.shape), np.dtype(leaf.dtype)) for leaf in leaves)
    return Program(executable.code, outputs, not isinstance(out, tuple | list))
