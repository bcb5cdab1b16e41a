"""JSON schemas of a graph; what cannot be derived is null."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.pregel import Pregel
from pydantic import TypeAdapter, create_model

# What the library itself puts beside the user's own configurable keys.
_OWN_KEYS = (
    "__pregel_resuming",
    "__pregel_checkpoint_id",
    "thread_id",
    "checkpoint_id",
    "checkpoint_ns",
    "checkpoint_map",
)


def graph_schemas(graph: Pregel[Any, Any, Any, Any]) -> dict[str, Any]:
    """The five schemas that the API shows."""
    return {
        "input_schema": _tried(graph.get_input_jsonschema),
        "output_schema": _tried(graph.get_output_jsonschema),
        "state_schema": _tried(lambda: _state_schema(graph)),
        "config_schema": _tried(lambda: _config_schema(graph)),
        "context_schema": _tried(graph.get_context_jsonschema),
    }


def _tried(derive: Callable[[], Any]) -> Any:
    try:
        return derive()
    except Exception:
        return None


def _state_schema(graph: Pregel[Any, Any, Any, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in graph.stream_channels_list:
        kind = getattr(graph.channels[name], "UpdateType", Any)
        try:
            TypeAdapter(kind).json_schema()
        except Exception:
            kind = Any
        fields[name] = (kind, None)
    return create_model(graph.get_name("State"), **fields).model_json_schema()


def _config_schema(graph: Pregel[Any, Any, Any, Any]) -> dict[str, Any]:
    fields = graph.config_schema().model_fields
    if "configurable" not in fields:
        return {}
    schema = TypeAdapter(fields["configurable"].annotation).json_schema()
    for key in _OWN_KEYS:
        schema.get("properties", {}).pop(key, None)
    return schema
