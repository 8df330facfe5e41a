"""What a compiled program is kept under: a digest of everything that decides its text.

Only a function of our own modules has a key, by its name and the digest of our sources, and only
with static values that are plain: numbers, words, tuples and dataclasses of them. Arrays
are inputs of a program and never part of it, so what a party's table holds cannot be, either.
Everything else has no key, and is compiled every time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any

import jax
import psutil

import secretflow_worker
from secretflow_worker.tasks._parties import Secret

_PACKAGE = "secretflow_worker"
_LAYERS = ("contract", "broker", "tasks", "engine")
"""Where the functions are and all of ours that they may import: imports point one way."""

_LIBRARIES = ("spu", "jax", "jaxlib", "numpy", "scipy", "ml_dtypes", "opt_einsum")
_VARIABLES = ("JAX_", "XLA_", "SPU_")
_MARGIN_S = 1.0

_environment: list[str] | None = None


class Unkeyed(Exception):
    """A program that is not kept; the message says why."""


def pin_environment() -> None:
    """Take down what is imported now; for the launcher, once it has imported everything.

    Without it no program of this process, or of one forked from it, has a key. The same holds
    where a source changed since the process began: what was imported may be older.
    """
    global _environment
    root = Path(secretflow_worker.__file__).parent
    sources = sorted(path for layer in _LAYERS for path in (root / layer).rglob("*.py"))
    code = hashlib.sha256()
    for path in sources:
        code.update(f"{path.relative_to(root)}\0".encode())
        code.update(hashlib.sha256(path.read_bytes()).digest())
    begun = psutil.Process().create_time() - _MARGIN_S
    if not sources or max(path.stat().st_ctime for path in sources) > begun:
        _environment = None
        return
    _environment = [
        code.hexdigest(),
        f"{platform.machine()} {platform.python_implementation()} {platform.python_version()}",
        *(f"{name} {version(name)}" for name in _LIBRARIES),
        repr(sorted((k, v) for k, v in os.environ.items() if k.startswith(_VARIABLES))),
    ]


def key_of(
    function: Callable[..., Any],
    inputs: Sequence[Secret],
    secret: Sequence[bool],
    static: Mapping[str, Any],
    device: Mapping[str, Any],
    parties: Sequence[str],
) -> str:
    """Return the key as 64 hexadecimal digits.

    `device` are the runtime's options. The `parties` decide nothing of the text: they keep one
    peer from learning, by how soon a program runs, what was computed with another.

    Raises:
        Unkeyed: not everything that decides the program can be told.
    """
    if _environment is None:
        raise Unkeyed("the sources changed while they were imported")
    told = [
        _environment,
        repr(sorted(jax.config.values.items())),
        _name_of(function),
        [[list(value.shape), value.dtype.str, value.dtype.name] for value in inputs],
        [bool(hidden) for hidden in secret],
        [[name, encode(value)] for name, value in sorted(static.items())],
        [[name, encode(value)] for name, value in sorted(device.items())],
        list(parties),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def encode(value: Any) -> list[Any]:
    """Return a static value as JSON that no other value, and none of another type, has.

    Types are compared exactly: JAX treats a numpy scalar, or a subclass of a number, differently.

    Raises:
        Unkeyed: a value of another kind.
    """
    kind = type(value)
    if kind in (bool, int, str, type(None)):
        return [kind.__name__, str(value)]
    if kind is float:
        return ["float", value.hex()]
    if kind is tuple:
        return ["tuple", [encode(item) for item in value]]
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        is_plain = sorted(getattr(value, "__dict__", ())) == sorted(names)
        if is_plain and _is_ours(kind.__module__) and "<locals>" not in kind.__qualname__:
            fields = [[name, encode(getattr(value, name))] for name in names]
            return ["dataclass", kind.__module__, kind.__qualname__, fields]
    raise Unkeyed(f"a static value of type {kind.__name__}")


def _name_of(function: Callable[..., Any]) -> str:
    if not isinstance(function, FunctionType) or not _is_ours(function.__module__):
        raise Unkeyed("not a function of this package")
    found: Any = sys.modules.get(function.__module__)
    if getattr(found, function.__name__, None) is not function or function.__closure__:
        raise Unkeyed("not a function of a module's own")
    return f"{function.__module__}.{function.__qualname__}"


def _is_ours(module: str) -> bool:
    package, _, rest = module.partition(".")
    return package == _PACKAGE and rest.partition(".")[0] in _LAYERS
