"""An endpoint in the words of OpenAPI, made from the endpoint itself."""

from __future__ import annotations

import inspect
import re
from typing import Any

from pydantic import BaseModel

from goldleaf.web.asked import Endpoint

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "code"],
            "properties": {
                name: {"type": "string"} for name in ("message", "code", "reason", "where", "found", "expected", "todo")
            },
        }
    },
}
_WRONG = {
    "400": "The request cannot be read",
    "401": "Nobody is signed in, or the secret is wrong",
    "403": "The role does not allow it, or the session's token is missing",
    "404": "There is no such thing, or not for the one who asks",
    "408": "The body did not come in time",
    "409": "It does not go with what is there by now",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "422": "What is wrong with the request",
    "429": "Too many wrong attempts; wait as long as Retry-After says",
    "503": "The disk is full, or another process is writing; nothing was changed",
}
_PART = re.compile(r"{(\w+)(?::path)?}")


def describe_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """What FastAPI is told of an endpoint, beside its path and its function."""
    summary, _, more = (inspect.getdoc(endpoint.handler) or "").partition("\n")
    extra: dict[str, Any] = {"parameters": _parameters(endpoint), "x-needs": endpoint.needs}
    if endpoint.body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(endpoint.body)}}}
    if endpoint.upload:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        extra["requestBody"] = {"required": True, "content": content}
    if endpoint.needs != "nobody":
        extra["security"] = [{"session": []}, {"token": []}]
    wrong = {
        int(status): {"description": words, "content": {"application/json": {"schema": _ERROR}}}
        for status, words in _WRONG.items()
    }
    tag = endpoint.handler.__module__.rpartition(".")[2]
    return {
        "summary": summary.rstrip("."),
        "description": more.strip() or f"For: {endpoint.needs}.",
        "operation_id": f"{tag}_{endpoint.handler.__name__}",
        "tags": [tag],
        "responses": wrong,
        "openapi_extra": extra,
        "response_model": None,
    }


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _PART.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        schema = _schema(endpoint.query)
        for name, about in schema.get("properties", {}).items():
            needed = name in schema.get("required", ())
            found.append({"name": name, "in": "query", "required": needed, "schema": _without_null(about)})
    return found


def _without_null(about: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out is not null."""
    options = [option for option in about.get("anyOf", ()) if option.get("type") != "null"]
    rest = {key: value for key, value in about.items() if key not in ("anyOf", "title", "default") or value is not None}
    return {**{k: v for k, v in rest.items() if k != "anyOf"}, **options[0]} if len(options) == 1 else rest


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema with its parts written where they are used."""
    schema = model.model_json_schema(by_alias=True)
    parts = schema.pop("$defs", {})

    def inline(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return inline(parts[node["$ref"].rpartition("/")[2]])
            return {key: inline(value) for key, value in node.items()}
        return [inline(item) for item in node] if isinstance(node, list) else node

    return inline(schema)
