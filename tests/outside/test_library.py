"""What the installed library shows, and what it asks of who uses it."""

import re
import shutil

import pytest

from conftest import HOUSE, run

PUBLIC = re.compile(
    r"(TLS (init function|wrapper function) for |typeinfo (name )?for |"
    r"vtable for )?heddle::(v\d+|graph)::"
)
COMPILERS = ["g++", "clang++-14" if shutil.which("clang++-14") else "clang++"]
PARTS = ("core", "actors", "http", "worker", "sqlite", "runtime", "embed")


def test_only_what_is_public_is_visible(installed):
    names = [
        line.split(" ", 2)[2]
        for line in run("nm", "-DC", "--defined-only", installed.library).splitlines()
        if not line.startswith(" ")
    ]
    assert len(names) > 100
    strange = [name for name in names if not PUBLIC.match(name)]
    assert not strange, strange[:20]
    assert any("heddle::v0::open(" in name for name in names)


def test_a_user_links_nothing_but_heddle(installed, tmp_path):
    where = installed.example("embed", tmp_path)
    needed = re.findall(r"NEEDED.*\[(.*?)\.so",
                        run("readelf", "-d", where / "first"))
    assert set(needed) <= {"libheddle", "libstdc++", "libgcc_s", "libc", "libm"}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_pkg_config_says_how_to_build(installed, tmp_path, compiler):
    for tool in ("pkg-config", compiler):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not there")
    found = next(installed.prefix.glob("lib/**/pkgconfig"))
    env = {"PKG_CONFIG_PATH": str(found), "PATH": "/usr/bin:/bin"}
    flags = run("pkg-config", "--cflags", "--libs",
                f"--define-variable=prefix={installed.prefix}", "heddle",
                env=env).split()
    program = tmp_path / "first"
    run(compiler, HOUSE / "examples/embed/first.cpp", "-o", program, *flags)
    out = run(program, env={"LD_LIBRARY_PATH": str(installed.library.parent)})
    assert "the run is over" in out


@pytest.mark.parametrize("compiler", COMPILERS)
def test_each_public_header_compiles_alone(installed, compiler):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not there")
    headers = sorted((installed.prefix / "include" / "heddle").glob("*.hpp"))
    assert len(headers) > 20
    for header in headers:
        run(compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra",
            "-Wpedantic", "-Werror", "-I", installed.prefix / "include",
            "-x", "c++", "-include", header, "/dev/null")


def test_the_reference_misses_nothing(tmp_path):
    if not shutil.which("doxygen"):
        pytest.skip("doxygen is not there")
    assert "index.html" in run(HOUSE / "docs" / "reference", tmp_path)
