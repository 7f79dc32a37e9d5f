"""YAML read so that every value remembers its line.

Stricter than YAML: a plain scalar is an integer, true, false or null, and text in every other case (`16:00` is no
sexagesimal number, `no` is a word, `12.72` is a code); a key is always text; no key twice, no aliases, no tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from storage.regions.faults import Fault, RegionFaults

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml: the same nodes, only slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

#: Where a value stands in its document: keys and indices from the top.
Place = tuple[str | int, ...]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_YAML_TAGS = "tag:yaml.org,2002:"


#: What most often is behind a message of the YAML reader.
_HINTS = {
    "tab": "lines are moved in with blanks",
    "cannot start any token": "a text that begins with a sign needs quotes",
    "mapping values": "too many blanks before the key, or a text with a colon that needs quotes",
    "could not find expected ':'": "a colon is missing, here or in the line above",
    "did not find expected ','": "a bracket, brace or comma is missing, here or in the line above",
    "did not find expected key": "too many or too few blanks at the beginning of the line",
    "block": "too many or too few blanks at the beginning of the line",
}


@dataclass(frozen=True)
class Document:
    """One file: what it says, and at which line each part says it."""

    label: str
    data: object
    lines: Mapping[Place, int]

    def line(self, *place: str | int) -> int:
        """The line of `place`, or of the nearest thing around it that is written."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, message: str, *place: str | int) -> Fault:
        return Fault(self.label, self.line(*place), message)


@dataclass
class _Reading:
    """One pass over the nodes of a document."""

    label: str
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def value(self, node: yaml.Node, place: Place) -> object:
        self.lines.setdefault(place, _line(node))
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if not self._is_new(node):
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        return [self.value(item, (*place, index)) for index, item in enumerate(node.value)]

    def _is_new(self, node: yaml.Node) -> bool:
        """A node met twice was written with an alias, which may also contain itself."""
        if id(node) in self.seen or not node.tag.startswith(_YAML_TAGS):
            self.faults.append(Fault(self.label, _line(node), "anchors with aliases, and tags, are not used here"))
            return False
        self.seen.add(id(node))
        return True

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            name = str(key.value)
            here = (*place, name)
            if name in found:
                self.faults.append(Fault(self.label, _line(key), _twice(name, self.lines[here])))
                continue
            self.lines[here] = _line(key)
            found[name] = self.value(value, here)
        return found


def read(path: Path, label: str) -> Document:
    """Read one file; RegionFaults if it is missing, is not YAML, or writes a key twice."""
    node = _compose(path, label)
    reading = _Reading(label)
    data = reading.value(node, ())
    if reading.faults:
        raise RegionFaults(reading.faults)
    return Document(label, data, reading.lines)


def _compose(path: Path, label: str) -> yaml.Node:
    compose: Callable[..., yaml.Node | None] = yaml.compose
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        node = compose(text, Loader=_Loader)
    except FileNotFoundError:
        raise RegionFaults([Fault(label, 1, "this file is missing")]) from None
    except OSError as error:
        raise RegionFaults([Fault(label, 1, f"this file cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise RegionFaults([Fault(label, 1, "this file is not UTF-8 text")]) from None
    except yaml.YAMLError as error:
        raise RegionFaults([_syntax(label, text, error)]) from None
    if node is None:
        raise RegionFaults([Fault(label, 1, "this file is empty")])
    return node


def _syntax(label: str, text: str, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    if mark and "cannot start any token" in problem and "\t" in text.splitlines()[mark.line]:
        problem = "this line has a tab"
    hint = next((f" ({hint})" for words, hint in _HINTS.items() if words in problem), "")
    return Fault(label, mark.line + 1 if mark else 1, f"not valid YAML: {problem}{hint}")


def _scalar(node: yaml.ScalarNode) -> object:
    if node.style not in (None, ""):  # quoted or a block: text, whatever it looks like
        return node.value
    if node.value in _WORDS:
        return _WORDS[node.value]
    return int(node.value) if _INTEGER.fullmatch(node.value) else node.value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _twice(name: str, first: int) -> str:
    return f"`{name}` is written twice (first in line {first})"
