"""Label encoding against scikit-learn, and what becomes of categories that only new data has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OrdinalEncoder

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.tasks._tables import scan
from secretflow_worker.tasks.preprocessing._categories import category, codes, find_categories
from tests.conftest import RunTask
from tests.tasks.preparation import SECRET, Prepare

FIVE = ("alice", "bob", "carol", "dave", "erin")


@pytest.fixture
def encode(run_task: RunTask, tmp_path: Path) -> Prepare:
    return Prepare(run_task, tmp_path, "label_encoder")


@pytest.mark.parametrize("parties", [("alice",), ("alice", "bob"), FIVE[:3], FIVE])
def test_each_party_encodes_its_own_columns_as_scikit_learn_does(
    encode: Prepare, parties: tuple[str, ...]
) -> None:
    rng = np.random.default_rng(1)
    colors, sizes = ["red", "Blue", "名", "a, b", 'q"', np.nan], ["10", "9", "-1"]
    tables = {
        party: pd.DataFrame(
            {
                "id": range(60),
                "color": rng.choice(np.array(colors, dtype=object), 60),
                f"size_{party}": rng.choice(sizes, 60),
            }
        )
        for party in parties
    }
    columns = {party: ["color", f"size_{party}"] for party in parties}
    outcome = encode(
        {party: table.to_csv(index=False) for party, table in tables.items()}, columns=columns
    )
    new = {party: table[::-1] for party, table in tables.items()}
    encode.again({party: table.to_csv(index=False) for party, table in new.items()})
    assert outcome.result["columns_encoded"] == ["color", *(f"size_{party}" for party in parties)]
    for party in parties:
        table = tables[party].astype({f"size_{party}": int})
        encoder = OrdinalEncoder(encoded_missing_value=np.nan).fit(table[columns[party]])
        for folder, given_ in (("out", table), ("again", table[::-1])):
            written = pd.read_csv(encode.folder / folder / f"{party}.csv")
            expected = encoder.transform(given_[columns[party]])
            np.testing.assert_array_equal(written[columns[party]], expected)
            assert list(written["id"]) == list(given_["id"])


def test_numbers_are_sorted_by_value_and_texts_by_their_characters(encode: Prepare) -> None:
    cells = {"n": ["10", "9", "-0", "1e1"], "t": ["10", "9", "z", "Ä"]}
    rows = zip(*cells.values(), strict=True)
    encode({"alice": "n,t\n" + "".join(f"{a},{b}\n" for a, b in rows)}, columns=["n", "t"])
    assert encode.column("n") == ["2", "1", "0", "3"]
    assert encode.column("t") == ["0", "1", "2", "3"]


def test_big_integers_and_dates_are_told_apart(encode: Prepare) -> None:
    encode(
        {"alice": "n,d\n9007199254740993,2020-02-01\n9007199254740992,2019-12-31\n"},
        columns=["n", "d"],
    )
    assert encode.output() == "n,d\n1,1\n0,0\n"


def test_missing_stays_missing_and_the_rest_is_left_as_it_was(encode: Prepare) -> None:
    table = b'\xef\xbb\xbfid,c,note\r\n007,b,"1,0"\r\n1e5,,\r\n-0," ",""\r\n9,a,NA\r\n'
    encode({"alice": table, "bob": "y\n1\n"}, columns=["c"])
    encoded = 'id,c,note\n007,1,"1,0"\n1e5,,\n-0,,""\n9,0,NA\n'
    assert encode.output() == encoded
    assert encode.output("bob") == "y\n1\n", "it has none of the columns"
    encode.again({"alice": table})
    assert encode.output(folder="again") == encoded


def test_a_column_without_a_value_or_with_one(encode: Prepare) -> None:
    encode({"alice": "id,a,b\n1,,x\n"}, columns=["a", "b"])
    assert encode.output() == "id,a,b\n1,,0\n"
    assert encode.rules().columns["a"]["categories"] == []


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"unknown": "value"}, ["1", "-1", None, "0"]),
        ({"unknown": "value", "unknown_value": -9}, ["1", "-9", None, "0"]),
        ({"unknown": "missing"}, ["1", None, None, "0"]),
    ],
)
def test_categories_that_only_new_data_has(
    encode: Prepare, extra: dict[str, Any], expected: list[str | None]
) -> None:
    encode({"alice": "id,c\n1,a\n2,b\n"}, columns=["c"], **extra)
    encode.again({"alice": "id,c\n1,b\n2,new\n3,\n4,a\n"})
    assert encode.column("c", folder="again") == expected


def test_a_category_that_the_rules_lack_is_refused_and_not_quoted(encode: Prepare) -> None:
    encode({"alice": "c\na\n"}, columns=["c"])
    with pytest.raises(InputError, match="'c' holds a category that the rules do not") as caught:
        encode.again({"alice": f"c\na\n{SECRET}\n"})
    assert SECRET not in caught.value.message + caught.value.hint
    assert not (encode.folder / "again").exists()


def test_parquet_columns_of_any_plain_type(encode: Prepare) -> None:
    table = pl.DataFrame(
        {
            "id": [2**60 + 1, 1, 2],
            "n": [10, 9, None],
            "f": [float("nan"), 0.5, 0.25],
            "b": [True, False, None],
            "d": pl.Series(["2020-01-02", "2020-01-01", None]).str.to_date(),
            "c": pl.Series(["x", None, "w"], dtype=pl.Categorical),
        }
    )
    encode({"alice": table}, columns=["n", "f", "b", "d", "c"])
    written = encode.parquet()
    assert written["id"].to_list() == table["id"].to_list()
    assert {name: written[name].to_list() for name in "nfbdc"} == {
        "n": [1, 0, None],
        "f": [None, 1, 0],
        "b": [1, 0, None],
        "d": [1, 0, None],
        "c": [1, None, 0],
    }
    encode.again({"alice": table})
    assert encode.parquet(folder="again").equals(written)


def test_the_sender_learns_no_category(encode: Prepare) -> None:
    outcome = encode({"alice": f"c\n{SECRET}\n"}, columns=["c"])
    assert SECRET not in outcome.model_dump_json()
    assert encode.rules().columns == {
        "c": {"categories": [SECRET], "unknown": "error", "unknown_value": None}
    }


@pytest.mark.parametrize(
    ("content", "extra", "says"),
    [
        ("c\na\nb\nd\n", {"max_categories": 2}, "'c' has more than 2 categories"),
        ("c\n", {}, "no rows"),
        ("d\n1\n", {}, "no party has a column 'c'"),
        (f'c\n"{SECRET}\n', {}, "not a well-formed CSV"),
    ],
)
def test_faulty_tables_are_refused_and_nothing_is_written(
    encode: Prepare, content: str, extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        encode({"alice": content}, columns=["c"], **extra)
    assert SECRET not in caught.value.message + caught.value.hint
    assert encode.written() == []


def test_a_parquet_column_without_a_text_form_is_refused(encode: Prepare) -> None:
    with pytest.raises(InputError, match="'c' has no text form"):
        encode({"alice": pl.DataFrame({"c": [[1], [2]]})}, columns=["c"])


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"columns": None}, "columns"),
        ({"columns": ["c", "c"]}, "'c' is named more than once"),
        ({"unknown": "ignore"}, "unknown"),
        ({"unknown_value": -1}, "unknown_value: goes with unknown 'value' only"),
        ({"unknown": "value", "unknown_value": 0}, "unknown_value"),
        ({"max_categories": 0}, "max_categories"),
    ],
)
def test_faulty_requests_are_refused(encode: Prepare, extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        encode({"alice": "c\na\n"}, **{"columns": ["c"], **extra})


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=5)


@given(st.lists(words | st.integers(-20, 20).map(str), min_size=1, max_size=20))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_codes_are_the_places_in_the_sorted_categories(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "t.csv"
    pl.DataFrame({"x": cells, "y": 1}).write_csv(path)
    frame = scan(path)
    texts = {"x": category(path, frame, "x")}
    found = find_categories(path, frame, texts, 100)["x"]
    coded = frame.select(codes(texts["x"], found)).collect()["x"].to_list()
    known = {cell for cell in cells if cell.strip()}
    assert set(found) == known
    assert coded == [found.index(cell) if cell in known else None for cell in cells]
