"""The built page is served whole, safely and compressed; an unbuilt one says what to do."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client, Response

from tests.orchestrator.api_site import Site

SCRIPT = b"console.log('a page');\n" * 100
INDEX = '<!doctype html><meta name="csp-nonce" content="" /><script src="/assets/a-1.js"></script>'
BROTLI = b"as the build's Brotli wrote it"
LIKE_A_BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


def build(folder: Path) -> None:
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "a-1.js").write_bytes(SCRIPT)
    (folder / "assets" / "a-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "c-3.js").write_bytes(SCRIPT)
    (folder / "assets" / "c-3.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "c-3.js.br").write_bytes(BROTLI)
    (folder / "assets" / "sans.woff2").write_bytes(b"wOF2")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "index.html").write_text(INDEX)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of the whole application, with a page that is built."""
    folder = tmp_path_factory.mktemp("page")
    build(folder / "static")
    (folder / "secret.txt").write_text("not for the web")
    site = Site(folder, folder / "static")
    yield site.client
    site.close()


def policy_of(answered: Response) -> dict[str, set[str]]:
    rules = answered.headers["content-security-policy"].split(";")
    return {rule.split()[0]: set(rule.split()[1:]) for rule in rules}


@pytest.mark.parametrize(
    "path", ["/", "/chains", "/chains/c-1.2/runs/r-1", "/nothing", "/apiary", "/chains/%2e%2e"]
)
def test_every_address_of_the_page_is_its_one_document(client: Client, path: str) -> None:
    answered = client.get(path)
    assert (answered.status_code, answered.headers["cache-control"]) == (200, "no-store")
    assert answered.headers["content-type"].startswith("text/html")
    assert "/assets/a-1.js" in answered.text


def test_the_policy_lets_in_nothing_but_our_own_files(client: Client) -> None:
    answered = client.get("/")
    found = re.search(r'<meta name="csp-nonce" content="([\w-]{16,})" />', answered.text)
    assert found is not None
    assert policy_of(answered) == {
        "default-src": {"'none'"},
        "script-src": {"'self'"},
        "style-src": {"'self'", f"'nonce-{found[1]}'"},
        "img-src": {"'self'", "data:"},
        "font-src": {"'self'"},
        "connect-src": {"'self'"},
        "form-action": {"'self'"},
        "frame-ancestors": {"'none'"},
        "base-uri": {"'none'"},
    }
    assert found[1] not in client.get("/").text, "a nonce is for one answer"
    assert answered.headers["x-content-type-options"] == "nosniff"


def test_the_api_keeps_its_own_answers(client: Client) -> None:
    for path in ("/api", "/api/", "/api/v2/chains", "/api/v1/nothing"):
        answered = client.get(path)
        assert (answered.status_code, answered.json()["code"]) == (404, "NOT_FOUND"), path
        assert policy_of(answered)["default-src"] == {"'none'"}
        assert "script-src" not in policy_of(answered)
    assert client.put("/api/v1/tokens").status_code == 405
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.post("/healthz").status_code == 405
    assert client.post("/chains").status_code == 404
    assert client.get("/docs").text.count("<h1>SecretFlow orchestrator") == 1


def test_hashed_files_are_compressed_and_kept_for_ever(client: Client) -> None:
    answered = client.get("/assets/a-1.js", headers=LIKE_A_BROWSER)
    assert answered.content == SCRIPT
    assert answered.headers["content-encoding"] == "gzip"
    assert answered.headers["vary"] == "Accept-Encoding"
    assert answered.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answered.headers["content-type"].startswith("text/javascript")
    font = client.get("/assets/sans.woff2", headers=LIKE_A_BROWSER)
    assert (font.headers["content-type"], font.content) == ("font/woff2", b"wOF2")
    assert "content-encoding" not in font.headers
    icon = client.get("/favicon.svg")
    assert (icon.headers["content-type"], icon.headers["cache-control"]) == (
        "image/svg+xml", "no-cache",
    )  # fmt: skip


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_who_takes_no_gzip_gets_the_file_itself(client: Client, accepted: str) -> None:
    answered = client.get("/assets/a-1.js", headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answered.headers
    assert answered.content == SCRIPT


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"), ("BR;q=0.1, gzip", "br"), ("br;q=0, gzip", "gzip"),
        ("gzip, deflate", "gzip"), ("*", "gzip"), ("zstd", None), ("", None),
    ],
)  # fmt: skip
def test_the_smallest_that_a_browser_takes_is_sent(
    client: Client, accepted: str, coding: str | None
) -> None:
    asked = client.stream("GET", "/assets/c-3.js", headers={"Accept-Encoding": accepted})
    with asked as answered:
        sent = b"".join(answered.iter_raw())
    assert answered.headers.get("content-encoding") == coding
    assert answered.headers["vary"] == "Accept-Encoding"
    made = {"br": BROTLI, "gzip": gzip.compress(SCRIPT), None: SCRIPT}
    assert len(sent) == len(made[coding])


def test_a_file_of_an_older_build_is_not_there(client: Client) -> None:
    answered = client.get("/assets/old-0.js")
    assert (answered.status_code, answered.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "path",
    [
        "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
        "/..%5csecret.txt", "//secret.txt", "/%00", "/assets/a-1.js%00.css",
    ],
)  # fmt: skip
def test_no_path_leaves_the_folder(client: Client, path: str) -> None:
    answered = client.get(path)
    assert answered.status_code in {200, 404}
    assert "not for the web" not in answered.text


def test_asking_for_the_head_only(client: Client) -> None:
    answered = client.head("/chains")
    assert (answered.status_code, answered.content) == (200, b"")


def test_an_unbuilt_page_says_what_to_do_and_a_new_build_is_seen(tmp_path: Path) -> None:
    site = Site(tmp_path, tmp_path / "static")
    try:
        answered = site.client.get("/chains")
        assert answered.status_code == 503
        assert answered.text.count("make ui") == 2
        assert "网页尚未构建" in answered.text
        build(tmp_path / "static")
        assert site.client.get("/chains").status_code == 200
        index = tmp_path / "static" / "index.html"
        (tmp_path / "static" / "assets" / "b-2.js").write_text("b")
        index.write_text(INDEX.replace("a-1", "b-2"))
        os.utime(index, ns=(1, 1))
        assert "b-2" in site.client.get("/").text
        assert site.client.get("/assets/b-2.js").text == "b"
    finally:
        site.close()
