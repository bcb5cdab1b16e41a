"""Versions of what runs here, as `hello` tells them."""

from __future__ import annotations

import platform
from importlib import metadata

_PACKAGES = (
    "langgraph",
    "langgraph-checkpoint",
    "langgraph-sdk",
    "langchain-core",
    "orjson",
    "ormsgpack",
)


def version_of(package: str) -> str:
    """The installed version, or an empty text."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


LANGGRAPH = version_of("langgraph")


def all_versions() -> dict[str, str]:
    """Python's and the installed packages' versions."""
    found = {name: version for name in _PACKAGES if (version := version_of(name))}
    return {"python": platform.python_version(), **found}
