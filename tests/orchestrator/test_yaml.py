"""Documents as YAML come back the same, and nothing in a text can do harm."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.orchestrator.errors import Invalid
from secretflow_worker.orchestrator.services.yaml_documents import read_yaml, write_yaml
from tests.orchestrator.documents import chain, psi, scaler

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.sampled_from(
        ["no", "yes", "on", "~", "null", "1", "1e3", "1e-3", "0x1f", "0o7", "1_000", "12:30:45",
         "2024-01-01", "=", "<<", "", " a ", "a\nb", "a\n", "\n", "- x", "a: b", "#", "&a", "*a",
         "!x", "%", "@", "`", "${tasks.psi.result.x}", ".5", "-", "+", "true", ".inf", "a\tb"]
    ),
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_every_document_comes_back_the_same(document: dict[str, Any]) -> None:
    again = read_yaml(write_yaml(document))
    assert again == document
    assert list(again) == list(document)
    assert repr(again) == repr(document)


def test_other_readers_understand_what_is_written() -> None:
    document = chain(psi(), scaler("scale", "psi", rate=0.001, flag=True, columns=["no", "1e-3"]))
    assert yaml.safe_load(write_yaml(document)) == document


def test_what_people_write_is_read() -> None:
    text = """
    chain_name: 信用评分   # a comment
    on: off
    day: 2024-01-01
    rate: 1e-3
    shared: &keys [uid, "7"]
    again: {alice: *keys, bob: *keys}
    lines: |
      a
      b
    nothing:
    """
    assert read_yaml(text) == {
        "chain_name": "信用评分",
        "on": "off",
        "day": "2024-01-01",
        "rate": 0.001,
        "shared": ["uid", "7"],
        "again": {"alice": ["uid", "7"], "bob": ["uid", "7"]},
        "lines": "a\nb\n",
        "nothing": None,
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("a: [", "no YAML"),
        ("a: b: c", "line 1"),
        ("a: !!python/object/apply:os.system [ls]", "tags"),
        ("a: !!str x", "tags"),
        ("a: 1\na: 2", "there already"),
        ("1: x", "not a text"),
        ("? [a]\n: x", "not a text"),
        ("a: *b", "nothing before"),
        ("a: 1\n---\nb: 2", "more than one"),
        ("a: " + "[" * 200 + "]" * 200, "nested"),
        ("a: " + "[" * 900_000, "nested"),
        ("a: \x00", "not allowed"),
        (b"a: \xff\xfe\xfa", "not allowed"),
        ("x" * 10_000_001, "longer"),
    ],
    ids=lambda value: str(value)[:20].encode("unicode_escape").decode(),
)
def test_what_is_no_document_is_refused(text: str | bytes, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_yaml(text)
    assert why in refused.value.message


def test_no_fault_repeats_a_value() -> None:
    for text in ("key: 'secret-42", "secret-42: [secret-42", "a: &secret-42 !secret-42 secret-42"):
        with pytest.raises(Invalid) as refused:
            read_yaml(text)
        assert "secret-42" not in refused.value.message


def test_aliases_of_aliases_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]"
        for n in range(1, 30)
    ]  # fmt: skip
    with pytest.raises(Invalid, match="aliases"):
        read_yaml("\n".join(lines))


BOMBS = {
    "wide": ["a0: &a0 [" + ", ".join("x" * 10) + "]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)],
    "deep": [f"a0: &a0 {'[' * 40}x{']' * 40}"]
    + [f"a{n}: &a{n} {'[' * 40}*a{n - 1}{']' * 40}" for n in range(1, 90)],
}  # fmt: skip


@pytest.mark.parametrize("lines", BOMBS.values(), ids=BOMBS)
def test_few_aliases_do_not_stand_for_more_than_may_be_written(lines: list[str]) -> None:
    """Whoever writes them out, as for an Idempotency-Key, would not come to an end."""
    with pytest.raises(Invalid, match=r"aliases more than|levels deep"):
        read_yaml("\n".join(lines))


def test_aliases_stand_for_what_they_name() -> None:
    text = "a: &a [1, &b {c: 2}]\nd: [*a, *b, *a]\ne: [*b]"
    inner = [1, {"c": 2}]
    assert read_yaml(text) == {"a": inner, "d": [inner, {"c": 2}, inner], "e": [{"c": 2}]}
    deepest = f"a: &a {'[' * 60}x{']' * 60}\nb: [[[*a]]]"
    assert read_yaml(deepest)["b"][0][0][0] == read_yaml(deepest)["a"]
    with pytest.raises(Invalid, match="levels deep"):
        read_yaml(deepest.replace("[[[*a]]]", "[[[[*a]]]]"))


def test_ten_thousand_tasks_are_read_and_written() -> None:
    document = chain(psi(), *(scaler(f"s{number}", "psi") for number in range(9_999)))
    assert read_yaml(write_yaml(document)) == document
