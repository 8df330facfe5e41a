"""share, call and reveal under each protocol, against numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.hosts import Host

FIVE = ("alice", "bob", "carol", "dave", "eve")


def numbers(index: int) -> Any:
    return np.random.default_rng(index).normal(size=(3, 4)).round(3)


@pytest.mark.parametrize(
    ("protocol", "field", "count"),
    [
        ("SEMI2K", "FM64", 2),
        ("SEMI2K", "FM128", 2),
        ("SEMI2K", "FM64", 3),
        ("SEMI2K", "FM128", 4),
        ("SEMI2K", "FM64", 5),
        ("ABY3", "FM64", 3),
        ("ABY3", "FM128", 3),
        ("CHEETAH", "FM64", 2),
    ],
)
def test_values_are_those_of_numpy_and_reach_only_their_receivers(
    host: Host, protocol: str, field: str, count: int
) -> None:
    parties = FIVE[:count]
    run = host.probe("mpc", parties, {"protocol": protocol, "field": field})
    outcome = run.outcome()
    total = sum(numbers(i) for i in range(count)) * 2 + [1, 2, 3, 4]
    product = numbers(0) * numbers(1)
    for party, seen in outcome.result["facts"].items():
        assert_opened(seen["total to all"], "float32", total)
        assert_opened(seen["total to first"], "float32", total if party == "alice" else None)
        is_last = party in parties[-2:]
        assert_opened(seen["product to the last two"], "float32", product if is_last else None)
        assert_opened(seen["flags to all"], "bool", numbers(0) > 0)
        assert_opened(seen["wide to all"], "int64", (numbers(0) * 100).astype("int64"))
        np.testing.assert_array_equal(seen["restored to all"], seen["total to all"][1])
        squares = sum(numbers(i) ** 2 for i in range(count))
        np.testing.assert_allclose(seen["squares to all"], squares, atol=1e-3)
        assert (seen["frames to place"] == 0) is (protocol == "CHEETAH")
        assert seen["same"] is True
        assert seen["different"] is False
        # Nothing is sent but one share to each receiver.
        assert seen["frames"] == {
            "total to all": count - 1,
            "total to first": int(party != "alice"),
            "product to the last two": 1 if is_last else 2,
            "flags to all": count - 1,
            "wide to all": count - 1,
        }
    security = outcome.task_metadata.security
    assert security is not None
    assert (security.protocol, security.field) == (protocol, field)
    assert security.dealer == ("alice" if protocol == "SEMI2K" else None)
    assert min(outcome.performance_metrics.bytes_sent.values()) > 1000


def test_a_program_is_compiled_once_for_its_constants_and_shapes(host: Host) -> None:
    outcome = host.probe("mpc").outcome()
    for seen in outcome.result["facts"].values():
        first, again, constant, shape = seen["compiled"]
        assert (again - first, constant - again, shape - constant) == (0, 1, 1)


def assert_opened(seen: Any, dtype: str, expected: Any) -> None:
    if expected is None:
        assert seen is None
        return
    assert seen[0] == dtype
    tolerance = {"float32": 1e-3}.get(dtype, 0)
    np.testing.assert_allclose(seen[1], expected, atol=tolerance)
