"""The OpenAPI document is the truth: schemathesis sends what it allows, and what it does not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.orchestrator.api_site import V1, Site
from tests.orchestrator.test_api_access import LEAST
from tests.orchestrator.test_api_chains import CHAIN, create

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_EXAMPLES = 6
_UNLISTED = {"GET /chains", "POST /chains"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("schema"))
    yield site
    site.close()


@pytest.fixture(scope="module")
def chain_id(site: Site) -> str:
    # The first condition makes celpy raise the recursion limit, which Hypothesis must not see.
    return create(site, tasks=[{**CHAIN["tasks"][0], "when": "true"}])


@pytest.fixture(scope="module")
def api(site: Site) -> BaseSchema:
    schema = schemathesis.openapi.from_dict(site.app.openapi())
    schema.config.update(base_url=site.url)
    return schema


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("call", sorted(set(LEAST) - _UNLISTED))
def test_a_call_answers_as_documented(
    site: Site, api: BaseSchema, chain_id: str, call: str, mode: GenerationMode
) -> None:
    method, _, path = call.partition(" ")
    operation = api[V1 + path][method]
    headers = {"Authorization": f"Bearer {site.tokens['ann']}"}

    @given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans())
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case[Any], is_there: bool) -> None:
        if is_there and "chain_id" in (case.path_parameters or {}):
            case.path_parameters["chain_id"] = chain_id
        if path.endswith("/events"):  # it would not end
            case.query = {**(case.query or {}), "follow": "false"}
        case.call_and_validate(headers=headers, checks=_CHECKS, timeout=60)

    with contextlib.suppress(Unsatisfiable):  # a call without parameters cannot be called wrongly
        send()
