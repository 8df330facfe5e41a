"""ss_kmeans against scikit-learn, with real parties.

The random first rows are public, so scikit-learn starts from the same ones, and ends with the
same centres after as many steps: every row's cluster must be the same, and the inertia to the
rounding of a squared distance (a few units of ``2**-18`` of a value in FM64).
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from secretflow_worker.contract.errors import ConfigError, InputError, ModelInvalid, ProtocolUnfit
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, RunProgress
from secretflow_worker.tasks import TaskDispatcher
from tests.conftest import RunTask, make_request
from tests.tasks.vertical_data import Numbers, Split, paths, read_predictions, write_split

TWO = ("alice", "bob")
FM64 = {"protocol": "SEMI2K", "field": "FM64"}
INERTIA = 2e-5
"""Relative; the rows' values are rounded to ``2**-18`` in FM64."""


def blobs(
    rows: int = 240, width: int = 4, kinds: int = 3, parties: Sequence[str] = TWO, seed: int = 5
) -> Split:
    """Return rows around `kinds` centres; the last quarter is for tests. There is no label."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, kinds, rows)
    x = random.normal(size=(kinds, width))[kind] * 4 + random.normal(size=(rows, width))
    return Split(x, kind.astype(float), tuple(parties), rows * 3 // 4)


def write(folder: Path, split: Split) -> None:
    """Write the tables; the first party has the true kind as ``y``, which no task is told of."""
    write_split(folder, split)


def clustering(folder: Path, split: Split, params: dict[str, Any], **extra: Any) -> dict[str, Any]:
    first = split.parties[0]
    return {
        "task_type": "ss_kmeans",
        "train_data": paths(folder, "train.csv", split.parties),
        "features": split.names,
        "id_columns": ["uid"],
        "model_output": paths(folder, "model", split.parties),
        "params": {"n_clusters": 3, "max_iter": 6, "init": "random", **params},
        "prediction_output": {first: str(folder / first / "clusters.csv")},
        "sizes_receiver": first,
        **extra,
    }


def scikit(x: Numbers, clusters: int, steps: int, seed: int = 42) -> KMeans:
    """Return scikit-learn's clusters from the first rows that the seed draws."""
    rows = np.random.default_rng(seed).permutation(len(x))[:clusters]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters
        return KMeans(
            clusters, init=x[rows], n_init=1, max_iter=steps, tol=0, algorithm="lloyd"
        ).fit(x)


def nearest(x: Numbers, centers: Numbers) -> Any:
    return ((x[:, None] - centers[None]) ** 2).sum(axis=-1).argmin(axis=1)


