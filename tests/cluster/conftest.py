"""Three sites for all tests that leave them whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.sites import Sites, open_sites


@pytest.fixture(scope="package")
def sites(tmp_path_factory: pytest.TempPathFactory, kept_programs: Path) -> Iterator[Sites]:
    """Alice's, bob's and carol's; leave them running and idle."""
    folder = tmp_path_factory.mktemp("cluster")
    with open_sites(
        folder,
        ("alice", "bob", "carol"),
        allow_semi2k_dealer=True,
        programs_dir=kept_programs,
    ) as sites:
        yield sites
        for site in sites.by_party.values():
            assert site.worker.terminate() == 0, site.worker.log()
            assert not list((site.state / "journal").iterdir()), "the journal is not empty"
            assert not list((site.state / "runs").iterdir()), "an attempt left its folder"
