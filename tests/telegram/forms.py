"""A call as the libraries write it: urlencoded, multipart with files, or JSON; the method's parameters come out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.telegram.errors import bad

_DISPOSITION = re.compile(rb'(\w+)="((?:[^"\\]|\\.)*)"')
_TRUE = {"true", "1", "yes"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime: str
    data: bytes


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
    kind, _, rest = content_type.partition(";")
    if kind == "multipart/form-data":
        _read_parts(call, body, rest.partition("boundary=")[2].strip().strip('"').encode())
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


def _read_parts(call: Call, body: bytes, boundary: bytes) -> None:
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, found, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found:
            continue  # the end
        said = dict(_DISPOSITION.findall(head))
        name = said[b"name"].decode()
        if b"filename" in said or b"filename*" in head:
            call.uploads[name] = Upload(said.get(b"filename", b"").decode(), _mime(head), data)
        else:
            call.params[name] = data.decode()


def _mime(head: bytes) -> str:
    found = re.search(rb"content-type:\s*([^\r\n;]+)", head, re.IGNORECASE)
    return found[1].decode() if found else "application/octet-stream"
