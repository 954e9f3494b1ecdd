"""The kit: which wheels fit, what is followed, what is written; of wheels that are made here."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kit.make_kit import FILES, make_kit
from kit.platforms import PLATFORMS, PYTHONS
from kit.wheelhouse import collect, fits

WINDOWS, INTEL, ARM = (PLATFORMS[n] for n in ("win_amd64", "linux_x86_64", "linux_aarch64"))


@pytest.mark.parametrize(
    ("tag", "platform", "is_fit"),
    [
        ("py3-none-any", WINDOWS, True),
        ("cp311-cp311-win_amd64", WINDOWS, True),
        ("cp312-cp312-win_amd64", WINDOWS, False),
        ("cp38-abi3-win_amd64", WINDOWS, True),
        ("cp312-abi3-win_amd64", WINDOWS, False),
        ("cp311-cp311-win32", WINDOWS, False),
        ("cp311-cp311-manylinux_2_28_x86_64", INTEL, True),
        ("cp311-cp311-manylinux2014_x86_64", INTEL, True),
        ("cp311-cp311-manylinux_2_31_x86_64", INTEL, False),
        ("cp311-cp311-manylinux_2_28_aarch64", ARM, True),
        ("cp311-cp311-manylinux_2_35_aarch64", ARM, False),
        ("cp311-cp311-musllinux_1_2_aarch64", ARM, False),
        ("pp311-pypy311_pp73-win_amd64", WINDOWS, False),
    ],
)
def test_which_wheels_fit(tag: str, platform, is_fit: bool) -> None:
    assert fits(tag, platform, "311") is is_fit


def make_wheel(
    folder: Path, name: str, tag: str = "py3-none-any", needs: tuple[str, ...] = (),
    version: str = "1.0", parts: dict[str, str] | None = None,
) -> Path:  # fmt: skip
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    lines.append("License-Expression: MIT")
    lines += [f"Requires-Dist: {need}" for need in needs]
    wheel = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        for part, content in (parts or {}).items():
            archive.writestr(part, content)
        archive.writestr(f"{info}/METADATA", "\n".join(lines) + "\n")
        archive.writestr(f"{info}/WHEEL", wheel)
        archive.writestr(f"{info}/RECORD", "")
        archive.writestr(f"{info}/licenses/LICENSE", "MIT")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels in place of the package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    make_wheel(folder, "consolecolours")
    make_wheel(folder, "base", "cp311-abi3-manylinux_2_28_aarch64", ("deeper[more]",))
    make_wheel(folder, "base", "cp311-abi3-win_amd64", ("deeper[more]",))
    make_wheel(
        folder, "deeper", needs=("consolecolours; extra == 'more' and sys_platform == 'win32'",)
    )
    make_wheel(folder, "page")
    make_wheel(folder, "page", version="2.0")
    return folder


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    needs = (
        "base", "page<2; extra == 'app'", "torch; extra == 'train'",
             "winonly; sys_platform == 'linux' and platform_machine == 'x86_64'")  # fmt: skip
    return make_wheel(tmp_path, "yiwen", needs=needs)


@pytest.mark.usefixtures("index")
def test_needs_are_those_of_the_other_platform(wheel: Path, tmp_path: Path) -> None:
    for platform, more in ((ARM, set()), (WINDOWS, {"consolecolours"})):
        folder = tmp_path / platform.name
        folder.mkdir()
        found = collect(wheel, frozenset({"app"}), platform, "3.11", folder, {"base": "1.0"})
        assert set(found) == {"yiwen", "base", "deeper", "page"} | more
        assert found["page"].name.startswith("page-1.0-")


@pytest.mark.usefixtures("index")
def test_a_kit_is_whole(wheel: Path, tmp_path: Path) -> None:
    packed = make_kit(wheel, WINDOWS, ["3.11"], tmp_path)
    folder = packed.with_suffix("")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"启动.bat", "使用说明.txt", "requirements-3.11.txt", "messages/failed.txt"} <= names
    assert "start.sh" not in names
    assert {"licences/yiwen/LICENSE", "licences/packages.tsv"} <= names
    with zipfile.ZipFile(packed) as archive:
        assert {f"{folder.name}/{name}" for name in names} == set(archive.namelist())
    for line in (folder / "SHA256SUMS.txt").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        names.remove(name)
    assert names == {"SHA256SUMS.txt"}
    lines = (folder / "requirements-3.11.txt").read_text("ascii").splitlines()
    assert lines[-1].startswith("yiwen[app]==1.0 --hash=sha256:")


@pytest.mark.usefixtures("index")
def test_a_kit_for_scans_has_another_name(wheel: Path, tmp_path: Path) -> None:
    packed = make_kit(wheel, WINDOWS, ["3.11"], tmp_path, frozenset({"app", "ocr"}))
    assert packed.name == "yiwen-kit-ocr-win_amd64.zip"
    lines = (packed.with_suffix("") / "requirements-3.11.txt").read_text("ascii").splitlines()
    assert lines[-1].startswith("yiwen[app,ocr]==1.0 --hash=sha256:")


@pytest.mark.usefixtures("index")
def test_a_second_kit_keeps_no_wheel_that_is_not_needed(wheel: Path, tmp_path: Path) -> None:
    wheels = make_kit(wheel, WINDOWS, ["3.11"], tmp_path).with_suffix("") / "wheels"
    make_wheel(wheels, "stray")
    make_kit(wheel, WINDOWS, ["3.11"], tmp_path)
    assert not list(wheels.glob("stray*"))


def test_the_script_for_windows_is_ascii_and_every_text_that_it_shows_is_there() -> None:
    script = (FILES / "启动.bat").read_bytes().decode("ascii")
    shell = (FILES / "start.sh").read_text("ascii")
    for path in (FILES / "messages").iterdir():
        assert path.name in script or path.stem in shell
    for version in PYTHONS:
        assert version in script
        assert f"python{version}" in shell


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_without_a_python_the_script_says_what_to_do(tmp_path: Path) -> None:
    for path in FILES.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(FILES)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    done = subprocess.run(
        ["/bin/sh", str(tmp_path / "start.sh")], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "没有找到 64 位的 Python" in done.stderr


@pytest.mark.packaging
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_kit_runs_where_it_is_called_and_after_it_was_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    command = "import os, sys; print(os.getcwd(), *sys.argv[1:])"
    make_wheel(index, "page")
    parts = {"serving/cli/__main__.py": command}
    wheel = make_wheel(tmp_path, "yiwen", needs=("page[none]",), parts=parts)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder = make_kit(wheel, INTEL, [version], tmp_path).with_suffix("")
    elsewhere, moved = tmp_path / "我的 文章", tmp_path / "新 文件夹"
    elsewhere.mkdir()
    for place in (folder, moved):
        done = subprocess.run(
            [place / "start.sh", "tag", "a(1).txt"], cwd=elsewhere, capture_output=True, text=True,
            check=False, env={"PATH": "/usr/bin:/bin", "YIWEN_PYTHON": sys.executable},
        )  # fmt: skip
        assert done.stdout.split("\n")[0] == f"{elsewhere} tag a(1).txt", done.stderr
        assert "WARNING" not in done.stderr  # as pip's of an extra that there is none of
        if place == folder:
            folder.rename(moved)
