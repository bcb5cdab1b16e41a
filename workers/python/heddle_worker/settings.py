"""`langgraph.json`: which graphs there are, where their code lies, and `env`."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class GraphSource:
    """Where a graph is: a file or module, and the name in it."""

    id: str
    place: str
    name: str
    description: str | None

    @property
    def is_file(self) -> bool:
        return self.place.endswith(".py") or "/" in self.place


@dataclass(frozen=True)
class Settings:
    """What a configuration says. `roots` are the folders put on `sys.path`."""

    folder: Path
    sources: list[GraphSource]
    roots: list[Path]
    env: dict[str, str]


def read(path: str) -> Settings:
    """Reads a configuration. Raises `ValueError` for one that makes no sense."""
    config = json.loads(Path(path).read_text())
    folder = Path(path).resolve().parent
    graphs = config.get("graphs") or {}
    return Settings(
        folder=folder,
        sources=[_source(name, given) for name, given in graphs.items()],
        roots=_roots(folder, config.get("dependencies") or []),
        env=_env(folder, config.get("env")),
    )


def apply(settings: Settings) -> None:
    """Sets environment and `sys.path`. What is set already, stays."""
    for name, value in settings.env.items():
        os.environ.setdefault(name, value)
    known = set(sys.path)
    sys.path[:0] = [str(root) for root in settings.roots if str(root) not in known]


def _source(graph_id: str, given: Any) -> GraphSource:
    description = None
    if isinstance(given, dict):
        description, given = given.get("description"), given.get("path")
    place, colon, name = str(given).rpartition(":")
    if not colon or not place or not name:
        raise ValueError(
            f"graph `{graph_id}`: `{given}` is neither `./file.py:name` nor "
            "`package.module:name`"
        )
    return GraphSource(graph_id, place, name, description)


def _roots(folder: Path, dependencies: list[str]) -> list[Path]:
    """Local dependencies, each with its `src`, and the configuration's folder."""
    roots: list[Path] = []
    for dependency in [*dependencies, "."]:
        root = (folder / dependency).resolve()
        if not dependency.startswith(".") or not root.is_dir():
            continue
        for candidate in (root, root / "src"):
            if candidate.is_dir() and candidate not in roots:
                roots.append(candidate)
    return roots


def _env(folder: Path, given: Any) -> dict[str, str]:
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items()}
    if isinstance(given, str):
        return _env_file((folder / given).read_text())
    return {}


def _env_file(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name or name.startswith("#"):
            continue
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        else:
            value = value.split(" #", 1)[0].rstrip()
        found[name] = value
    return found
