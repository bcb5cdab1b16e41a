"""Heddle as others get it: installed, and built against from outside."""

import os
import pathlib
import subprocess

import pytest

HOUSE = pathlib.Path(__file__).resolve().parent.parent.parent
SANITIZE = "-fsanitize=address,undefined -fno-sanitize=null -g1"


def run(*command, seconds=500, **more) -> str:
    """What a command prints; the test fails with all of it if it fails."""
    done = subprocess.run(
        [str(each) for each in command], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=seconds, **more,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout[-6000:]}"
    return done.stdout


class Installed:
    """A prefix with what `cmake --install` puts there."""

    def __init__(self, build: pathlib.Path, prefix: pathlib.Path, flags=""):
        self.prefix, self.flags = prefix, flags
        run("cmake", "--install", build, "--prefix", prefix,
            "--component", "embed")

    @property
    def library(self) -> pathlib.Path:
        return next(self.prefix.glob("lib/**/libheddle.so"))

    def example(self, name: str, where: pathlib.Path) -> pathlib.Path:
        """Builds examples/`name` in `where`, as its own project."""
        run("cmake", "-S", HOUSE / "examples" / name, "-B", where, "-G", "Ninja",
            "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror {self.flags}")
        run("cmake", "--build", where)
        return where


def built(name: str) -> pathlib.Path:
    where = pathlib.Path(os.environ.get(name, "nowhere"))
    if not where.is_dir():
        pytest.skip(f"{name} names no build")
    return where


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Installed:
    return Installed(built("HEDDLE_BUILD"), tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def sanitized(tmp_path_factory) -> Installed:
    return Installed(built("HEDDLE_ASAN_BUILD"),
                     tmp_path_factory.mktemp("sanitized"), SANITIZE)
