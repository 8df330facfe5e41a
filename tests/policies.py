"""Policy files of tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secretflow_worker.engine import certs


def write_policy(path: Path, document: Mapping[str, Any]) -> Path:
    """Write a policy; `document` is its content, without the version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("version = 1\n" + "\n".join(_lines(document)) + "\n", encoding="utf-8")
    return path


def open_policy(root: Path, peers: Mapping[str, Path | None]) -> dict[str, Any]:
    """Return a policy that allows everything below `root` with the `peers`.

    Their values are the certificates that they are pinned by; None is for this machine's parties.
    """
    return {
        "tasks": {"allow": ["*"]},
        "peers": [
            {"party": party, **({"fingerprint": certs.read(pinned).fingerprint} if pinned else {})}
            for party, pinned in peers.items()
        ],
        "folders": {"read": [str(root)], "write": [str(root)]},
        "tables": [{"path": f"{root}/*", "columns": {"*": "any"}}],
        "receivers": {
            "intersection": ["*"],
            "predictions": ["*"],
            "statistics": ["*", "@sender"],
        },
    }


def _lines(document: Mapping[str, Any]) -> list[str]:
    """Write TOML: inline everywhere, which is JSON but for the signs."""
    return [f"{_key(name)} = {_inline(value)}" for name, value in document.items()]


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


def _key(name: str) -> str:
    return json.dumps(name)
