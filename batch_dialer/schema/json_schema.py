"""The format of schema files as a JSON Schema, with which editors complete and check a file while it is written.

It is made from the keys of `parse.py` and the enums of `schema.py`. It accepts every file that `parse_schema` accepts,
and some that `parse_schema` refuses.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime

from batch_dialer.schema.parse import KEYS
from batch_dialer.schema.parse_hours import DAYS, HOURS_KEYS
from batch_dialer.schema.parse_skip import CONDITIONS, SKIP_KEYS
from batch_dialer.schema.schema import ID_FORM, Place, Type, Unmapped

Node = dict[str, object]

TABLES: Mapping[Place, str] = {
    Place.TO: "the number to call; the only table that must be there",
    Place.ID: "what names a row, however the sheet is sorted or edited; no two rows may have the same",
    Place.PAYLOAD: "the prompt variable NAME",
    Place.CONTEXT: "kept with the call, not spoken",
    Place.DELAY: "how long the API waits before it dials, 0 to 3600; refused where a campaign calls",
    Place.TESTING: "whether the call is a test",
    Place.EXPIRES: "a date, or a date and time, after which the row is not dialed; a day alone lasts until its end",
    Place.ZONE: "the hours in which a phone may ring, by the clock where it is; without it, 08:00 to 21:00 every day",
}
"""Every table of the file, with the sentence that the README and the JSON Schema show."""

_TOP_SENTENCES = {
    "agent_id": "the agent that calls; the option --agent beats it",
    "campaign_id": "the campaign that calls, instead of an agent; the option --campaign beats it",
    "unmapped": "what becomes of columns that no table names",
}
LISTS: Mapping[str, str] = {
    "skip": "rows that are not dialed: `skipped` as `EXCLUDED`",
    "keep": "the headers of columns that the results show, too",
}
"""The lists of the file, with their sentences."""

_JSON_TYPES: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    date: "string",  # JSON has no dates: editors turn TOML's into text before they check
    datetime: "string",
}
_EXTRA_KEYWORDS: Mapping[str, Node] = {
    "type": {"enum": [kind.value for kind in Type]},
    "region": {"pattern": "^[A-Z]{2}$"},
}
_TIME_OF_DAY = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
_SKIP_KEYWORDS: Mapping[type, Node] = {str: {}, list: {"minItems": 1}, bool: {"const": True}}


def json_schema() -> str:
    """Return the text of the JSON Schema, as it is shipped and as `schema json` prints it."""
    ids: Node = {"type": "string", "pattern": ID_FORM}
    unmapped: Node = {"enum": [word.value for word in Unmapped], "default": Unmapped.ERROR.value}
    top = {"agent_id": ids, "campaign_id": ids, "unmapped": unmapped}
    properties: Node = {name: {"description": _TOP_SENTENCES[name], **node} for name, node in top.items()}
    properties |= {place.value: _table_node(place) for place in TABLES}
    properties |= {"skip": _skip_node(), "keep": _keep_node()}
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Schema file of batch_dialer",
        "description": "What the columns of a sheet mean, and which values are good",
        "type": "object",
        "properties": properties,
        "required": [Place.TO.value],
        "additionalProperties": False,
        "definitions": {"field": _field_node()},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _table_node(place: Place) -> Node:
    if place is Place.ZONE:
        return _hours_node()
    one: Node = {"allOf": [{"$ref": "#/definitions/field"}]}
    if place is not Place.TO:
        one["properties"] = {"column": {"type": "string"}, "region_column": False}
    else:
        one["required"] = ["column"]
    if place in {Place.PAYLOAD, Place.CONTEXT}:
        sentence = f"[{place.value}.NAME]: {TABLES[place]}"
        return {"description": sentence, "type": "object", "additionalProperties": {"description": sentence, **one}}
    return {"description": f"[{place.value}]: {TABLES[place]}", **one}


def _hours_node() -> Node:
    keywords: Mapping[str, Node] = {
        "from": {"pattern": _TIME_OF_DAY},
        "to": {"pattern": _TIME_OF_DAY},
        "days": {"minItems": 1, "items": {"enum": list(DAYS)}},
    }
    return {
        "description": f"[{Place.ZONE.value}]: {TABLES[Place.ZONE]}",
        "type": "object",
        "properties": {
            key: {"description": sentence, "type": _JSON_TYPES[kind], **keywords.get(key, {})}
            for key, (kind, sentence) in HOURS_KEYS.items()
        },
        "additionalProperties": False,
    }


def _skip_node() -> Node:
    rule: Node = {
        "type": "object",
        "properties": {
            key: {"description": sentence, "type": _JSON_TYPES[kind], **_SKIP_KEYWORDS[kind]}
            for key, (kind, sentence) in SKIP_KEYS.items()
        },
        "required": ["column"],
        "oneOf": [{"required": [key]} for key in CONDITIONS],
        "additionalProperties": False,
    }
    return {"description": f"[[skip]]: {LISTS['skip']}", "type": "array", "items": rule}


def _keep_node() -> Node:
    return {"description": LISTS["keep"], "type": "array", "items": {"type": "string"}}


def _field_node() -> Node:
    return {
        "type": "object",
        "properties": {key: _key_node(key) for key in KEYS},
        "oneOf": [{"required": ["column"]}, {"required": ["value"]}],
        "additionalProperties": False,
    }


def _key_node(key: str) -> Node:
    types, sentence = KEYS[key]
    kinds = list(dict.fromkeys(_JSON_TYPES[kind] for kind in types))
    return {"description": sentence, "type": kinds[0] if len(kinds) == 1 else kinds, **_EXTRA_KEYWORDS.get(key, {})}
