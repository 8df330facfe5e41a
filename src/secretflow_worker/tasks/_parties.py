"""What a running task sees of the world: one party's own view, and the devices it shares.

Every party runs the same function (SPMD) with its own ``Parties``. The engine implements
these protocols; task files depend on nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Json = Any


@dataclass(frozen=True)
class Secret:
    """A value that exists only as shares, one at each party. Shape and dtype are public.

    `name` is the variable of the SPU runtime in which this party holds its own share.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class Spu(Protocol):
    """The secure processing unit among all parties of the task (one libspu link)."""

    protocol: str
    field: str

    def share(self, owner: str, value: Array | None) -> Secret:
        """Turn the owner's array into shares; the others pass None. Shape and dtype travel."""

    def place(
        self, owner: str, value: Array | None, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> Secret:
        """Keep the owner's array at the owner, as an input of programs; the others pass None.

        With CHEETAH nothing is sent, as everybody knows shape and dtype already, and products
        with such a value cost half. Other protocols gain nothing by it and `share` it.
        """

    def call(self, function: Callable[..., Any], *args: Secret | Array, **static: Any) -> Any:
        """Run a JAX function over secrets and public arrays; it must be the same at every party.

        `static` are hashable constants (not traced). Compiled once for a function, its static
        values and its shapes. Returns one Secret, or a tuple of them as the function does.
        """

    def reveal(self, secret: Secret, to: str | Sequence[str]) -> Array | None:
        """Open a secret to the named receivers; the others get None, and nothing is sent them."""

    def free(self, *secrets: Secret) -> None:
        """Forget secrets that are not needed any more, to keep memory flat."""


class Ciphertexts(Protocol):
    """Encrypted whole numbers at one party. Their count is public."""

    def __len__(self) -> int: ...


class Heu(Protocol):
    """Additively homomorphic encryption; one party, the keeper, has the secret key.

    Only the parties that a call names take part in it.
    """

    keeper: str

    @property
    def room_bits(self) -> int:
        """Bits of a number that can be encrypted, its sign not counted."""

    def encrypt(
        self, values: Sequence[int] | None, count: int, to: Sequence[str]
    ) -> Ciphertexts | None:
        """Encrypt `count` numbers of the keeper for the parties `to`, who get them; others None.

        Absolute values and all their sums must stay below ``2 ** room_bits``.
        """

    def bucket_sums(self, values: Any, members: Array, bins: Array, buckets: int) -> Ciphertexts:
        """Add up the values (n,) of the rows that are `members` (n,), for each of f features.

        `bins` (n, f) says in which of up to 127 buckets a row is. Sum ``feature * buckets + b``
        is over the rows in bucket b or a lower one.
        """

    def open(
        self,
        values: Any,
        order: Sequence[int] | None,
        owner: str,
        count: int,
        slot_bits: int,
    ) -> list[int] | None:
        """Open `count` sums of the owner to the keeper, who gets them in the owner's `order`.

        Only these two call it. As many numbers as fit are packed into one ciphertext, each in
        `slot_bits`, its sign included. The keeper learns nothing but the sums.
        """


class SecretFlow(Protocol):
    """SecretFlow's own devices among the parties of the task; see docs/guides/bridge.md.

    The objects are SecretFlow's: what its manual says of them holds, and what ``reveal`` opens
    it opens to every party. To open to one, move to its PYU: ``value.to(bridge.pyu(receiver))``.
    """

    @property
    def spu(self) -> Any:
        """The ``secretflow.SPU`` among all parties, of the request's protocol and field."""

    def pyu(self, party: str) -> Any:
        """Return the ``secretflow.PYU`` of a party: its functions run in that party's process."""

    def heu(
        self,
        keeper: str,
        evaluators: Sequence[str] | None = None,
        *,
        schema: str = "ou",
        key_bits: int = 2048,
        encoding: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return a ``secretflow.HEU`` whose secret key is the keeper's; every call makes a new one.

        All others evaluate, where `evaluators` does not say who. `encoding` as SecretFlow takes
        it; left out, fixed-point numbers of the SPU's scale.
        """


class Model(Protocol):
    """A saved model as one party loads it."""

    task_type: str
    task_version: int
    parameters: Mapping[str, Json]
    features: Mapping[str, Sequence[str]]  # party -> its features, in the order of the model
    label: str | None
    """None in a model that was trained without one."""
    label_party: str | None

    def secret(self, name: str) -> Secret: ...
    def own(self, name: str) -> Json: ...


PsiProtocol = Literal["KKRT", "RR22", "ECDH", "ECDH_3PC", "ECDH_NPC", "KKRT_NPC"]


class Parties(Protocol):
    """One party's view of a task."""

    me: str
    names: tuple[str, ...]
    rank: int

    @property
    def spu(self) -> Spu:
        """The SPU; its runtime starts at first use."""

    @property
    def heu(self) -> Heu:
        """The HEU, for types with that device; its keys are made at first use, by all parties."""

    def secretflow(self, *, accept: Sequence[type] = ()) -> SecretFlow:
        """Start SecretFlow among the parties, and return its devices; all parties call it alike.

        For types registered with the device ``secretflow``. `accept` are classes of the type's
        own that its functions send from party to party; a peer may construct them as it likes.
        """

    def progress(self, done: float, message: str = "") -> None:
        """Report the share (0 to 1) of the algorithm that is done; no data value in `message`."""

    def input(self, path: str) -> Path:
        """Return the checked local path of an input of this party."""

    def stage(self, path: str) -> Path:
        """Return where to write an output now; it gets its name when every party has finished.

        The folder exists. The ending of the name is kept, so writers can go by it.
        """

    def scratch(self, name: str) -> Path:
        """Return a path in this execution's own folder, which goes when the party ends."""

    def exchange(self, value: Json) -> dict[str, Json]:
        """Tell every party a small public JSON value, and return what each told (own included)."""

    def send(self, to: str, value: Array) -> None:
        """Tell one party an array of bool, int32 or float64, which it must ``receive``."""

    def receive(self, sender: str, dtype: str, shape: Sequence[int | None]) -> Array:
        """Hear an array of a party; None in `shape` stands for any size.

        Raises:
            PeerLost: it has another shape than expected.
        """

    def all_equal(self, digest: bytes) -> bool:
        """Compare a digest among all parties inside MPC: nobody learns more than equal or not."""

    def intersect(
        self, keys: Path, output: Path, protocol: PsiProtocol, receiver: str | None
    ) -> int:
        """Run PSI over CSV files with a column ``key`` of distinct words.

        Writes this party's rows of the intersection to `output`, where it learns them (every
        party does where `receiver` is None). Returns their number, or -1 at a party that does
        not learn it.
        """

    def save_model(
        self,
        path: str,
        *,
        parameters: Mapping[str, Json],
        features: Mapping[str, Sequence[str]],
        label: str | None = None,
        label_party: str | None = None,
        secrets: Mapping[str, Secret],
        own: Mapping[str, Json],
    ) -> None:
        """Stage a model directory: this party's shares, its own plain parts, and the manifest."""

    def load_model(self, path: str) -> Model:
        """Load a model directory, after checking hashes, version, parties and devices.

        Raises:
            ModelInvalid: when anything was altered or does not fit this task.
        """
