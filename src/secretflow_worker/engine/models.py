"""Model directories: one party's secret share, its own plain parts, and a manifest.

::

    manifest.json   what the model is, and the SHA-256 of every other file
    share.bin       this party's share of each secret: for each, a SHARE frame and its CHUNKs
    own.json        what this party alone knows of the model (its bin edges, for one)

Nothing here is unpickled. A directory alone rebuilds nothing of the model.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from spu import libspu

from secretflow_worker.contract.errors import ModelInvalid
from secretflow_worker.engine.frames import (
    CHUNK_LIMIT,
    HEADER_LIMIT,
    Frame,
    FrameError,
    Kind,
    decode,
    encode,
)
from secretflow_worker.engine.mpc import MpcRuntime
from secretflow_worker.engine.shares import header_of, read_header
from secretflow_worker.tasks._parties import Secret

MANIFEST_VERSION = 1
_LENGTH = struct.Struct("<Q")


class ModelDevice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: str
    field: str


class Manifest(BaseModel):
    """What a model directory says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest_version: int = Field(ge=1)
    model_id: str
    task_type: str
    task_version: int
    created_at: str
    party: str
    parties: list[str]
    parameters: dict[str, Any]
    features: dict[str, list[str]]
    label: str | None
    """None where the model was trained without one."""
    label_party: str | None
    device: ModelDevice
    secrets: list[str]
    files: dict[str, str]
    """SHA-256 of every other file of the directory, in hex."""


class SavedModel:
    """Implements ``tasks.Model`` for one loaded directory."""

    def __init__(self, manifest: Manifest, secrets: Mapping[str, Secret], own: Any) -> None:
        self.task_type = manifest.task_type
        self.task_version = manifest.task_version
        self.parameters: Mapping[str, Any] = manifest.parameters
        self.features: Mapping[str, Sequence[str]] = manifest.features
        self.label = manifest.label
        self.label_party = manifest.label_party
        self._secrets = secrets
        self._own = own

    def secret(self, name: str) -> Secret:
        try:
            return self._secrets[name]
        except KeyError:
            raise ModelInvalid(f"the model has no secret part {name!r}") from None

    def own(self, name: str) -> Any:
        try:
            return self._own[name]
        except KeyError:
            raise ModelInvalid(f"the model has no own part {name!r}") from None


def write_model(
    folder: Path,
    manifest: Manifest,
    secrets: Mapping[str, Secret],
    own: Mapping[str, Any],
    runtime: MpcRuntime | None,
) -> None:
    """Write a model directory; `manifest.files` is filled in here.

    `runtime` is the one that holds the secrets; None where there are none.
    """
    folder.mkdir(mode=0o700, parents=True)
    with (folder / "share.bin").open("wb") as file:
        if runtime is not None:
            _write_shares(file, [secrets[name] for name in manifest.secrets], runtime)
    (folder / "own.json").write_text(json.dumps(dict(own), allow_nan=False), encoding="utf-8")
    hashes = {name: _sha256(folder / name) for name in ("share.bin", "own.json")}
    filled = manifest.model_copy(update={"files": hashes})
    (folder / "manifest.json").write_text(filled.model_dump_json(indent=2), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of a directory and the hashes of its files.

    Raises:
        ModelInvalid: naming the file that was altered or cannot be read.
    """
    try:
        manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise ModelInvalid(f"{folder} has no manifest.json: it is not a model directory") from None
    except ValidationError:
        raise ModelInvalid(f"{folder}/manifest.json is not a manifest of this worker") from None
    if manifest.manifest_version != MANIFEST_VERSION:
        raise ModelInvalid(
            f"{folder} has manifest version {manifest.manifest_version}; "
            f"this worker reads {MANIFEST_VERSION}"
        )
    if set(manifest.files) != {"share.bin", "own.json"}:
        raise ModelInvalid(f"{folder}/manifest.json does not name the files of a model")
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise ModelInvalid(f"{folder}/{name} is missing or was altered since it was saved")
    return manifest


def check_fit(
    manifest: Manifest, folder: Path, me: str, parties: Sequence[str], device: ModelDevice
) -> None:
    """Check that a model belongs to these parties and runs on this device.

    Raises:
        ModelInvalid: naming what does not fit.
    """
    if manifest.party != me:
        raise ModelInvalid(f"{folder} is the share of party {manifest.party!r}, not of {me!r}")
    if sorted(manifest.parties) != sorted(parties) or list(manifest.parties) != list(parties):
        raise ModelInvalid(
            f"{folder} was trained by the parties {', '.join(manifest.parties)}, in that order"
        )
    if manifest.secrets and manifest.device != device:
        raise ModelInvalid(
            f"{folder} holds shares of {manifest.device.protocol}/{manifest.device.field}; "
            f"this task runs on {device.protocol}/{device.field}",
            hint="Set the protocol and field of the training in spu_config's runtime_config.",
        )


def load_secrets(folder: Path, manifest: Manifest, runtime: MpcRuntime) -> dict[str, Secret]:
    """Take this party's shares back into the runtime.

    Raises:
        ModelInvalid: when the share file is not what the manifest announces.
    """
    secrets: dict[str, Secret] = {}
    try:
        messages = _read_messages(folder / "share.bin")
        for name in manifest.secrets:
            head = read_header(decode(next(messages)), runtime.protocol, runtime.field)
            share = libspu.Share()
            share.meta = head.meta
            share.share_chunks = [bytes(decode(next(messages)).body) for _ in head.chunk_sizes]
            secrets[name] = runtime.restore(share, head.shape, np.dtype(head.dtype))
    except (FrameError, RuntimeError, StopIteration):
        raise ModelInvalid(f"{folder}/share.bin is not a share file of this worker") from None
    return secrets


def load_own(folder: Path) -> dict[str, Any]:
    """Read what this party alone knows of the model."""
    own = json.loads((folder / "own.json").read_text(encoding="utf-8"))
    if not isinstance(own, dict):
        raise ModelInvalid(f"{folder}/own.json is not an object")
    return own


def _write_shares(file: BinaryIO, secrets: Sequence[Secret], runtime: MpcRuntime) -> None:
    for secret in secrets:
        share = runtime.export(secret)
        head = header_of(share, secret.shape, secret.dtype)
        for frame in (head, *(Frame(Kind.CHUNK, {}, chunk) for chunk in share.share_chunks)):
            message = encode(frame)
            file.write(_LENGTH.pack(len(message)) + message)


def _read_messages(path: Path) -> Any:
    with path.open("rb") as file:
        while head := file.read(_LENGTH.size):
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
            message = file.read(min(length, HEADER_LIMIT + CHUNK_LIMIT))
            if not length or len(message) != length:
                raise FrameError("a share file that ends in the middle")
            yield message


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
