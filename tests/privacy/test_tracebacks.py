"""What a log says of a fault: the places and kinds, and of foreign exceptions no word."""

from __future__ import annotations

import errno

from pydantic import BaseModel, ValidationError

from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.errors import InputError

SECRET = "cnry-alice-77"


class Model(BaseModel):
    x: int


def caught(text: object) -> BaseException:
    try:
        try:
            Model.model_validate({"x": text})
        except ValidationError as fault:
            raise ValueError(f"could not convert {text}") from fault
    except ValueError as fault:
        return fault
    raise AssertionError("it did not fail")


def test_a_foreign_exception_is_told_by_kind_and_place() -> None:
    fault = caught(SECRET)
    assert SECRET in str(fault)
    told = traceback_of(fault)
    assert SECRET not in told
    assert told.index("ValidationError") < told.index("builtins.ValueError")
    assert "test_tracebacks.py" in told
    assert "model_validate" in told


def test_our_own_errors_keep_their_message() -> None:
    assert "INPUT_INVALID: column 'x' holds text" in traceback_of(
        InputError("column 'x' holds text")
    )


def test_a_context_that_was_left_out_stays_out() -> None:
    fault = InputError("no such column")
    fault.__context__ = KeyError(SECRET)
    assert "KeyError" in traceback_of(fault)
    fault.__suppress_context__ = True
    assert "KeyError" not in traceback_of(fault)


def test_the_operating_system_and_native_places_are_told() -> None:
    assert "No space left on device /data/x" in traceback_of(
        OSError(errno.ENOSPC, "No space left on device", "/data/x")
    )
    native = RuntimeError(f"what: [Enforce fail at external/psi~/csv.cc:94] key {SECRET} is twice")
    told = traceback_of(native)
    assert "at external/psi~/csv.cc:94" in told
    assert SECRET not in told
