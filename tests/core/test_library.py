"""The public names: what README promises of them, and that asking for none of them costs."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).parents[2]


def test_the_example_of_the_readme_holds() -> None:
    (example,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    subprocess.run([sys.executable, "-c", example], cwd=ROOT, check=True)


@pytest.mark.parametrize("name", core.__all__)
def test_a_public_name_can_be_used_first_of_all_and_no_module_hides_it(name: str) -> None:
    """A module of its name would take its place as soon as anything imports that."""
    code = f"import core; assert core.{name} is not None"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert find_spec(f"core.{name}") is None


@pytest.mark.parametrize("name", core.__all__)
def test_every_public_name_is_there_and_named_in_the_readme(name: str) -> None:
    assert getattr(core, name) is not None
    assert f"`{name}`" in (ROOT / "README.md").read_text("utf-8")


def test_what_is_no_public_name_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        core.nothing  # noqa: B018
    assert set(core.__all__) <= set(dir(core))


def test_to_import_core_imports_nothing_of_it() -> None:
    code = "import sys, core; print([each for each in sys.modules if each.startswith('core.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_processor_a_laboratory_and_a_step_say_what_they_are() -> None:
    lab = core.Lab()
    step = lab.step(core.commands.Process("e1", "hello"))
    lab.step(core.commands.Checkpoint())
    assert repr(step) == "<Step 1: process e1 hello: Applied>"
    assert repr(lab) == (
        "<Lab: up, offset 1 of 1, <Processor: 1 seen, 1 pending, 0 out, checkpoints: cp1>>"
    )
