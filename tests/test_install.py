"""What `meson install` puts into a prefix works from there, without an environment that helps it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from built import ROOT, built

# What stands around the example of the README.
PROGRAM = """
#include <stdio.h>
{include}
int main(void) {{
  enum {{ n = 3 }};
  float params[n] = {{1, 2, 3}}, m[n] = {{0}}, v[n] = {{0}};
  const float grads[n] = {{1, 1, -1}};
  {example}
  printf("%.3f\\n", params[2]);
  gm_close(library);
}}
"""


def run(*command: str | Path, **variables: str) -> str:
    """Its output; without LD_LIBRARY_PATH."""
    usual = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    done = subprocess.run(command, env=usual | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(name="prefix", scope="module")
def _prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    meson = shutil.which("meson")
    if meson is None:
        pytest.skip("no meson")
    program = built("GRADMARK_PROGRAM", "harness/gradmark")
    if b"libasan" in program.read_bytes() or b"libtsan" in program.read_bytes():
        pytest.skip("a sanitized library needs a sanitized program")
    there = tmp_path_factory.mktemp("installed")
    run(meson, "install", "-C", program.parent.parent, "--no-rebuild", "--destdir", there)
    (found,) = there.rglob("bin/gradmark")
    return found.parent.parent


def test_the_program_finds_its_library(prefix: Path) -> None:
    assert run(prefix / "bin/gradmark", "--version").startswith("gradmark ")
    assert str(prefix) in run("ldd", prefix / "bin/gradmark")


def test_the_example_of_the_readme_is_built_by_pkg_config(prefix: Path, tmp_path: Path) -> None:
    pkg_config, compiler = shutil.which("pkg-config"), shutil.which("cc") or shutil.which("gcc")
    if pkg_config is None or compiler is None:
        pytest.skip("no pkg-config or no compiler")
    found = re.search(r"```c\n(#include .*?)\n\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    include, example = found.groups()
    source = tmp_path / "example.c"
    source.write_text(PROGRAM.format(include=include, example=example), encoding="utf-8")
    (folder,) = prefix.rglob("pkgconfig")
    flags = run(
        pkg_config, f"--define-variable=prefix={prefix}", "--cflags", "--libs", "gradmark", PKG_CONFIG_PATH=str(folder)
    ).split()
    run(compiler, "-o", tmp_path / "example", source, *flags)
    assert run(tmp_path / "example") == "3.001\n"
