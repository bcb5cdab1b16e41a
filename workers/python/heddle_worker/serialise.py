"""JSON as the API prints it, and errors as the API masks them."""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta, tzinfo
from decimal import Decimal
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import PurePath
from typing import Any

import orjson
from langgraph.errors import (
    EmptyInputError,
    GraphBubbleUp,
    InvalidUpdateError,
    TaskNotFound,
)

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_LONG_NUMBER = re.compile(rb"\d{19}")

_AS_TEXT = (
    PurePath,
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)

MASKED = "An internal error occurred"

_TOLD = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RuntimeError,
    RecursionError,
    TimeoutError,
    InvalidUpdateError,
    GraphBubbleUp,
    EmptyInputError,
    TaskNotFound,
)


def dumps(value: Any) -> bytes:
    """The JSON text of `value`.

    NaN and infinities become null, NUL becomes U+FFFD, a lone surrogate `?`.
    Raises `TypeError` for an integer beyond 64 bits or too deep a nesting.
    """
    try:
        text = orjson.dumps(value, _default, _OPTIONS)
    except TypeError as error:
        if "64-bit" in str(error):
            raise TypeError(
                "Integer exceeds 64-bit range: the API cannot print it"
            ) from None
        text = orjson.dumps(_plain(value), _default, _OPTIONS)
    if b"\\u0000" in text:
        text = _NUL.sub(rb"\1\\ufffd", text)
    return text


def loads(text: bytes) -> Any:
    """The value of a JSON text; integers of any size stay exact."""
    if _LONG_NUMBER.search(text):
        return json.loads(text)
    return orjson.loads(text)


def told_error(error: BaseException) -> dict[str, str]:
    """An exception as the API prints it: its text only if the class is one
    whose texts are meant for callers."""
    told = isinstance(error, _TOLD) or any(
        base.__name__ == "HTTPException" for base in type(error).__mro__
    )
    message = _plain(_text(error)) if told else MASKED
    return {"error": type(error).__name__, "message": message}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return MASKED


def _default(value: Any) -> Any:
    """What orjson does not know by itself."""
    if not isinstance(value, type):
        for method in ("model_dump", "dict", "_asdict"):
            as_dict = getattr(value, method, None)
            if callable(as_dict):
                return as_dict()
    if isinstance(value, BaseException):
        return told_error(value)
    if isinstance(value, (set, frozenset, deque)):
        return list(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, tzinfo):
        return value.tzname(None)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        whole = isinstance(exponent, int) and exponent >= 0
        return int(value) if whole else float(value)
    if isinstance(value, re.Pattern):
        return value.pattern
    if isinstance(value, _AS_TEXT):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return None


def _plain(value: Any) -> Any:
    """A copy without what orjson refuses: odd keys and lone surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_key(k): _plain(v) for k, v in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    other = _default(value)
    return value if other is None else _plain(other)


def _key(key: Any) -> Any:
    if isinstance(key, str):
        return _plain(key)
    if key is None or isinstance(key, (bool, int, float)):
        return key
    return str(key)
