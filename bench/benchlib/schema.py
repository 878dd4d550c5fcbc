# SPDX-License-Identifier: GPL-2.0-only
"""Checks results against bench/schema.json, with the part of JSON Schema
that it makes use of."""

import json
import os
import re

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool,
    "number": (int, float), "integer": int, "null": type(None),
}

KNOWN = {"$comment", "$schema", "$defs", "$ref", "title", "description",
         "type", "enum", "const", "required", "properties",
         "additionalProperties", "items", "minItems", "minimum", "pattern"}


class Invalid(Exception):
    """The text says what is wrong, and where."""


def load():
    path = os.path.join(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))), "schema.json")
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def is_type(value, name):
    # In Python True is an int, in JSON it is not.
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def check(value, schema, root=None, where="result"):
    root = root or schema
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    unknown = set(schema) - KNOWN
    if unknown:
        raise Invalid("the schema of %s uses %s" % (where, sorted(unknown)))

    if "type" in schema:
        types = schema["type"]
        types = types if isinstance(types, list) else [types]
        if not any(is_type(value, t) for t in types):
            raise Invalid("%s is not of type %s" % (where, " or ".join(types)))
    if "const" in schema and value != schema["const"]:
        raise Invalid("%s is not %r" % (where, schema["const"]))
    if "enum" in schema and value not in schema["enum"]:
        raise Invalid("%s is %r, none of %s" % (where, value, schema["enum"]))
    if "minimum" in schema and value is not None and value < schema["minimum"]:
        raise Invalid("%s is %r, less than %r" % (where, value,
                                                  schema["minimum"]))
    if "pattern" in schema and isinstance(value, str):
        check_pattern(value, schema["pattern"], where)
    if isinstance(value, dict):
        check_object(value, schema, root, where)
    if isinstance(value, list):
        check_array(value, schema, root, where)


def check_pattern(value, pattern, where):
    if not re.search(pattern, value):
        raise Invalid("%s is %r, which does not match %s" % (where, value,
                                                             pattern))


def check_object(value, schema, root, where):
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            raise Invalid("%s has no '%s'" % (where, name))
    for name, item in value.items():
        if name in properties:
            check(item, properties[name], root, "%s.%s" % (where, name))
        elif schema.get("additionalProperties", True) is False:
            raise Invalid("%s has an unknown '%s'" % (where, name))


def check_array(value, schema, root, where):
    if len(value) < schema.get("minItems", 0):
        raise Invalid("%s has only %d items" % (where, len(value)))
    for i, item in enumerate(value):
        check(item, schema.get("items", {}), root, "%s[%d]" % (where, i))
