"""``sfw report``: figures on the terminal, and a page that carries all that it needs."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.main import app
from tests.conftest import RunTask

HOSTILE = "</script><script>alert(1)</script>&<!--"


class Parts(HTMLParser):
    """What a browser would make of a page: its elements, and the text of each script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: dict[str, str] = {}
        self._script: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._script = (
            (dict(attrs).get("id") or f"{len(self.scripts)}") if tag == "script" else None
        )

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._script = None


@pytest.fixture
def report(run_task: RunTask, tmp_path: Path) -> Path:
    rows = [f"{number % 2},{0.1 + 0.07 * (number % 11)}" for number in range(40)]
    (tmp_path / "p.csv").write_text("\n".join(["y,pred", *rows]) + "\n")
    path = tmp_path / "report.json"
    run_task(
        {
            "task_type": "biclassification_eval",
            "prediction_data": {"alice": str(tmp_path / "p.csv")},
            "label_column": "y",
            "prediction_column": "pred",
            "output_report": str(path),
        }
    )
    return path


def sfw(*arguments: object) -> str:
    outcome = CliRunner().invoke(app, ["report", *map(str, arguments)], catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def change(report: Path, **fields: Any) -> Path:
    document = json.loads(report.read_text()) | fields
    report.write_text(json.dumps(document))
    return report


@pytest.mark.parametrize(("language", "word"), [("en", "accuracy"), ("zh", "准确率")])
def test_the_terminal_shows_figures_in_both_languages(
    report: Path, language: str, word: str
) -> None:
    shown = sfw(report, "--lang", language)
    auc = json.loads(report.read_text())["metrics"]["auc"]
    assert f"{auc:.4g}"[:5] in shown
    assert word in shown


def test_the_page_holds_every_chart_and_asks_no_host(report: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert "9 charts" in sfw(report, "--html", page)
    parts = Parts(page.read_text(encoding="utf-8"))
    shown = json.loads(parts.scripts["report"])
    written = json.loads(report.read_text())
    assert [chart["id"] for chart in shown["charts"]] == [c["id"] for c in written["charts"]]
    assert shown["charts"][0]["series"] == written["charts"][0]["series"]
    assert [headline["value"] for headline in shown["headlines"]] == [
        headline["value"] for headline in written["headlines"]
    ]
    assert any("single predicted values" in line for line in shown["learns"])
    asked = [at for at in parts.attributes if at[1] in {"src", "href", "action", "srcset"}]
    assert asked == []
    contents = [value or "" for _, name, value in parts.attributes if name == "content"]
    policy = next(content for content in contents if "default-src" in content)
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_a_text_of_the_file_stays_text(report: Path) -> None:
    written = json.loads(report.read_text())
    written["charts"][0]["title"]["en"] = HOSTILE
    written["headlines"][0]["name"]["zh"] = HOSTILE
    page = sfw(
        change(report, charts=written["charts"], headlines=written["headlines"]), "--html", "-"
    )
    assert HOSTILE not in page
    parts = Parts(page)
    assert json.loads(parts.scripts["report"])["charts"][0]["title"]["en"] == HOSTILE
    assert len(re.findall("<script", page)) == len(parts.scripts) == 3


def test_a_report_of_a_type_that_is_not_installed_is_drawn_too(report: Path) -> None:
    page = sfw(change(report, task_type="of_a_plugin", task_version=7), "--html", "-")
    shown = json.loads(Parts(page).scripts["report"])
    assert shown["title"]["en"] == "of_a_plugin"
    assert len(shown["charts"]) == 9
    assert shown["learns"] == []


def test_a_page_that_is_there_is_kept_unless_told_otherwise(report: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    with pytest.raises(CommandError, match="is there already"):
        sfw(report, "--html", page)
    assert page.read_text() == "mine"
    sfw(report, "--html", page, "--force")
    assert page.read_text().startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "page.html", "report.json"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "task_type"),
        ('{"task_type": "psi", "task_version": 1, "charts": [{"kind": "pie"}]}', "at 0"),
        ('{"task_type": "psi", "task_version": 1, "headlines": [{}]}', "at 0"),
    ],
)
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(CommandError, match=why):
        sfw(tmp_path / "x.json")


def test_an_unknown_language_is_refused(report: Path) -> None:
    with pytest.raises(CommandError, match="--lang"):
        sfw(report, "--lang", "fr")
