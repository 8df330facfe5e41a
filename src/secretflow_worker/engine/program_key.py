"""What a compiled program is kept under: a digest of everything that decides its text.

Only functions of our own task modules have a key: by name, and by the sources that their module
is made of (`program_sources`). Static values must be plain: numbers, words, tuples and dataclasses
of them. Arrays are inputs of a program and never part of it, so what a party's table holds cannot
be, either. Everything else has no key, and is compiled every time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any

import jax
import psutil
from jax._src.config import trace_context

import secretflow_worker
from secretflow_worker.engine.program_sources import Sources
from secretflow_worker.tasks._parties import Secret

_log = logging.getLogger(__name__)

_LAYERS = ("contract", "broker", "tasks", "engine")
"""All of ours that a task module may import: imports point one way."""

_PROGRAMS = re.compile(rb"^(import jax|from jax import)\b", re.MULTILINE)
_MAKER = "secretflow_worker.engine.program"
_LIBRARIES = ("spu", "jax", "jaxlib", "numpy", "scipy", "ml_dtypes", "opt_einsum")
_VARIABLES = ("JAX_", "XLA_", "SPU_")
_MARGIN_S = 1.0


class Unkeyed(Exception):
    """A program that is not kept; the message says why."""


@dataclasses.dataclass(frozen=True)
class Environment:
    """What programs are compiled by, and the digests of the modules that have any."""

    facts: tuple[str, ...]
    digests: Mapping[str, str]


_environment: Environment | None = None


def pin_environment() -> None:
    """Take down what is imported now; for the launcher, once it has imported everything.

    Without it no program of this process, or of one forked from it, has a key. The same holds
    where a source changed since the process began, as what was imported may be older, and where
    the sources are not all there to be read.
    """
    global _environment
    _environment = None
    root = Path(secretflow_worker.__file__).parent
    begun = psutil.Process().create_time() - _MARGIN_S
    try:
        files = [path for layer in _LAYERS for path in (root / layer).rglob("*.py")]
        if files and max(path.stat().st_ctime for path in files) <= begun:
            _environment = _read_environment(Sources.read(root, _LAYERS))
    except (OSError, SyntaxError, KeyError) as fault:
        _log.warning("compiled programs are not kept: %s", type(fault).__name__)


def _read_environment(sources: Sources) -> Environment:
    modules = [
        module
        for module, text in sources.texts.items()
        if module.startswith("secretflow_worker.tasks.") and _PROGRAMS.search(text)
    ]
    return Environment(
        (
            hashlib.sha256(sources.texts[_MAKER]).hexdigest(),
            f"{platform.machine()} {platform.python_implementation()} {platform.python_version()}",
            *(f"{name} {version(name)}" for name in _LIBRARIES),
            repr(sorted(jax.config.values.items())),
            repr(sorted((k, v) for k, v in os.environ.items() if k.startswith(_VARIABLES))),
        ),
        {module: sources.digest_of(module) for module in modules},
    )


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
        raise Unkeyed("nobody knows which sources were imported")
    told = [
        _environment.facts,
        repr(trace_context()),  # what JAX keys traces by: `enable_x64()` and the like change it
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
    if dataclasses.is_dataclass(kind) and "<locals>" not in kind.__qualname__:
        names = [field.name for field in dataclasses.fields(kind)]
        if sorted(getattr(value, "__dict__", ())) == sorted(names):
            fields = [[name, encode(getattr(value, name))] for name in names]
            return ["dataclass", *_module_of(kind), kind.__qualname__, fields]
    raise Unkeyed(f"a static value of type {kind.__name__}")


def _name_of(function: Callable[..., Any]) -> list[str]:
    if not isinstance(function, FunctionType):
        raise Unkeyed("not a plain function")
    module = _module_of(function)
    there = getattr(sys.modules[function.__module__], function.__name__, None)
    if there is not function or function.__closure__:
        raise Unkeyed("not a function of a module's own")
    return [*module, function.__qualname__]


def _module_of(thing: Any) -> tuple[str, str]:
    """Return the name and digest of the module where a function or class is from."""
    digests = {} if _environment is None else _environment.digests
    if thing.__module__ not in digests:
        raise Unkeyed(f"{thing.__module__} is no task module of programs")
    return thing.__module__, digests[thing.__module__]
