"""What decides a program's key, and which programs have none."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from jax.experimental import enable_x64

import secretflow_worker
from secretflow_worker.engine import program_key
from secretflow_worker.engine.program_key import Unkeyed, encode, key_of, pin_environment
from secretflow_worker.engine.program_sources import Sources
from secretflow_worker.tasks._equality import all_same
from secretflow_worker.tasks._parties import Secret
from secretflow_worker.tasks.ml import _linear as linear

SGD = linear.Sgd("logistic", "none", 0.0, 0.3, 1024, 18)
ROOT = Path(secretflow_worker.__file__).parent
LAYERS = ("contract", "broker", "tasks", "engine")


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(program_key, "_MARGIN_S", -1e9)  # sources may be newer than the tests
    pin_environment()
    yield
    program_key._environment = None


def secret(shape: tuple[int, ...] = (8, 1), dtype: Any = np.float32) -> Secret:
    return Secret("v", shape, np.dtype(dtype))


def key(**changed: Any) -> str:
    told: dict[str, Any] = {
        "function": linear.begin,
        "inputs": [secret()],
        "secret": [True],
        "static": {"sgd": SGD},
        "device": {"protocol": "SEMI2K", "field": "FM128"},
        "parties": ("alice", "bob"),
    }
    return key_of(**{**told, **changed})


def test_it_is_the_same_for_the_same_and_another_for_anything_else() -> None:
    others = [
        key(function=linear.finish),
        key(inputs=[secret((8, 2))]),
        key(inputs=[secret((8,))]),
        key(inputs=[secret(dtype=np.float64)]),
        key(inputs=[secret(dtype=np.int32)]),
        key(inputs=[secret(), secret()]),
        key(secret=[False]),
        key(static={"sgd": replace(SGD, penalty="l1")}),
        key(static={"sgd": replace(SGD, batch_size=1024.0)}),  # type: ignore[arg-type]
        key(static={"other": SGD}),
        key(static={}),
        key(device={"protocol": "SEMI2K", "field": "FM64"}),
        key(device={"protocol": "SEMI2K", "field": "FM128", "trunc_allow_msb_error": True}),
        key(parties=("alice", "carol")),
        key(parties=("alice", "bob", "carol")),
    ]
    assert key() == key(inputs=[Secret("another name", (8, 1), np.dtype(np.float32))])
    assert len({key(), *others}) == 1 + len(others)


def test_it_follows_what_jax_is_told_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    with enable_x64():
        assert key() != before
    with jax.default_matmul_precision("float32"):
        assert key() != before
    assert key() == before
    monkeypatch.setitem(os.environ, "XLA_FLAGS", "--xla_something")
    pin_environment()
    assert key() != before


@pytest.mark.parametrize("library", program_key._LIBRARIES)
def test_another_version_of_a_library_is_another_key(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    before = key()
    told = {name: version(name) for name in program_key._LIBRARIES} | {library: "0"}
    monkeypatch.setattr(program_key, "version", told.__getitem__)
    pin_environment()
    assert key() != before


def test_a_value_of_one_type_is_none_of_another() -> None:
    values: list[Any] = [
        None, False, True, 0, 1, -1, 0.0, -0.0, 1.0, float("nan"), float("inf"), "", "1", "None",
        (), (1,), (1.0,), ((1,),), (1, 1), ("1",), SGD, replace(SGD, norm=-0.0),
        2**70, 0.1 + 0.2, 0.3,
    ]  # fmt: skip
    told = [repr(encode(value)) for value in values]
    assert len(set(told)) == len(values)


class _Number(int):
    pass


class _Kind(enum.IntEnum):
    ONE = 1


@dataclass(frozen=True)
class _Foreign:
    one: int = 1


@pytest.mark.parametrize(
    "value",
    [
        np.float64(1), np.int32(1), np.ones(3), [1], {"a": 1}, _Number(1), _Kind.ONE, b"1", 1j,
        _Foreign(), (1, np.float64(1)), len, SGD.step,
        replace(SGD, norm=np.float64(0)),  # type: ignore[arg-type]
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_other_static_values_have_no_key(value: Any) -> None:
    with pytest.raises(Unkeyed):
        key(static={"value": value})


def test_only_plain_functions_of_our_own_modules_have_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = np.ones(3)

    def closes_over_data(x: Any) -> Any:
        return x + secrets

    for function in (
        closes_over_data,
        lambda x: x,
        partial(linear.begin, sgd=SGD),
        jax.jit(linear.release),
        SGD.step,
        len,
        secret,
        np.linalg.norm,
        encode,  # ours, but of no module of programs
    ):
        with pytest.raises(Unkeyed):
            key(function=function, static={})
    original = linear.begin
    monkeypatch.setattr(linear, "begin", lambda w, sgd: w)
    with pytest.raises(Unkeyed):
        key(function=original)


def test_no_key_where_a_source_changed_since_the_process_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program_key, "_MARGIN_S", 1e12)
    pin_environment()
    with pytest.raises(Unkeyed):
        key()


def test_no_key_where_the_sources_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(secretflow_worker, "__file__", str(tmp_path / "__init__.py"))
    pin_environment()  # an installation without sources
    with pytest.raises(Unkeyed):
        key()
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / ".#open.py").symlink_to("an-editor's-lock")
    pin_environment()
    with pytest.raises(Unkeyed):
        key()


def test_modules_of_programs_are_made_of_programs_alone() -> None:
    # One that imports what runs a task would have another key after every edit of anything.
    assert program_key._environment is not None
    modules = set(program_key._environment.digests)
    sources = Sources.read(ROOT, LAYERS)
    assert {linear.__name__, all_same.__module__} < modules
    for module in modules:
        assert sources.made_of(module) <= modules, module


def test_a_module_is_made_of_all_that_it_imports() -> None:
    texts = {
        "p.a": b"import jax\nfrom p.b import f\n",
        "p.b": b"def f():\n    from . import c as other\n    return other\n",
        "p.c": b"from p.sub import name\n",
        "p.sub": b"",
        "p.sub.x": b"",
        "p.sub.y": b"import p.d\n",
        "p.d": b"",
        "p.e": b"from importlib import import_module\n",
        "p.f": b"__import__('p' + '.a')\n",
    }
    sources = Sources(texts, frozenset({"p.sub"}))
    assert sources.made_of("p.a") == set(texts) - {"p.e", "p.f"}
    assert sources.made_of("p.d") == {"p.d"}
    assert sources.made_of("p.e") == sources.made_of("p.f") == set(texts)
    for changed in texts:
        other = Sources({**texts, changed: texts[changed] + b"# edited\n"}, frozenset({"p.sub"}))
        is_part = changed in sources.made_of("p.a")
        assert (other.digest_of("p.a") != sources.digest_of("p.a")) is is_part
