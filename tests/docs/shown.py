"""What a guide shows: its commands, one by one, and its code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = DOCS / "guides"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^(\w*)\$ +(.*)$")


@dataclass
class Command:
    """A command as somebody types it, at whose prompt, and what is shown as its output."""

    at: str
    text: str
    output: str = ""


def blocks(page: Path, language: str) -> list[str]:
    """Return what stands in a page's blocks of a language."""
    return [text for kind, text in _BLOCK.findall(page.read_text("utf-8")) if kind == language]


def commands(page: Path) -> list[Command]:
    """Return the commands of a page, in their order."""
    return [command for block in blocks(page, "console") for command in _commands(block)]


def _commands(block: str) -> list[Command]:
    found: list[Command] = []
    goes_on = False
    for line in block.splitlines():
        typed = None if goes_on else _PROMPT.match(line)
        if typed:
            found.append(Command(typed[1], typed[2]))
        elif goes_on:
            found[-1].text += f"\n{line}"
        else:
            found[-1].output += f"{line}\n"
        last = found[-1].text
        is_document = "<<END" in last and not last.endswith("\nEND")
        goes_on = is_document or last.endswith("\\")
    return found
