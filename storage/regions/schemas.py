"""JSON Schemas of the files of a region, by which an editor completes keys and underlines what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from storage.regions import models

#: Each file that is read, and its shape.
SHAPES: Mapping[str, type[BaseModel]] = {
    "answers.yaml": models.AnswerFile,
    "areas.yaml": models.AreaFile,
    "bodies.yaml": models.BodyFile,
    "calendar.yaml": models.CalendarFile,
    "conduct.yaml": models.ConductFile,
    "deadlines.yaml": models.PolicyFile,
    "emergency.yaml": models.EmergencyFile,
    "greetings.yaml": models.GreetingFile,
    "groups.yaml": models.GroupFile,
    "holidays.yaml": models.HolidayFile,
    "ladder.yaml": models.LadderFile,
    "matters.yaml": models.MatterFile,
    "offices.yaml": models.UnitFile,
    "pages.yaml": models.PageFile,
    "places.yaml": models.PlaceFile,
    "referrals.yaml": models.ReferralFile,
    "region.yaml": models.RegionFile,
    "replies.yaml": models.ReplyFile,
    "services.yaml": models.ServiceFile,
    "slang.yaml": models.SlangFile,
    "speech.yaml": models.SpeechFile,
    "unit_kinds.yaml": models.UnitKindFile,
    "units.yaml": models.UnitFile,
    "words.yaml": models.SlangFile,
}


def schema_files() -> dict[str, str]:
    """Name -> text of each schema: `units.json` is that of units.yaml."""
    return {name.replace(".yaml", ".json"): _schema(name, shape) for name, shape in SHAPES.items()}


def _schema(name: str, shape: type[BaseModel]) -> str:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", **shape.model_json_schema(), "title": name}
    return json.dumps(_strict(schema), indent=1, sort_keys=True) + "\n"


def _strict(schema: Any) -> Any:
    """Where keys have a pattern, no other key is right: pydantic refuses them and forgets to say so."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _strict(value) for key, value in schema.items()}
    return {**found, "additionalProperties": False} if "patternProperties" in found else found
