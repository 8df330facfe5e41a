"""The built web page: its files, and its one document for every address that is a page of it.

The browser finds out by itself which page an address is, so each gets the same document. Files
are looked up among those that the build made, by name; no path of a request reaches the disk.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from secretflow_worker.orchestrator.api.codings import taken
from secretflow_worker.orchestrator.api.problems import make_problem

STATIC = Path(__file__).parent.parent / "static"
"""Where ``make ui`` puts the page; in the wheel too."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_NONCE_PLACE = '<meta name="csp-nonce" content="" />'
_INDEX = "index.html"
_HASHED = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_CODINGS = (("br", "br"), ("gzip", "gz"))
"""How the build compresses, the smallest first, and how the names of such files end."""
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>SecretFlow Worker</title></head><body>
<h1>The web page is not built</h1>
<p>Run <code>make ui</code> in the clone and load this page again.
The API is here all the same, at <code>/api/v1</code>;
<a href="/docs">here is its description</a>.</p>
<div lang="zh-CN"><h1>网页尚未构建</h1>
<p>请在源码目录运行 <code>make ui</code>，然后重新加载本页。
API 不受影响，位于 <code>/api/v1</code>，<a href="/docs">接口说明在此</a>。</p></div>
</body></html>
"""


@dataclass(frozen=True)
class _Built:
    """What one build made: its document, and its other files by their path below the folder."""

    built_at: int
    document: str
    files: dict[str, Path]
    read: dict[str, bytes] = field(default_factory=dict)
    """What was asked for: a first view is a dozen files at once, and all of them are small."""

    def bytes_of(self, path: str) -> bytes:
        """Return a file's content; raises FileNotFoundError where the next build has begun."""
        if path not in self.read:
            self.read[path] = self.files[path].read_bytes()
        return self.read[path]


class Site(Route):
    """Answers every GET that no call of the API answers."""

    def __init__(self, folder: Path = STATIC) -> None:
        super().__init__("/{path:path}", self._answer, methods=["GET"], include_in_schema=False)
        self._folder = folder
        self._built: _Built | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Leave alone what is the API's, so that it answers in its own way."""
        is_of_api = scope["type"] != "http" or f"{scope['path']}/".startswith("/api/")
        if is_of_api or scope["method"] not in {"GET", "HEAD"}:
            return Match.NONE, {}
        match, found = super().matches(scope)
        return match, {**found, "route": self}  # calls are measured and logged under their route

    async def _answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        built = self._newest()
        if built is None:
            return HTMLResponse(_NOT_BUILT, 503)
        if path in built.files:
            return _file(request, built, path)
        if path.startswith(_HASHED):  # of an older build: a page here would be read as a script
            return make_problem("NOT_FOUND", "there is no such file", hint="Load the page again.")
        return _document(built)

    def _newest(self) -> _Built | None:
        """Return the build that is there now; it may be made or renewed while this runs."""
        index = self._folder / _INDEX
        try:
            built_at = index.stat().st_mtime_ns
            if self._built is None or self._built.built_at != built_at:
                self._built = _Built(built_at, index.read_text("utf-8"), _files_of(self._folder))
        except FileNotFoundError:
            self._built = None
        return self._built


def _files_of(folder: Path) -> dict[str, Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    named.pop(_INDEX, None)
    return named


def _document(built: _Built) -> Response:
    nonce = secrets.token_urlsafe(16)
    place = _NONCE_PLACE.replace('content=""', f'content="{nonce}"')
    headers = {"Content-Security-Policy": _POLICY.format(nonce=nonce), "Cache-Control": "no-store"}
    return HTMLResponse(built.document.replace(_NONCE_PLACE, place), headers=headers)


def _file(request: Request, built: _Built, path: str) -> Response:
    """Return a file, compressed where the build made it so and the browser takes it."""
    kind = _TYPES.get(Path(path).suffix, "application/octet-stream")
    headers = {"Cache-Control": _FOR_EVER if path.startswith(_HASHED) else "no-cache"}
    made = {coding: f"{path}.{end}" for coding, end in _CODINGS if f"{path}.{end}" in built.files}
    if made:
        headers["Vary"] = "Accept-Encoding"
        readable = taken(request)
        for coding, compressed in made.items():
            if coding in readable:
                headers["Content-Encoding"] = coding
                return Response(built.bytes_of(compressed), media_type=kind, headers=headers)
    return Response(built.bytes_of(path), media_type=kind, headers=headers)
