"""A call as the libraries write it: urlencoded, multipart with files, or JSON; the method's parameters come out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.kit.platforms import Upload, read_parts
from tests.telegram.errors import bad

_TRUE = {"true", "1", "yes"}


@dataclass(slots=True)
class Call:
    """One request to one method."""

    method: str
    params: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.params.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        value = self.params.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f'can\'t parse parameter "{name}"') from None

    def flag(self, name: str) -> bool:
        return str(self.params.get(name, "")).lower() in _TRUE

    def json(self, name: str) -> Any:
        """A parameter that is an object or a list; None where it is not given."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None


def read_call(method: str, content_type: str, query: str, body: bytes) -> Call:
    call = Call(method, dict(parse_qsl(query, keep_blank_values=True)))
    kind = content_type.partition(";")[0]
    if kind == "multipart/form-data":
        fields, call.uploads = read_parts(body, content_type)
        call.params.update(fields)
    elif kind == "application/json":
        call.params.update(_read_json(body))
    elif kind == "application/x-www-form-urlencoded":
        call.params.update(parse_qsl(body.decode(), keep_blank_values=True))
    return call


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise bad("can't parse request JSON object") from None
    if not isinstance(found, dict):
        raise bad("object expected as the request body")
    return found
