"""Which of our own sources a module is made of: its text, and that of all that it imports of ours.

Import statements are read, wherever in the module they stand. Packages above a module are not
part of it: that Python runs them first gives the module no name. A package that is itself
imported from counts with all that is in it, and a module that imports by a name which it computes
counts as made of everything.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

_COMPUTED = {"importlib", "__import__", "exec", "eval"}


class Sources:
    """The sources of some packages, as they were when they were read.

    `texts` are by module; `packages` are those of them that are an ``__init__``.
    """

    def __init__(self, texts: Mapping[str, bytes], packages: frozenset[str]) -> None:
        self.texts = texts
        self._packages = packages
        self._needs_of = cache(self._find_needs)

    @classmethod
    def read(cls, root: Path, layers: Sequence[str]) -> Sources:
        """Read the folders `layers` of the package in `root`."""
        texts, packages = {}, set()
        for layer in layers:
            for path in sorted((root / layer).rglob("*.py")):
                parts = (root.name, *path.relative_to(root).with_suffix("").parts)
                module = ".".join(parts)
                if path.name == "__init__.py":
                    module = ".".join(parts[:-1])
                    packages.add(module)
                texts[module] = path.read_bytes()
        return cls(texts, frozenset(packages))

    def made_of(self, module: str) -> frozenset[str]:
        """Return the modules that decide what a module's functions do, itself included."""
        found: set[str] = set()
        waiting = [module]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self._needs_of(one)
        return frozenset(found)

    def digest_of(self, module: str) -> str:
        """Return the digest of all sources that a module is made of."""
        whole = hashlib.sha256()
        for name in sorted(self.made_of(module)):
            whole.update(f"{name}\0".encode() + hashlib.sha256(self.texts[name]).digest())
        return whole.hexdigest()

    def _find_needs(self, module: str) -> frozenset[str]:
        tree = ast.parse(self.texts[module])
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        imported = set(self._imported(module, tree))
        if _COMPUTED & (names | {name.partition(".")[0] for name in imported}):
            return frozenset(self.texts)
        needs = set()
        for name in imported:
            if name in self.texts:
                needs.add(name)
            if name in self._packages:
                needs |= {each for each in self.texts if each.startswith(f"{name}.")}
        return frozenset(needs)

    def _imported(self, module: str, tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    depth = node.level - (module in self._packages)
                    above = module.split(".")[: len(module.split(".")) - depth]
                    base = ".".join([*above, *([base] if base else [])])
                for alias in node.names:
                    inner = f"{base}.{alias.name}"
                    yield inner if inner in self.texts else base
