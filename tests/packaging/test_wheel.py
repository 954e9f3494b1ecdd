"""The wheel: what is in it, and that it works where it was not made."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.conftest import ARTICLE
from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.packaging
PACKAGES = ("model", "data", "training", "eval", "serving")
# Modules of ours, and one of the standard library's, as a user's folder may hold them.
SHADOWS = ("model", "data", "eval", "serving", "random", "json")


def run(environment: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        [environment / "bin" / "yiwen", *arguments], cwd=folder, capture_output=True, text=True,
        env=variables | {"YIWEN_HOME": str(folder / "home")}, check=False,
    )  # fmt: skip


def test_everything_that_a_package_reads_is_in_it(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = {name for name in tracked.split("\0") if name and not name.endswith(".md")}
    assert files - packed == set()
    assert "model/default/README.md" in packed


def test_it_asks_for_no_torch_and_fits_every_platform(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        needs = message_from_bytes(archive.read(name)).get_all("Requires-Dist") or []
    base = {re.split(r"[<>=!; ]", need)[0] for need in needs if "extra ==" not in need}
    assert not base & {"torch", "transformers", "gradio", "datasets"}
    runtimes = [need for need in needs if need.startswith("onnxruntime") and "extra" not in need]
    assert ["aarch64" in need for need in runtimes] == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="the scripts lie elsewhere")
def test_it_works_in_a_folder_with_packages_of_the_same_names(
    installed: Path, tmp_path: Path
) -> None:
    for name in SHADOWS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "b.rtf").write_bytes(
        rb"{\rtf1\ansi " + b"".join(b"\\u%d?" % ord(c) for c in ARTICLE) + b"}"
    )
    done = run(installed, tmp_path, "tag", "a.txt", "b.rtf", "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    reports = [json.loads(line) for line in lines]
    assert [report["primary"] for report in reports] == ["alliance", "alliance"]


@pytest.mark.skipif(sys.platform == "win32", reason="the scripts lie elsewhere")
def test_it_is_installed_and_not_read_from_here(installed: Path, tmp_path: Path) -> None:
    code = "import model, serving, gradio_app; print(model.__file__)"
    python = [installed / "bin" / "python", "-P", "-c", code]
    done = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(installed)
