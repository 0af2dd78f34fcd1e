"""The service's contract as OpenAPI says it: what each path takes, and all that it may answer."""

from __future__ import annotations

from latentia.app.answers import NOTES
from latentia.app.asking import name_of_rows
from latentia.app.bodies import IMAGES, JSON, NPY
from latentia.app.endpoint import DEADLINE, SHORTEST, Endpoint
from latentia.app.limits import Limits
from latentia.app.problems import MEDIA_TYPE
from latentia.app.spec import Spec
from latentia.data import Schema

__all__ = ["operation_extra", "problems", "responses"]

_PROBLEM: Spec = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong."},
        "where": {"type": "string", "description": "Which header, option, row or column."},
        "how": {"type": "string", "description": "How to mend it."},
    },
}
_MEANINGS = {
    400: "The body cannot be read.",
    401: "The token is missing, or another.",
    403: "A page of another site asks.",
    406: "There is no answer of the type that is accepted.",
    408: "The body did not come in time.",
    409: "The model cannot do this.",
    413: "The body is too large.",
    415: "Nobody here reads such a body.",
    421: "The service does not go by that name.",
    422: "Something that was asked for cannot be.",
    429: "There is no room; `Retry-After` says when to come again.",
    500: "The service failed; its log says why.",
    503: "The service is stopping, or has no memory for this.",
    504: "The deadline passed.",
}
_NOTES: Spec = {
    "type": "array",
    "items": {"type": "string"},
    "description": "What was done to the examples, and what is to be known of the numbers.",
}
_IN_QUERY = "Of a body that is no JSON, or of none; a JSON body holds it itself."
_RANGES = {"binary": (0, 1), "bytes": (0, 255), "unit": (0, 1), "real": (-1e38, 1e38)}


def problems(*statuses: int) -> dict[int | str, Spec]:
    """Return the responses that are problems; all of them if none is named."""
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
        }
        for status in (statuses or _MEANINGS)
    }


def responses(endpoint: Endpoint) -> dict[int | str, Spec]:
    """Return everything that an operation may answer."""
    found: Spec = {}
    for kind in endpoint.kinds:
        if kind == JSON:
            found[kind] = {"schema": _answer(endpoint)}
        elif kind == NPY:
            what = f"A .npy file. {endpoint.operation.array_is}"
            found[kind] = {"schema": {"type": "string", "format": "binary", "description": what}}
        else:
            what = "The examples side by side, enlarged to be seen."
            found[kind] = {"schema": {"type": "string", "format": "binary", "description": what}}
    answer: Spec = {"description": "The answer.", "content": found}
    if endpoint.operation.takes == "examples":
        what = "Of an answer that is no JSON: `notes` as a JSON list; absent where there is none."
        answer["headers"] = {NOTES: {"description": what, "schema": {"type": "string"}}}
    return {200: answer, **problems()}


def _answer(endpoint: Endpoint) -> Spec:
    """Return the schema of a JSON answer, as the operation tells it."""
    operation = endpoint.operation
    options = operation.options.model_json_schema()["properties"]
    told = operation.tells(endpoint.model) | {name: options[name] for name in operation.again}
    if operation.takes == "examples":
        told["notes"] = _NOTES
    return {
        "type": "object",
        "properties": told,
        "required": [name for name in told if name not in operation.sometimes],
        "additionalProperties": False,
    }


def operation_extra(endpoint: Endpoint, schema: Schema, limits: Limits) -> Spec:
    """Return the body and the parameters of an operation.

    Arguments:
        endpoint: The operation.
        schema: What the model's examples are.
        limits: What one request may ask for.
    """
    options = _options(endpoint, schema, limits)
    body = _body(endpoint, schema, limits, options)
    content: Spec = {JSON: {"schema": body}}
    takes = endpoint.operation.takes
    if takes != "nothing":
        content[NPY] = {"schema": {"type": "string", "format": "binary"}}
    if takes == "examples" and schema.is_image and endpoint.operation.exactly is None:
        content |= {kind: {"schema": {"type": "string", "format": "binary"}} for kind in IMAGES}
    return {
        "requestBody": {"required": takes != "nothing", "content": content},
        "parameters": [_deadline(limits), *(_query(name, one) for name, one in options.items())],
    }


def _options(endpoint: Endpoint, schema: Schema, limits: Limits) -> Spec:
    """Return the schema of each option that there is for this model, by name."""
    found: Spec = dict(endpoint.operation.options.model_json_schema()["properties"])
    for count in ("n", "steps"):
        if count in found:
            found[count] = {**found[count], "maximum": limits.rows}
    if not schema.conditions:
        del found["condition"]
    return found


def _query(name: str, option: Spec) -> Spec:
    """Return an option as a parameter of the query, where a condition is text."""
    schema = {k: v for k, v in option.items() if k not in ("description", "title")}
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{option['description']} {_IN_QUERY}",
        "schema": {"type": "string"} if name == "condition" else schema,
    }


def _body(endpoint: Endpoint, schema: Schema, limits: Limits, options: Spec) -> Spec:
    """Return the schema of a JSON body."""
    name = name_of_rows(endpoint.operation)
    exactly = endpoint.operation.exactly
    properties = dict(options)
    if name:
        row = _example(schema) if name == "x" else _latents(endpoint.model.latent_dim_)
        properties[name] = {
            "type": "array",
            "minItems": exactly or 1,
            "maxItems": exactly or limits.rows,
            "items": row,
            "description": "Rows: examples in the model's shape."
            if name == "x"
            else "Rows: latents.",
        }
    if schema.conditions:
        said = properties["condition"]["description"]
        properties["condition"] = {**_conditions(schema), "description": said}
    required = [name] if name else []
    required += ["condition"] if schema.conditions else []
    found: Spec = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**found, "required": required} if required else found


def _example(schema: Schema) -> Spec:
    low, high = _RANGES[schema.kind]
    cell: Spec = {"type": "number", "minimum": low, "maximum": high}
    if schema.kind in ("binary", "bytes"):
        cell["type"] = "integer"
    if not schema.is_image:
        cell["type"] = [cell["type"], "null"]
    row = cell
    for size in reversed(schema.shape):
        row = {"type": "array", "minItems": size, "maxItems": size, "items": row}
    if not schema.columns:
        return row
    by_name: Spec = {
        "type": "object",
        "properties": dict.fromkeys(schema.columns, cell),
        "additionalProperties": False,
    }
    return {"oneOf": [row, by_name]}


def _conditions(schema: Schema) -> Spec:
    """Return the conditions written in full, one value for all rows."""
    values = {
        one.name: {"enum": list(one.classes)} if one.classes else {"type": "number"}
        for one in schema.conditions
    }
    return {
        "type": "object",
        "properties": values,
        "required": list(values),
        "additionalProperties": False,
    }


def _latents(latent_dim: int) -> Spec:
    number = {"type": "number", "minimum": -1e6, "maximum": 1e6}
    return {"type": "array", "minItems": latent_dim, "maxItems": latent_dim, "items": number}


def _deadline(limits: Limits) -> Spec:
    return {
        "name": DEADLINE,
        "in": "header",
        "required": False,
        "description": f"Seconds that the answer is waited for; at most {limits.deadline:g}.",
        "schema": {"type": "number", "minimum": SHORTEST},
    }
