"""What handlers/ says about pages, read from its source: which pages it names, with which facts, and which choices."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_PAGE = re.compile(r"(citizen|officer|supervisor|shared)/[a-z_]+")
#: Functions that name a page by its last part, and what they add to the facts that they are given.
_SAY = {"citizen": "citizen", "staff": "officer"}
_WRAPPERS = {"tell_reporter": frozenset({"number", "unit"})}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Named:
    """The findings: pages by full name or by a pattern (`officer/ask_*`), facts where the source spells them out.

    `pushed`: the pages that go to somebody who did not just write, as far as the source spells them out.
    """

    pages: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    facts: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    pushed: set[str] = field(default_factory=set)
    choices: set[str] = field(default_factory=set)
    choice_patterns: set[str] = field(default_factory=set)


def scan(folder: Path) -> Named:
    """Read every module below `folder`."""
    modules = {path: ast.parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))}
    functions = {node.name: node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, Function)}
    named = Named()
    for path, tree in modules.items():
        reader = _SAY.get(path.parent.name, "")
        named.pages.update(text for text in _texts_of(tree) if _PAGE.fullmatch(text))
        for function in _functions_of(tree):
            for call in _calls_in(function):
                _Call(call, function, reader, functions).add_to(named)
    return named


def _texts_of(tree: ast.Module) -> Iterator[str]:
    """Every string of a module, without the pieces of its f-strings."""
    pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces:
            yield node.value


def _functions_of(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _calls_in(function: Function) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))


@dataclass(slots=True)
class _Call:
    call: ast.Call
    within: Function
    reader: str
    functions: dict[str, Function]

    def add_to(self, named: Named) -> None:
        assert isinstance(self.call.func, ast.Name)
        match self.call.func.id:
            case "say":
                self._add_say(named)
            case "Reply" if self.within.name != "say":
                self._add_page(named, 0)
            case "Letter":
                self._add_page(named, 1)
                named.pushed.update(self._names(1))
            case "Choice":
                self._add_choice(named)
            case wrapper if wrapper in _WRAPPERS:
                self._add_page(named, 3, _WRAPPERS[wrapper])
                named.pushed.update(self._names(3))

    def _argument(self, place: int, name: str) -> ast.expr | None:
        """An argument, by place or by name."""
        given = {keyword.arg: keyword.value for keyword in self.call.keywords}
        return self.call.args[place] if place < len(self.call.args) else given.get(name)

    def _add_say(self, named: Named) -> None:
        facts = frozenset(keyword.arg for keyword in self.call.keywords if keyword.arg)
        for last in _constants(self.call.args[1]):
            named.pages.add(f"{self.reader}/{last}")
            named.facts.append((f"{self.reader}/{last}", facts))

    def _add_page(self, named: Named, place: int, added: frozenset[str] = frozenset()) -> None:
        """The page stands at `place`, its facts behind it."""
        page, facts = self._page(place), self._argument(place + 1, "facts")
        if isinstance(page, ast.JoinedStr):
            named.patterns.add(_pattern(page))
        keys = self._keys(facts) if facts is not None else frozenset[str]()
        if keys is not None:
            named.facts += [(name, keys | added) for name in _constants(page)]

    def _page(self, place: int) -> ast.expr | None:
        """What is said to be the page, followed through a local name."""
        page = self._argument(place, "page")
        return _assigned(page.id, self.within) if isinstance(page, ast.Name) else page

    def _names(self, place: int) -> tuple[str, ...]:
        return _constants(self._page(place))

    def _add_choice(self, named: Named) -> None:
        code = self.call.args[0]
        if isinstance(code, ast.JoinedStr):
            named.choice_patterns.add(_pattern(code))
        named.choices.update(_constants(code))

    def _keys(self, facts: ast.expr | None) -> frozenset[str] | None:
        """The keys of a dictionary, followed through local names and functions that return one; None = not known."""
        match facts:
            case ast.Dict():
                parts = [self._keys_of_item(key, value) for key, value in zip(facts.keys, facts.values, strict=True)]
                return None if None in parts else frozenset[str]().union(*(part for part in parts if part))
            case ast.Name(id=name):
                return self._keys(_assigned(name, self.within))
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                found = self.functions[name]
                returned = [node.value for node in ast.walk(found) if isinstance(node, ast.Return)]
                return _Call(self.call, found, "", self.functions)._keys(returned[0]) if len(returned) == 1 else None
        return None

    def _keys_of_item(self, key: ast.expr | None, value: ast.expr) -> frozenset[str] | None:
        if key is None:
            return self._keys(value)
        return frozenset(_constants(key)) or None


def _assigned(name: str, function: Function) -> ast.expr | None:
    """What a local name was given, where that is said exactly once."""
    values = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
    ]
    return values[0] if len(values) == 1 else None


def _constants(node: ast.expr | None) -> tuple[str, ...]:
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.IfExp(body=body, orelse=orelse):
            return (*_constants(body), *_constants(orelse))
    return ()


def _pattern(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
