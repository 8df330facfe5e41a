"""Encrypt, add up and open by the HEU, against plain sums, and peers that send what is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretflow_worker.contract.errors import ConfigError, PeerLost, WorkerError
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine.arrays import array_frame, read_array
from secretflow_worker.engine.frames import Frame, FrameError, Kind, decode, encode
from tests.conftest import make_request
from tests.engine.conftest import Cluster
from tests.engine.hosts import Host
from tests.engine.plugin import heu_table as probe
from tests.engine.test_rogue_peer import Rogue, send
from tests.engine.test_rogue_peer import rogue as rogue  # a fixture

FIVE = ("alice", "bob", "carol", "dave", "eve")


def heu_config(parties: tuple[str, ...], keeper: str, **parameters: Any) -> dict[str, Any]:
    return {
        "sk_keeper": {"party": keeper},
        "evaluators": [{"party": party} for party in parties if party != keeper],
        "mode": "PHEU",
        "he_parameters": parameters,
    }


def request(act: str, keeper: str, parties: tuple[str, ...], **fields: Any) -> dict[str, Any]:
    config = {"task_type": "heu_probe", "act": act, "options": {"keeper": keeper}}
    return make_request(config, parties) | fields


@pytest.mark.parametrize(
    ("parties", "keeper", "scheme"),
    [(FIVE[:2], "alice", "ou"), (FIVE[:2], "bob", "zpaillier"), (FIVE, "carol", None)],
)
def test_the_keeper_gets_the_sums_and_nobody_else(
    host: Host, parties: tuple[str, ...], keeper: str, scheme: str | None
) -> None:
    fields = {} if scheme is None else {"heu_config": heu_config(parties, keeper, schema=scheme)}
    outcome = host.run(request("heu_sums", keeper, parties, **fields)).outcome()

    facts = outcome.result["facts"]
    values = np.array(probe.numbers(), dtype=object)
    for rank, party in enumerate(parties):
        if party == keeper:
            continue
        members, bins = probe.table(rank)
        expected = [
            int(values[members & (bins[:, feature] <= bucket)].sum())
            for feature in range(probe.FEATURES)
            for bucket in range(probe.BUCKETS)
        ]
        assert facts[keeper][party] == [expected[::-1], [0]]
        assert facts[party] == probe.FEATURES * probe.BUCKETS
    assert outcome.task_metadata.devices_used == [*parties, "heu"]
    security = outcome.task_metadata.security
    assert security is not None
    assert security.protocol is None
    assert security.heu is not None
    assert security.heu.model_dump() == {
        "scheme": scheme or "ou",
        "key_bits": 2048,
        "key_holder": keeper,
    }


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"he_parameters": {"schema": "elgamal"}}, "he_parameters.schema"),
        ({"he_parameters": {"key_pair": {"generate": {"bit_size": 1024}}}}, "bit_size"),
        ({"he_parameters": {"schema": "ou", "bits": 3}}, "bits: unknown field"),
        ({"sk_keeper": {"party": "bob"}, "evaluators": [{"party": "alice"}]}, "sk_keeper"),
        ({"evaluators": [{"party": "carol"}]}, "evaluators"),
        ({"evaluators": [{"party": "bob"}, {"party": "bob"}]}, "named twice"),
        ({"mode": "FHEU"}, "mode"),
        ({"evaluators": []}, "evaluators"),
    ],
)
def test_a_key_that_is_weak_unknown_or_at_the_wrong_party_is_refused(
    host: Host, changed: dict[str, Any], words: str
) -> None:
    config = heu_config(FIVE[:2], "alice") | changed
    with pytest.raises(ConfigError, match=words):
        host.run(request("heu_sums", "alice", FIVE[:2], heu_config=config)).outcome()


def test_secretflows_own_config_is_taken() -> None:
    config = heu_config(FIVE[:2], "alice", schema="paillier", key_pair={"generate": {}})
    config["encoding"] = {"cleartext_type": "DT_F32", "encoder": "FloatEncoder"}
    parsed = parse_request(request("heu_sums", "alice", FIVE[:2], heu_config=config)).heu_config
    assert parsed is not None
    assert parsed.he_parameters.scheme == "zpaillier"
    assert parsed.he_parameters.key_pair.generate.bit_size == 2048


@pytest.fixture
def attack(
    cluster: Cluster, rogue: Rogue, addresses: Callable[..., dict[str, str]]
) -> Callable[..., WorkerError]:
    """Let alice run `act` with the rogue as bob, and return how it ended for her."""

    def run(steps: list[Any], act: str, **options: Any) -> WorkerError:
        at = addresses("alice", "bob")
        runs = cluster.start(
            {"task_type": "heu_probe", "act": act, "options": options},
            at,
            spu={"protocol": "SEMI2K", "field": "FM64"},
            only=["alice"],
            settings={"alice": {"certs_dir": None, "allow_plaintext": True}},
        )
        rogue.play(list(at.values()), [["echo"], *steps])
        error = runs["alice"].error()
        rogue.await_line("done")
        return error

    return run


def heu_numbers() -> Any:
    """Import sf-heu only where it is used: it says so on the standard output."""
    from secretflow_worker.engine import heu_numbers

    return heu_numbers


@pytest.fixture(scope="module")
def keys() -> dict[str, Any]:
    """A key of the rogue's own: its frame's header, and a ciphertext of it."""
    from heu import numpy as heu_numpy
    from heu import phe

    kit = heu_numpy.setup(phe.SchemaType.OU, 2048)
    key = heu_numbers().read_key(kit.public_key(), "ou", 2048)
    plain = heu_numbers().encode_numbers([3], phe.BigintEncoder(phe.SchemaType.OU))
    one = key.dump_ciphertexts(kit.encryptor().encrypt(plain))
    numbers = heu_numbers().key_frame(key).header["numbers"]
    return {"numbers": numbers, "one": one, "n": key.modulus, "width": key.width}


BAD_KEYS: dict[str, Callable[[list[str]], Any]] = {
    "nothing": lambda numbers: None,
    "no list": lambda numbers: "key",
    "a number too few": lambda numbers: numbers[:3],
    "no texts": lambda numbers: [1, 2, 3, 4],
    "no numbers": lambda numbers: ["n", *numbers[1:]],
    "a modulus of 1024 bits": lambda numbers: [numbers[0][-256:], *numbers[1:]],
    "an even modulus": lambda numbers: [f"{int(numbers[0], 16) + 1:x}", *numbers[1:]],
    "a modulus that is huge": lambda numbers: ["f" * 2048, *numbers[1:]],
    "a base of zero": lambda numbers: [numbers[0], "0", *numbers[2:]],
    "a base beyond the modulus": lambda numbers: [*numbers[:2], numbers[0], numbers[3]],
    "a negative base": lambda numbers: [*numbers[:2], "-5", numbers[3]],
    "room for too much": lambda numbers: [*numbers[:3], "fff"],
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_a_key_is_checked_before_it_is_loaded(keys: dict[str, Any], kind: str) -> None:
    good = Frame(Kind.KEY, {"numbers": keys["numbers"]})
    assert heu_numbers().key_of_frame(good, "ou", 2048).modulus == keys["n"]
    bad = Frame(Kind.KEY, {"numbers": BAD_KEYS[kind](keys["numbers"])})
    with pytest.raises(FrameError):
        heu_numbers().key_of_frame(bad, "ou", 2048)


@pytest.mark.parametrize("kind", ["nothing", "an even modulus"])
def test_a_key_that_is_none_is_the_peers_fault(
    attack: Callable[..., WorkerError], keys: dict[str, Any], kind: str
) -> None:
    frame = Frame(Kind.KEY, {"numbers": BAD_KEYS[kind](keys["numbers"])})
    error = attack([send(frame)], "heu_open", keeper="bob")
    assert (type(error), error.party) == (PeerLost, "bob")
    assert "protocol" in error.message


def number(value: int, keys: dict[str, Any]) -> bytes:
    return value.to_bytes(keys["width"], "little")


BAD_CIPHERTEXTS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "empty": lambda keys: b"",
    "too few": lambda keys: bytes(keys["one"]),
    "too many": lambda keys: bytes(keys["one"]) * 3,
    "a byte short": lambda keys: (bytes(keys["one"]) * 2)[:-1],
    "zero": lambda keys: number(0, keys) * 2,
    "beyond the modulus": lambda keys: number(keys["n"], keys) * 2,
    "all bits set": lambda keys: b"\xff" * (2 * keys["width"]),
}


@pytest.mark.parametrize("kind", BAD_CIPHERTEXTS)
def test_ciphertexts_are_checked_before_they_are_loaded(keys: dict[str, Any], kind: str) -> None:
    frame = Frame(Kind.KEY, {"numbers": keys["numbers"]})
    key = heu_numbers().key_of_frame(frame, "ou", 2048)
    key.check(keys["one"] * 2, 2)
    assert key.dump_ciphertexts(key.load_ciphertexts(keys["one"] * 2)) == keys["one"] * 2
    with pytest.raises(FrameError):
        key.check(BAD_CIPHERTEXTS[kind](keys), 2)


@pytest.mark.parametrize("kind", ["too few", "zero"])
def test_ciphertexts_that_are_none_are_the_peers_fault(
    attack: Callable[..., WorkerError], keys: dict[str, Any], kind: str
) -> None:
    body = BAD_CIPHERTEXTS[kind](keys)
    steps = [
        send(Frame(Kind.KEY, {"numbers": keys["numbers"]})),
        send(Frame(Kind.CIPHERTEXTS, {}, body)),
    ]
    error = attack(steps, "heu_open", keeper="bob")
    assert (type(error), error.party) == (PeerLost, "bob")
    assert "protocol" in error.message


@pytest.mark.parametrize("body", [b"\xff" * 257, b"x" * 10_000])
def test_the_keeper_decrypts_only_what_may_be_a_ciphertext(
    attack: Callable[..., WorkerError], body: bytes
) -> None:
    error = attack([send(Frame(Kind.CIPHERTEXTS, {}, body))], "heu_open", keeper="alice")
    assert (type(error), error.party) == (PeerLost, "bob")
    assert "protocol" in error.message


def test_an_array_of_another_shape_is_the_peers_fault(attack: Callable[..., WorkerError]) -> None:
    frame = Frame(Kind.ARRAY, {"shape": [4]}, b"\0" * 16)
    error = attack([send(frame)], "arrays", keeper="alice", dtype="int32", shape=[3])
    assert (type(error), error.party) == (PeerLost, "bob")


@pytest.mark.parametrize(
    "header", [{}, {"shape": 3}, {"shape": [3.0]}, {"shape": [-3]}, {"shape": [True]}]
)
def test_an_array_tells_its_shape(header: dict[str, Any]) -> None:
    with pytest.raises(FrameError):
        read_array(Frame(Kind.ARRAY, header, b"\0" * 12), "int32", [3])


@pytest.mark.parametrize(
    ("dtype", "shape", "body"),
    [
        ("int32", [2**40], b"\0" * 4),
        ("bool", [9], b"\0"),
        ("float64", [1], np.array([np.nan]).tobytes()),
        ("float64", [1], np.array([np.inf]).tobytes()),
    ],
)
def test_an_array_is_as_long_as_it_says_and_holds_numbers(
    dtype: str, shape: list[int], body: bytes
) -> None:
    with pytest.raises(FrameError):
        read_array(Frame(Kind.ARRAY, {"shape": shape}, body), dtype, [None])


@given(
    values=st.lists(st.booleans(), max_size=20)
    | st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5)
    | st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5)
)
@settings(max_examples=50)
def test_an_array_comes_back(values: list[Any]) -> None:
    dtype = {bool: "bool", int: "int32"}.get(type(values[0]) if values else float, "float64")
    array = np.array(values, dtype)
    came = read_array(decode(encode(array_frame(array))), dtype, [None])
    np.testing.assert_array_equal(came, array)
    assert came.dtype == array.dtype


class Post:
    """Both ends of a link in one process, which keeps what was sent."""

    def __init__(self, me: str, sent: list[bytes]) -> None:
        self.parties = ("alice", "bob")
        self.rank = self.parties.index(me)
        self.sent = sent
        self._read = 0

    def send(self, to: str, frame: Frame) -> None:
        self.sent.append(encode(frame))

    def receive(self, sender: str, kind: Kind) -> Frame:
        return decode(self.sent.pop(0))


def test_what_is_opened_does_not_say_which_ciphertexts_it_is_the_sum_of() -> None:
    """The keeper made the ciphertexts, and could tell a row by its own, or two by their product."""
    from secretflow_worker.engine.heu import HeuRuntime
    from secretflow_worker.engine.spec import HeuSpec

    sent: list[bytes] = []
    spec = HeuSpec(schema_name="ou", key_bits=2048, keeper="alice")
    alice: Any = HeuRuntime(Post("alice", sent), spec)  # type: ignore[arg-type]
    bob: Any = HeuRuntime(Post("bob", sent), spec)  # type: ignore[arg-type]
    alice.encrypt([3, 4], 2, ["bob"])
    rows = bytes(decode(sent[0]).body)
    values = bob.encrypt(None, 2, ["bob"])
    sums = bob.bucket_sums(values, np.ones(2, bool), np.array([[0], [1]], np.int8), 2)
    seen = set()
    for _ in range(2):
        bob.open(sums, [0], "bob", 1, alice.room_bits)
        body = bytes(decode(sent[0]).body)
        assert body not in rows, "it is the ciphertext of the first row as it came"
        seen.add(body)
        assert alice.open(None, None, "bob", 1, alice.room_bits) == [3]
    assert len(seen) == 2
