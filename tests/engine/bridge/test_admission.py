"""The list of what is unpickled, against pickles that were made to get round it."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from secretflow.utils import secure_pickle

    from secretflow_worker.engine.secretflow.admission import Admission, NotAdmitted, pack, unpack


class Reduced:
    """Pickles as a call of `function`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


class Own:
    pass


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secure_pickle, "SecureUnpickler", secure_pickle.SecureUnpickler)
    Admission([]).install()


@pytest.mark.parametrize(
    "message",
    [
        pickle.dumps(Reduced(exec, "1")),
        pickle.dumps(Reduced(eval, "1")),
        pickle.dumps(Reduced(getattr, np.ndarray, "tofile")),
        pickle.dumps(Reduced(__import__, "os")),
        pickle.dumps(Reduced(pickle.loads, b"")),
        pickle.dumps(np.ndarray.tofile),
        pack(lambda: 1),
        pack(Own()),
        b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",
        b"\x80\x04\x8c\x08builtins\x8c\x16slice.__subclasshook__\x93.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"(S'true'\nios\nsystem\n.",
        b"\x80\x04\x8c\x05numpy\x8c\x1dcore.multiarray._reconstruct.\x93.",
        b"\x80\x04\x8c\x14secretflow.utils.any\x8c\x03run\x93.",
    ],
)
def test_what_is_not_listed_is_not_loaded(message: bytes) -> None:
    with pytest.raises(NotAdmitted):
        unpack(message)


def test_what_secretflow_sends_is_loaded() -> None:
    array = np.arange(6.0).reshape(2, 3)
    loaded = unpack(pack({"seq_id": 1, "payload": [array, np.float32(2), "text", None]}))
    assert loaded["payload"][0].tolist() == array.tolist()
    assert loaded["payload"][1:] == [2.0, "text", None]


def test_a_name_in_an_error_is_a_name() -> None:
    assert NotAdmitted("builtins", "exec").name == "builtins.exec"
    assert NotAdmitted("a row;", "1,2,3").name == "something without a proper name"
    assert NotAdmitted("m", "x" * 200).name == "something without a proper name"


def test_a_class_that_is_accepted() -> None:
    Admission([Own]).install()
    assert isinstance(unpack(pack(Own())), Own)
