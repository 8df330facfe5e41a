"""How what parties say of their columns is merged."""

from secretflow_worker.tasks._columns import merge_by_column


def test_names_that_are_taken_get_their_party() -> None:
    merged = merge_by_column(
        [("alice", {"x": 1, "bob.x": 2}), ("bob", {"y": 3, "x": 4}), ("carol", {"x": 5})]
    )
    assert merged == {"x": 1, "bob.x": 2, "y": 3, "bob.bob.x": 4, "carol.x": 5}
    assert list(merged) == ["x", "bob.x", "y", "bob.bob.x", "carol.x"]
