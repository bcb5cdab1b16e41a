"""The examples that embed a server, built and run as anybody would."""

import re
import sys

import pytest

from conftest import HOUSE, run


@pytest.fixture(params=["installed", "sanitized"])
def heddle(request):
    return request.getfixturevalue(request.param)


def test_the_embedded_server_does_what_its_example_says(heddle, tmp_path):
    where = heddle.example("embed", tmp_path)
    assert "the run is over" in run(where / "first")
    out = run(where / "embed")
    assert out.count("ok  ") >= 5 and "BAD" not in out
    out = run(where / "python", HOUSE / "examples/langgraph.json", sys.executable)
    assert "The answer is: 42" in out and "the run is over" in out


def test_a_caf_program_cancels_by_message(heddle, tmp_path):
    out = run(heddle.example("caf", tmp_path) / "caf_example")
    assert "cancelled: 1" in out
    assert "the run is down: interrupted" in out
    assert out.endswith("done\n")


def test_the_guide_begins_with_the_example():
    guide = (HOUSE / "docs" / "embedding.md").read_text()
    first = re.search(r"```cpp\n(.*?)```", guide, re.S).group(1)
    assert first == (HOUSE / "examples/embed/first.cpp").read_text()
    assert len(first.splitlines()) <= 32
