"""What others wrote is shown on a terminal, and does nothing to it."""

from __future__ import annotations

import io
from pathlib import Path

from rich.table import Table

from secretflow_worker.cli.visible import open_console, visible
from tests.cli.chains import chain, noop
from tests.cli.test_chain import Run, run, write

__all__ = ["run"]

HOSTILE = "a\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b2J\u202egnp.exe\rb"


def test_signs_that_are_not_seen_are_written_out() -> None:
    assert visible("日本 é 😀 \U0001f468\u200d\U0001f469") == "日本 é 😀 \U0001f468\u200d\U0001f469"
    assert visible("a\x1b[2J\u202eb\r\n") == r"a\x1b[2J\u202eb\r\n"
    assert visible("a\nb\t", "\n") == "a\nb\\t"


def test_a_console_writes_no_sign_of_others() -> None:
    written = io.StringIO()
    console = open_console(file=written, force_terminal=True, width=200)
    table = Table("name", title=HOSTILE)
    table.add_row(HOSTILE)
    console.print(table)
    console.print(f"[bold]{HOSTILE}[/bold]")
    assert "52;c" in written.getvalue()
    for sign in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\r"):
        assert sign not in written.getvalue()


def test_a_hostile_name_does_nothing_to_a_terminal(run: Run, tmp_path: Path) -> None:
    document = chain(noop("one"), name=HOSTILE)
    started = run("run", write(tmp_path, document), "--wait")
    assert started.returncode == 0, started.stderr
    for told in (run("ls"), run("show", started.stderr.split()[1])):
        assert "52;c" in told.stdout
        assert not any(sign in told.stdout for sign in "\x1b\x07\x9b\u202e")
