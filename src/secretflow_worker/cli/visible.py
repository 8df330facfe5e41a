"""What others wrote, as it may stand on a terminal.

A name, an error or a line of a log may come from anybody who may make a chain, or from a peer. A
terminal would obey what is in it: clear itself, write to the clipboard, turn the line around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_JOINERS = "\u200c\u200d"
"""Parts of words in some scripts, and of emoji."""


def visible(text: str, besides: str = "") -> str:
    """Return a text with an escape for each sign that is not seen, but for those in `besides`."""
    if text.isprintable():
        return text
    kept = _JOINERS + besides
    return "".join(sign if sign.isprintable() or sign in kept else _escaped(sign) for sign in text)


def open_console(**options: Any) -> Console:
    """Return a console that shows every text by ``visible``; lines may still be broken."""
    from rich.console import Console
    from rich.text import Text

    class Screen(Console):
        def render_str(self, text: str, **more: Any) -> Text:
            return super().render_str(visible(text, "\n"), **more)

    return Screen(**options)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
