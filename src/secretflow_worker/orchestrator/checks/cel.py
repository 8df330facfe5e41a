"""CEL's words and the parts of a parsed condition, as celpy has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lark import Token, Tree

Node = Tree[Token]

_PLAIN_TEXT = re.compile(r"""(?!'''|\"\"\")(['"])([^\\]*)\1""", re.S)
LITERALS = {
    "INT_LIT": "int", "UINT_LIT": "uint", "FLOAT_LIT": "double", "BOOL_LIT": "bool",
    "NULL_LIT": "null", "STRING_LIT": "text", "MLSTRING_LIT": "text", "BYTES_LIT": "bytes",
}  # fmt: skip
SIZED = ("text", "bytes", "list", "map")
GIVES = {
    "size": "int", "int": "int", "uint": "uint", "double": "double", "string": "text",
    "bytes": "bytes", "bool": "bool", "contains": "bool", "startsWith": "bool",
    "endsWith": "bool", "matches": "bool", "type": "type", "timestamp": "time",
    "duration": "time", "list": "list", "map": "map", "null_type": "null",
    **dict.fromkeys(
        ("getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getMonth",
         "getHours", "getMilliseconds", "getMinutes", "getSeconds"), "int",
    ),
}  # fmt: skip
"""Every function that there is, and of what kind its value is."""
TAKES = {
    "size": (*SIZED, "null"),
    "startsWith": ("text", "bytes"),
    "endsWith": ("text", "bytes"),
    "matches": ("text", "bytes"),
}
OPERATORS = {
    "relation_lt": "<", "relation_le": "<=", "relation_gt": ">", "relation_ge": ">=",
    "relation_eq": "==", "relation_ne": "!=", "relation_in": "in", "addition_add": "+",
    "addition_sub": "-", "multiplication_mul": "*", "multiplication_div": "/",
    "multiplication_mod": "%",
}  # fmt: skip
_PASSED_THROUGH = {
    "expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary",
    "member", "primary", "paren_expr",
}  # fmt: skip


def tree_of(child: Node | Token) -> Node:
    """Return a child as what it is where the grammar has a rule; a stray word is read as a name."""
    return child if isinstance(child, Tree) else Tree("ident", [child])


def innermost(tree: Node) -> Node:
    """Return what stands inside of rules that add nothing, and of parentheses."""
    while len(tree.children) == 1 and tree.data in _PASSED_THROUGH:
        tree = tree_of(tree.children[0])
    return tree


def arguments_of(tree: Node, after: int) -> list[Node]:
    """Return the arguments of a call, which stand `after` so many other children."""
    listed = [tree_of(child) for child in tree.children[after:]]
    return [tree_of(child) for each in listed for child in each.children]


def literal_in(tree: Node) -> Token | None:
    """Return the literal that an expression is, if it is one."""
    found = innermost(tree)
    token = found.children[0] if found.data == "literal" else None
    return token if isinstance(token, Token) else None


def plain_text(token: Node | Token | None) -> str | None:
    """Return the text of a literal without escapes; None for anything else."""
    match = _PLAIN_TEXT.fullmatch(token) if isinstance(token, Token) else None
    return None if match is None else match[2]


def is_tasks(tree: Node, hidden_by: Mapping[str, object]) -> bool:
    """Say whether an expression is the variable ``tasks``."""
    found = innermost(tree)
    if found.data not in ("ident", "dot_ident") or str(found.children[0]) != "tasks":
        return False
    return found.data == "dot_ident" or "tasks" not in hidden_by


def text_of(tree: Node) -> str:
    """Return an expression as it may stand in a fault: a path as written, the rest left out."""
    found = innermost(tree)
    match str(found.data):
        case "member_dot":
            return f"{text_of(tree_of(found.children[0]))}.{found.children[1]}"
        case "member_index":
            inside = text_of(tree_of(found.children[1]))
            return f"{text_of(tree_of(found.children[0]))}[{inside}]"
        case "ident" | "dot_ident" | "literal":
            return str(found.children[0])
    return "..."