def clusters_of(folder: Path, party: str = "alice", name: str = "clusters.csv") -> list[int]:
    return list(read_predictions(folder, party, name)["cluster"])


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (TWO, {"protocol": "SEMI2K", "field": "FM128"}),
        (TWO, FM64),
        (TWO, {"protocol": "CHEETAH", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM128"}),
        (("alice", "bob", "carol"), {"protocol": "SEMI2K", "field": "FM128"}),
        (("alice", "bob", "carol", "dave", "erin"), {"protocol": "SEMI2K", "field": "FM64"}),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else str(len(value)),
)
def test_it_finds_the_clusters_of_scikit_learn(
    run_task: RunTask, tmp_path: Path, parties: tuple[str, ...], spu: dict[str, str]
) -> None:
    split = blobs(240, 5, 5, parties)
    write(tmp_path, split)

    outcome = run_task(clustering(tmp_path, split, {"n_clusters": 5}), parties, spu)

    model = scikit(split.x[split.train], 5, 6)
    assert clusters_of(tmp_path) == list(nearest(split.x[split.train], model.cluster_centers_))
    metrics = outcome.result["training_metrics"]
    assert metrics["cluster_sizes"] == list(np.bincount(clusters_of(tmp_path), minlength=5))
    assert metrics["inertia"] == pytest.approx(model.inertia_, rel=INERTIA)


def test_new_rows_at_once_and_by_the_saved_model(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs()
    write(tmp_path, split)
    config = clustering(tmp_path, split, {}, test_data=paths(tmp_path, "test.csv"))
    again = {
        "task_type": "predict",
        "model": paths(tmp_path, "model"),
        "data": paths(tmp_path, "test.csv"),
        "receiver": "bob",
        "prediction_output": {"bob": str(tmp_path / "bob" / "again.csv")},
        "prediction_column": "cluster",
        "id_columns": ["uid"],
    }

    run_task(config)
    outcome = run_task(again)

    model = scikit(split.x[split.train], 3, 6)
    table = read_predictions(tmp_path, name="clusters.csv")
    assert list(table.columns) == ["uid", "cluster"]
    assert list(table["cluster"]) == list(model.predict(split.x[split.test]))
    assert list(table["uid"]) == list(split.table("alice", split.test)["uid"])
    assert read_predictions(tmp_path, "bob", "again.csv").equals(table)
    assert outcome.result["model_task_type"] == "ss_kmeans"
    assert not list((tmp_path / "alice").glob("again*"))
    manifest = json.loads((tmp_path / "bob" / "model" / "manifest.json").read_text())
    assert manifest["label"] is None
    assert manifest["label_party"] is None


@pytest.mark.parametrize("spu", [None, FM64], ids=["FM128", "FM64"])
def test_k_means_plus_plus_finds_what_scikit_learn_finds(
    run_task: RunTask, tmp_path: Path, spu: dict[str, str] | None
) -> None:
    """Well apart blobs have one best answer, which a random start misses more often than not."""
    split = blobs(400, 4, 6)
    split.x[:] *= 3
    write(tmp_path, split)
    params = {"n_clusters": 6, "init": "k-means++", "n_init": 3, "max_iter": 5}

    outcome = run_task(clustering(tmp_path, split, params), spu=spu)

    x = split.x[split.train]
    best = KMeans(6, n_init=10, random_state=0).fit(x)
    assert adjusted_rand_score(best.labels_, clusters_of(tmp_path)) == 1.0
    assert outcome.result["training_metrics"]["inertia"] == pytest.approx(
        best.inertia_, rel=INERTIA
    )


def test_the_best_of_several_starts_stays(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(200, 2, 6)
    write(tmp_path, split)
    params = {"n_clusters": 6, "max_iter": 4, "seed": 7}

    outcome = run_task(clustering(tmp_path, split, {**params, "n_init": 4}))

    x = split.x[split.train]
    random = np.random.default_rng(7)
    starts = []
    for _ in range(4):
        first = x[random.permutation(len(x))[:6]]
        random.integers(0, 2, 5)  # the draws of k-means++ are taken, though not used
        starts.append(KMeans(6, init=first, n_init=1, max_iter=4, tol=0).fit(x).inertia_)
    assert min(starts) < max(starts) * 0.99
    assert outcome.result["training_metrics"]["inertia"] == pytest.approx(min(starts), rel=INERTIA)


@pytest.mark.parametrize("spu", [None, FM64], ids=["FM128", "FM64"])
def test_a_cluster_without_rows_keeps_its_centre(
    run_task: RunTask, tmp_path: Path, spu: dict[str, str] | None
) -> None:
    """In these rows the second cluster loses its last row in the second step."""
    x = np.random.default_rng(851).normal(size=(12, 2)).round(2)
    write(tmp_path, Split(x, np.zeros(12), TWO, 12))
    config = clustering(tmp_path, Split(x, np.zeros(12), TWO, 12), {"n_clusters": 4})

    outcome = run_task(config, spu=spu)

    centers = x[np.random.default_rng(42).permutation(12)[:4]]
    for _ in range(6):
        of = nearest(x, centers)
        kept = [x[of == j].mean(axis=0) if (of == j).any() else centers[j] for j in range(4)]
        centers = np.array(kept)
    assert outcome.result["training_metrics"]["cluster_sizes"] == [4, 0, 3, 5]
    assert clusters_of(tmp_path) == list(nearest(x, centers))


@pytest.mark.parametrize("init", ["random", "k-means++"])
def test_equal_rows_constant_columns_and_as_many_clusters_as_rows(
    run_task: RunTask, tmp_path: Path, init: str
) -> None:
    split = Split(np.zeros((6, 3)), np.zeros(6), TWO, 5)
    split.x[:, 0] = 7.5
    split.x[:, 2] = [1, 1, 2, 2, 3, -0.0]
    write(tmp_path, split)

    outcome = run_task(clustering(tmp_path, split, {"n_clusters": 5, "init": init}), spu=FM64)

    metrics = outcome.result["training_metrics"]
    assert sum(metrics["cluster_sizes"]) == 5
    assert set(clusters_of(tmp_path)) <= set(range(5))
    if init == "random":  # every row is a first centre, so none is away from its own
        assert metrics["inertia"] == pytest.approx(0, abs=1e-3)


def test_one_row_one_feature_one_cluster(run_task: RunTask, tmp_path: Path) -> None:
    split = Split(np.array([[2.5], [3.0]]), np.zeros(2), TWO, 1)
    write(tmp_path, split)
    config = clustering(tmp_path, split, {"n_clusters": 1, "init": "k-means++"})

    outcome = run_task(config)

    assert clusters_of(tmp_path) == [0]
    assert outcome.result["training_metrics"]["cluster_sizes"] == [1]
    assert outcome.result["training_metrics"]["inertia"] == pytest.approx(0, abs=1e-5)


def test_columns_far_from_zero_and_of_other_sizes(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(120, 4, 3)
    split.x[:, 0] += 900
    split.x[:, 3] *= 0.01
    write(tmp_path, split)

    run_task(clustering(tmp_path, split, {}), spu=FM64)

    model = scikit(split.x[split.train], 3, 6)
    assert clusters_of(tmp_path) == list(nearest(split.x[split.train], model.cluster_centers_))


def test_two_hundred_columns(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(60, 200, 3)
    write(tmp_path, split)

    run_task(clustering(tmp_path, split, {"max_iter": 3}))

    model = scikit(split.x[split.train], 3, 3)
    assert clusters_of(tmp_path) == list(nearest(split.x[split.train], model.cluster_centers_))


@settings(max_examples=12, deadline=None)
@given(
    rows=st.integers(1, 40),
    clusters=st.integers(1, 40),
    seed=st.integers(0, 2**32 - 1),
    init=st.sampled_from(["random", "k-means++"]),
)
def test_the_draws_are_rows_of_the_table(rows: int, clusters: int, seed: int, init: Any) -> None:
    from secretflow_worker.tasks.ml._clustering import draw_rows
    from secretflow_worker.tasks.ml._params import KmeansParams

    params = KmeansParams(n_clusters=min(rows, clusters), seed=seed, init=init)
    sample, draws = draw_rows(np.random.default_rng(seed), params, rows)
    assert len(set(sample)) == len(sample) >= params.n_clusters
    assert set(sample) <= set(range(rows))
    assert len(draws) == params.n_clusters - 1
    assert all(0 <= draw < 512 for draw in draws)


def test_progress_moves_with_the_steps(engine: Engine, tmp_path: Path) -> None:
    split = blobs(1500, 8)
    write(tmp_path, split)
    config = clustering(tmp_path, split, {"max_iter": 10, "n_init": 2})
    seen: list[RunProgress] = []

    engine.run(engine.prepare(parse_request(make_request(config))), on_progress=seen.append)

    steps = [told for told in seen if "step " in told.message]
    assert len({told.message for told in steps}) > 2
    assert steps[-1].message.startswith("start 2 of 2, step ")
    values = [told.progress for told in steps]
    assert values == sorted(values)


def test_nobody_is_told_what_the_config_does_not_ask_for(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(60)
    write(tmp_path, split)
    config = clustering(tmp_path, split, {"max_iter": 2}, sizes_receiver=None)
    del config["prediction_output"]

    outcome = run_task(config)

    assert outcome.result == {
        "model_saved": True,
        "model_paths": paths(tmp_path, "model"),
        "training_metrics": {
            "n_clusters": 3,
            "steps": 2,
            "cluster_sizes": None,
            "inertia": None,
        },
        "prediction_output": None,
        "output_report": None,
    }
    told = {fact.what for fact in outcome.task_metadata.disclosed}
    assert not any("cluster" in what for what in told)
    assert json.loads((tmp_path / "alice" / "model" / "own.json").read_text()) == {}


def test_the_report_has_the_sizes_and_a_chart(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(80)
    write(tmp_path, split)
    report = tmp_path / "report.json"
    config = clustering(tmp_path, split, {}, output_report=str(report), sizes_receiver="bob")

    outcome = run_task(config)

    document = json.loads(report.read_text())
    metrics = outcome.result["training_metrics"]
    assert (document["task_type"], document["task_version"]) == ("ss_kmeans", 1)
    assert document["cluster_sizes"] == metrics["cluster_sizes"]
    assert document["inertia"] == metrics["inertia"]
    assert [chart["id"] for chart in document["charts"]] == ["cluster_sizes"]
    assert document["charts"][0]["series"][0]["y"] == metrics["cluster_sizes"]
    facts = {(fact.to, fact.what) for fact in outcome.task_metadata.disclosed}
    sizes = "how many training rows each cluster has, and the inertia"
    assert ("bob", sizes) in facts
    assert ("alice", sizes) not in facts


def test_more_clusters_than_rows_are_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(8)
    write(tmp_path, split)

    with pytest.raises(ConfigError, match="n_clusters: 7 clusters of 6 rows"):
        run_task(clustering(tmp_path, split, {"n_clusters": 7}))


def test_values_that_were_not_scaled_are_refused_where_they_are(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = blobs(60)
    split.x[:, 3] *= 1e4
    write(tmp_path, split)

    with pytest.raises(InputError, match="'x3' holds values beyond") as caught:
        run_task(clustering(tmp_path, split, {}), spu=FM64)

    assert caught.value.party == "bob"
    assert "standard_scaler" in caught.value.hint


def test_the_largest_values_that_are_let_in_are_right(run_task: RunTask, tmp_path: Path) -> None:
    from secretflow_worker.tasks.ml._clustering import value_limit

    split = blobs(80, 4, 3)
    split.x[:] *= value_limit(4, "FM64") / np.abs(split.x).max() * 0.999
    write(tmp_path, split)
    params = {"init": "k-means++", "n_init": 2}

    outcome = run_task(clustering(tmp_path, split, params), spu=FM64)

    best = KMeans(3, n_init=10, random_state=0).fit(split.x[split.train])
    assert adjusted_rand_score(best.labels_, clusters_of(tmp_path)) == 1.0
    assert outcome.result["training_metrics"]["inertia"] == pytest.approx(
        best.inertia_, rel=INERTIA
    )


def test_missing_values_are_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(40)
    split.x[3, 0] = np.nan
    write(tmp_path, split)

    with pytest.raises(InputError, match="'x0'"):
        run_task(clustering(tmp_path, split, {}))


def test_a_ring_that_is_too_small_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(40)
    write(tmp_path, split)

    with pytest.raises(ProtocolUnfit, match="FM32"):
        run_task(clustering(tmp_path, split, {}), spu={"protocol": "SEMI2K", "field": "FM32"})


def test_an_altered_model_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = blobs(40)
    write(tmp_path, split)
    run_task(clustering(tmp_path, split, {"max_iter": 1}))
    manifest = tmp_path / "bob" / "model" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"x2"', '"x9"'))
    config = {
        "task_type": "predict",
        "model": paths(tmp_path, "model"),
        "data": paths(tmp_path, "test.csv"),
        "receiver": "alice",
        "prediction_output": {"alice": str(tmp_path / "alice" / "never.csv")},
    }

    with pytest.raises(ModelInvalid, match="not of one training"):
        run_task(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"params": {}}, "params.n_clusters"),
        ({"params": {"n_clusters": 0}}, "params.n_clusters"),
        ({"params": {"n_clusters": 2, "max_iter": 0}}, "params.max_iter"),
        ({"params": {"n_clusters": 2, "init": "farthest"}}, "params.init"),
        ({"label": "y"}, "label"),
        ({"keep_label": True}, "keep_label"),
        ({"base_model": {"alice": "/d/m", "bob": "/d/m"}}, "base_model"),
        ({"sizes_receiver": "carol"}, "sizes_receiver: 'carol' is not a party"),
        ({"output_report": "/d/r.json", "sizes_receiver": None}, "sizes_receiver: required"),
        ({"prediction_output": None, "prediction_receiver": "bob"}, "prediction_output: required"),
        ({"prediction_receiver": "bob"}, "alice is not the prediction_receiver"),
        ({"features": ["x0", "x0"]}, "'x0' is named more than once"),
        ({"features": {"carol": ["x0"]}}, "'carol' has no table"),
        ({"train_data": {"alice": "/d/a.csv"}}, "train_data: party bob is missing"),
        ({"prediction_column": "uid"}, "'uid' is an id column"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    config = clustering(Path("/d"), blobs(8), {}) | changes

    with pytest.raises(ConfigError, match=message):
        TaskDispatcher.find("ss_kmeans").parse(config, TWO)


def test_a_policy_sees_the_receivers_that_there_are() -> None:
    kind = TaskDispatcher.find("ss_kmeans")

    def given(**changes: Any) -> set[tuple[str, str]]:
        config = kind.parse(clustering(Path("/d"), blobs(8), {}) | changes, TWO)
        return {(each.what.value, each.party) for each in config.declared_receivers(TWO)}

    assert given() == {("predictions", "alice"), ("statistics", "alice")}
    assert given(sizes_receiver=None) == {("predictions", "alice")}
    assert given(prediction_output=None) == {("statistics", "alice")}


def test_a_table_as_a_spreadsheet_writes_it(run_task: RunTask, tmp_path: Path) -> None:
    """A BOM, CRLF, quoted commas, other scripts, blanks and exponents around the numbers."""
    rows = [(0.5, 1e1), (0.25, 11.0), (-7.0, -9.5), (-0.0, 10.5), (-6.5, -9.0)]
    for party, index, name in (("alice", 0, "Größe, cm"), ("bob", 1, "体重")):
        lines = [f'uid,"{name}"', *(f'"a,{n}","{row[index]:.3e}"' for n, row in enumerate(rows))]
        (tmp_path / party).mkdir()
        text = "\r\n".join(lines) + "\r\n"
        (tmp_path / party / "train.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    split = Split(np.zeros((1, 1)), np.zeros(1), TWO, 1)
    features = {"alice": ["Größe, cm"], "bob": ["体重"]}

    run_task(clustering(tmp_path, split, {"n_clusters": 2}, features=features))

    table = read_predictions(tmp_path, name="clusters.csv")
    first = table["cluster"][0]
    assert [int(of == first) for of in table["cluster"]] == [1, 1, 0, 1, 0]
    assert list(table["uid"]) == [f"a,{n}" for n in range(5)]
