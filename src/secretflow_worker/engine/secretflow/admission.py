"""What is unpickled from a peer: what is on this list, and nothing else.

SecretFlow pickles what its devices tell each other. Whoever unpickles runs what the pickle
names, and SecretFlow's own guard is a list of forbidden names that lacks ``exec``. Here a name
that is not on the list ends the task. The list was recorded over SecretFlow's regression, trees,
preprocessing and statistics; nothing on it runs code that a pickle brings.

This is the one place of the package where anything is unpickled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from secretflow.utils import secure_pickle

_ADMITTED = """
builtins slice RuntimeError
heu.numpy CiphertextArray
heu.phe PublicKey
jax._src.api ShapeDtypeStruct
jax._src.array _reconstruct_array
numpy dtype float32 float64 int32 ndarray
numpy.core.multiarray _reconstruct scalar
numpy.core.numeric _frombuffer
pandas._libs.internals _unpickle_block
pandas.core.frame DataFrame
pandas.core.series Series
pandas.core.indexes.base Index _new_Index
pandas.core.indexes.range RangeIndex
pandas.core.internals.managers BlockManager SingleBlockManager
secretflow.data.core.base AgentIndex
secretflow.device.device.spu SPUIOInfo SPUValueMeta
secretflow.distributed.fed.exception FedRemoteError
secretflow.preprocessing.binning.vert_woe_binning_pyu ParticipantTransactionInfo
secretflow.preprocessing.scaler _STDScaler
spu.libspu Executable FieldType ProtocolKind Share Visibility
"""
_Shipped: Any = secure_pickle.SecureUnpickler
_WORD = re.compile(r"[A-Za-z_][\w.]{0,79}\Z", re.ASCII)


class NotAdmitted(Exception):
    """A pickle names what is not on the list. `name` is safe to show."""

    def __init__(self, module: str, name: str) -> None:
        full = f"{module}.{name}"
        self.name = full if _WORD.match(full) else "something without a proper name"
        super().__init__(self.name)


class Admission:
    """The list of one task: ours, and the classes that the task type itself accepts."""

    def __init__(self, accept: Iterable[type]) -> None:
        """`accept` are classes that the type's functions send from party to party.

        Their constructors must be safe to call with whatever a peer chooses.
        """
        names = [line.split() for line in _ADMITTED.split("\n") if line]
        self._names = {(module, name) for module, *listed in names for name in listed}
        self._names |= {(each.__module__, each.__qualname__) for each in accept}

    def install(self) -> None:
        """Put this list in the place of SecretFlow's, wherever it unpickles."""
        admitted = self._names

        class ListedUnpickler(_Shipped):  # type: ignore[misc]
            def find_class(self, module: str, name: str) -> Any:
                if (module, name) not in admitted:
                    raise NotAdmitted(module, name)
                # Past SecretFlow's own list of forbidden names, which may forbid some of ours.
                return super(_Shipped, self).find_class(module, name)

        secure_pickle.SecureUnpickler = ListedUnpickler


def unpack(message: bytes) -> Any:
    """Unpickle a peer's message by the list that is installed.

    Raises:
        NotAdmitted: it names something else.
        Exception: of any kind, where it is no pickle at all.
    """
    return secure_pickle.loads(message, filter_type=secure_pickle.FilterType.BLACKLIST)


def pack(value: Any) -> bytes:
    """Pickle a value for a peer."""
    return bytes(secure_pickle.dumps(value))
