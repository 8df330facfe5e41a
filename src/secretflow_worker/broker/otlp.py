"""Spans sent by OpenTelemetry's SDK over OTLP/HTTP. Imported only where traces are on."""

from __future__ import annotations

import threading

from secretflow_worker import __version__
from secretflow_worker.broker.telemetry import Place, Span
from secretflow_worker.contract.errors import ConfigError

try:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON
except ImportError as _missing:
    raise ConfigError(
        f"otlp_endpoint: the package {_missing.name} is not installed",
        hint="pip install 'secretflow_worker-...whl[telemetry]', or leave the setting out.",
    ) from None

_CLOSE_S = 3.0
_KINDS = {
    "internal": trace.SpanKind.INTERNAL,
    "server": trace.SpanKind.SERVER,
    "producer": trace.SpanKind.PRODUCER,
    "consumer": trace.SpanKind.CONSUMER,
}


class Otlp:
    """A provider of its own, not the process's: nobody else's spans come along."""

    is_on = True

    def __init__(self, endpoint: str, service: str, instance: str) -> None:
        self._places = _Given()
        resource = Resource(
            {
                "service.name": service,
                "service.version": __version__,
                "service.instance.id": instance,
            }
        )
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,  # who called has decided; see ``Place.read``
            resource=resource,
            id_generator=self._places,
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_attribute_length=200),
        )
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._processor = BatchSpanProcessor(exporter)
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("secretflow_worker", __version__)

    def tell(self, span: Span) -> None:
        """Queue a span; when the queue is full it is dropped."""
        around = trace.set_span_in_context(trace.INVALID_SPAN)
        if span.parent is not None:
            context = trace.SpanContext(
                int(span.parent.trace_id, 16),
                int(span.parent.span_id, 16),
                is_remote=True,
                trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
            )
            around = trace.set_span_in_context(trace.NonRecordingSpan(context))
        self._places.give(span.place)
        made = self._tracer.start_span(
            span.name,
            context=around,
            kind=_KINDS[span.kind],
            attributes=span.attributes,
            start_time=_nanoseconds(span.began_at),
        )
        if span.error is not None:
            made.set_status(trace.Status(trace.StatusCode.ERROR, span.error))
        made.end(_nanoseconds(max(span.began_at, span.ended_at)))

    def close(self) -> None:
        # It sends what is left first, and tries for long where nobody listens.
        ending = threading.Thread(target=self._provider.shutdown, name="sfw-spans", daemon=True)
        ending.start()
        ending.join(_CLOSE_S)


class _Given(IdGenerator):
    """Gives each span the ids that were worked out for it."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def give(self, place: Place) -> None:
        self._of_thread.place = place

    def generate_span_id(self) -> int:
        return int(self._of_thread.place.span_id, 16)

    def generate_trace_id(self) -> int:
        return int(self._of_thread.place.trace_id, 16)


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
