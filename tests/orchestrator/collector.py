"""A collector of traces as OpenTelemetry's exporter finds it: OTLP over HTTP, as JSON."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Collector:
    """Keeps every span that it is sent, and the bytes of each request."""

    spans: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        collector = self

        class _Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.path == "/v1/traces"
                collector.take(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Take)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        for of_resource in json.loads(body)["resourceSpans"]:
            attributes = of_resource["resource"]["attributes"]
            service = next(a for a in attributes if a["key"] == "service.name")
            for scope in of_resource["scopeSpans"]:
                for span in scope["spans"]:
                    span["service"] = service["value"]["stringValue"]
                    self.spans.append(span)

    def path_to(self, span: dict[str, Any]) -> list[str]:
        """Return the names of a span and of those above it, the topmost first."""
        above = {one["spanId"]: one for one in self.spans if one["traceId"] == span["traceId"]}
        names = [span["name"]]
        while (parent := above.get(span.get("parentSpanId", ""))) is not None:
            span = parent
            names.insert(0, span["name"])
        return names

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
