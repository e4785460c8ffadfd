"""Writes docs/api.md, the reference of the HTTP API, from its OpenAPI description: `python docs/api.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reference import Undocumented, plain, table

from newsbot.web.api import make_api

PAGE = Path(__file__).parent / "api.md"
HEAD = """# HTTP API

*Made from the code by `docs/api.py`: what `/api/v1/openapi.json` says, for people.*

`newsbot serve` answers these questions, all of them with GET: [web.md](web.md) says how to run it, who may ask, and
what errors look like. Addresses begin with `/api/v1`. Instants are UTC, in ISO 8601; the fields are those of the
[database](database.md).
"""


def page() -> str:
    """The whole page."""
    made = make_api(None, None, None).openapi()  # type: ignore[arg-type] - nobody asks it
    schemas = made["components"]["schemas"]
    parts = [HEAD]
    tag = ""
    for path, methods in made["paths"].items():
        for method, said in methods.items():
            if said["tags"][0] != tag:
                tag = said["tags"][0]
                parts.append(f"## {tag.capitalize()}\n")
            if not said.get("description"):
                raise Undocumented(f"{method.upper()} {path}: has no description")
            parts.append(f"### `{path}`\n\n{said['description']}\n")
            rows = [_parameter(path, each, schemas) for each in said.get("parameters", [])]
            if rows:
                parts.append(table(("parameter", "takes", "default", ""), rows))
            parts.append(f"Answers with {_answer(said['responses']['200']['content'], schemas)}.\n")
    parts.append("## Answers\n")
    for name, schema in schemas.items():
        if fields := schema.get("properties"):
            parts.append(f"### {name}\n\n{table(('field', 'holds'), _held(fields, schemas))}")
    return "\n".join(parts)


def _parameter(path: str, each: Mapping[str, Any], schemas: Mapping[str, Any]) -> tuple[str, str, str, str]:
    if not each.get("description"):
        raise Undocumented(f"{path}: the parameter {each['name']} has no description")
    schema = each["schema"]
    default = schema.get("default")
    shown = "must be given" if each.get("required") else "" if default in (None, "", []) else f"`{default}`".lower()
    return f"`{each['name']}`", _takes(schema, schemas), shown, each["description"]


def _takes(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return _takes(next(each for each in schema["anyOf"] if each.get("type") != "null"), schemas)
    if "$ref" in schema:
        return " or ".join(f"`{value}`" for value in schemas[_name(schema)]["enum"])
    words = {"integer": "a whole number", "boolean": "`true` or `false`", "array": "may be given several times"}
    said = words.get(schema["type"], "a text")
    bounds = [f"{word} {plain(schema[key])}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema]
    return " ".join([said, *bounds])


def _held(fields: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, schema in fields.items():
        yield f"`{name}`", _kind(schema, schemas)


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What a field holds, in words; the names of other answers are links to them."""
    if "anyOf" in schema:
        return " or ".join(_kind(each, schemas) for each in schema["anyOf"])
    if "$ref" in schema:
        name = _name(schema)
        values = schemas[name].get("enum")
        return " or ".join(f"`{value}`" for value in values) if values else f"[{name}](#{name.lower()})"
    if schema.get("type") == "array":
        return f"a list: {_kind(schema['items'], schemas)}" if schema.get("items") else "a list"
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "null"}
    words |= {
        "object": "an object",
        "string": {"date-time": "an instant", "date": "a day"}.get(schema.get("format"), "a text"),
    }
    return words[schema["type"]]


def _answer(content: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    schema = next(iter(content.values())).get("schema", {})
    if "$ref" not in schema and schema.get("type") != "array":
        return "a text of several lines"
    return _kind(schema, schemas)


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
