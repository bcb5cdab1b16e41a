"""Loads the user's graphs; what is broken is told, and stops nothing else."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from heddle_worker.factories import GraphEntry, NotAGraph
from heddle_worker.settings import GraphSource, Settings


@dataclass(frozen=True)
class LoadError:
    """Why a graph could not be loaded, and where."""

    text: str
    file: str
    line: int


class UnknownGraph(ValueError):
    """There is no such graph, or it could not be loaded."""


class Graphs:
    """Every graph of the configuration, loaded or broken."""

    def __init__(self, settings: Settings) -> None:
        self.sources = settings.sources
        self.errors: dict[str, LoadError] = {}
        self._entries: dict[str, GraphEntry] = {}
        for source in settings.sources:
            try:
                self._entries[source.id] = _load(source, settings)
            except BaseException as error:
                self.errors[source.id] = load_error(error)

    def entry(self, graph: str) -> GraphEntry:
        """A loaded graph. Raises `UnknownGraph`."""
        found = self._entries.get(graph)
        if found is None:
            broken = self.errors.get(graph)
            why = f"could not be loaded:\n{broken.text}" if broken else "is unknown"
            raise UnknownGraph(f"graph `{graph}` {why}")
        return found

    def refuse(self, graph: str, error: BaseException) -> None:
        """Takes out a graph that turned out to be of no use."""
        self.errors[graph] = load_error(error)
        self._entries.pop(graph, None)

    @property
    def loaded(self) -> list[str]:
        return list(self._entries)


def load_error(error: BaseException) -> LoadError:
    """An exception with the place in the user's code that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    users = [frame for frame in frames if is_users(frame.filename)]
    here = str(Path(__file__).parent)
    shown = error.__traceback__
    while shown is not None and (
        shown.tb_frame.f_code.co_filename.startswith((here, "<frozen"))
    ):
        shown = shown.tb_next
    lines = traceback.format_exception(type(error), error, shown)
    text = "".join(lines).encode("utf-8", "replace").decode()
    if isinstance(error, SyntaxError) and error.filename:
        return LoadError(text, error.filename, error.lineno or 0)
    if users:
        return LoadError(text, users[-1].filename, users[-1].lineno or 0)
    return LoadError(text, "", 0)


_LIBRARY = tuple(
    {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib")}
    | {str(Path(__file__).parent)}
)


def is_users(filename: str) -> bool:
    """Whether a file is the user's: no library's, not ours, not generated."""
    return not filename.startswith((*_LIBRARY, "<")) and "site-packages" not in filename


def _load(source: GraphSource, settings: Settings) -> GraphEntry:
    if source.is_file:
        module = _module_of_file((settings.folder / source.place).resolve(), settings)
    else:
        module = importlib.import_module(source.place)
    found: Any = module
    for part in source.name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise NotAGraph(
                f"graph `{source.id}`: `{source.place}` has no `{source.name}`; it "
                f"has {_graph_names(module)}"
            ) from None
    return GraphEntry(source.id, found)


def _graph_names(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, (Pregel, StateGraph))
        or (inspect.isfunction(value) and value.__module__ == module.__name__)
    ]
    return ", ".join(f"`{name}`" for name in names) or "no graph at all"


def _module_of_file(path: Path, settings: Settings) -> ModuleType:
    """Imports a file under its natural name if it has one, so that relative
    imports work and nothing is loaded twice."""
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    if name := _natural_name(path, settings):
        module = importlib.import_module(name)
        if module.__file__ and Path(module.__file__).resolve() == path:
            return module
    name = re.sub(r"\W", "_", str(path.with_suffix("")))
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _natural_name(path: Path, settings: Settings) -> str | None:
    roots = [root for root in settings.roots if path.is_relative_to(root)]
    for root in sorted(roots, key=lambda root: len(root.parts), reverse=True):
        parts = path.relative_to(root).with_suffix("").parts
        if not all(part.isidentifier() for part in parts):
            continue
        if _finds(".".join(parts), path):
            return ".".join(parts)
    return None


def _finds(name: str, path: Path) -> bool:
    """Whether the first part of a name leads to this file's tree, and not to a
    module of that name elsewhere."""
    top = name.partition(".")[0]
    known = sys.modules.get(top)
    spec = known.__spec__ if known is not None else importlib.util.find_spec(top)
    if spec is None:
        return False
    if spec.submodule_search_locations is not None:
        return any(
            path.is_relative_to(Path(place).resolve())
            for place in spec.submodule_search_locations
        )
    return spec.origin is not None and Path(spec.origin).resolve() == path
