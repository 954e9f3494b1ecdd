"""The wheelhouse: every wheel that a requirement needs on another platform.

`pip download --platform` compares markers with the machine that it runs on, so that it would leave
out what only Windows or arm64 needs. Here the needs are followed wheel by wheel, with the markers
of the platform; versions are those of `constraints.txt`.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from kit.platforms import Platform


class KitError(Exception):
    """No kit can be made; the message says why."""


@dataclass(frozen=True)
class Pinned:
    """A package at one version, with the extras that are asked for."""

    name: str
    version: str
    extras: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Write it as a requirement."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.name}{extras}=={self.version}"


def read_constraints(path: Path) -> dict[str, str]:
    """Return the version of each package."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def read_metadata(wheel: Path) -> Message:
    """Return the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (
            name
            for name in archive.namelist()
            if name.endswith(".dist-info/METADATA") and name.count("/") == 1
        )
        return BytesParser().parsebytes(archive.read(name))


def collect(
    root: Path,
    extras: frozenset[str],
    platform: Platform,
    python: str,
    folder: Path,
    constraints: dict[str, str],
) -> dict[str, Path]:
    """Download what a wheel needs; return the wheels by name, the wheel itself among them.

    Args:
        root: the wheel.
        extras: those of its extras that are needed.
        platform: where it will be installed.
        python: the version of Python there, such as `3.11`.
        folder: where wheels are put.
        constraints: versions by name.

    Raises:
        KitError: a package has no wheel for the platform, or no version.
    """  # fmt: skip
    name = canonicalize_name(read_metadata(root)["Name"])
    found = {name: root}
    asked: dict[str, frozenset[str]] = {}
    wanted = {name: extras}
    while wanted:
        missing = [name for name in wanted if name not in found]
        found |= _download(missing, platform, python, folder, constraints)
        needs: dict[str, frozenset[str]] = {}
        for name, more in wanted.items():
            asked[name] = asked.get(name, frozenset()) | more
            for need, its_extras in _list_needs(found[name], asked[name], platform, python):
                needs[need] = needs.get(need, frozenset()) | its_extras
        wanted = {
            name: more
            for name, more in needs.items()
            if name not in asked or not more <= asked[name]
        }
    return found


def _list_needs(
    wheel: Path, extras: frozenset[str], platform: Platform, python: str
) -> list[tuple[str, frozenset[str]]]:
    environment = platform.make_environment(python)
    needs = []
    for line in read_metadata(wheel).get_all("Requires-Dist") or []:
        need = Requirement(line)
        applies = need.marker is None or any(
            need.marker.evaluate(environment | {"extra": extra}) for extra in ("", *extras)
        )
        if applies:
            needs.append((canonicalize_name(need.name), frozenset(need.extras)))
    return needs


def _download(
    names: list[str], platform: Platform, python: str, folder: Path, constraints: dict[str, str]
) -> dict[str, Path]:
    """Download wheels; one that is there already is not asked for again."""
    if not names:
        return {}
    pinned = [f"{name}=={constraints[name]}" if name in constraints else name for name in names]
    compact = python.replace(".", "")
    tags = [part for tag in platform.list_tags() for part in ("--platform", tag)]
    abis = [part for abi in (f"cp{compact}", "abi3", "none") for part in ("--abi", abi)]
    done = subprocess.run(  # noqa: S603 # our own pip, with names of packages
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--only-binary=:all:", "--implementation", "cp",
            "--python-version", compact, *abis, *tags, "--dest", str(folder), *pinned,
        ],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        raise KitError(f"{platform.name}, Python {python}: {done.stderr.strip()}")
    wheels = {}
    for path in folder.glob("*.whl"):
        name, version, _, tags_of = parse_wheel_filename(path.name)
        is_wanted = name in names and str(version) == constraints.get(name, str(version))
        if is_wanted and any(fits(str(tag), platform, compact) for tag in tags_of):
            wheels[str(name)] = path
    if lost := set(names) - set(wheels):
        raise KitError(f"{platform.name}, Python {python}: no wheel of {', '.join(sorted(lost))}")
    return wheels


def fits(tag: str, platform: Platform, python: str) -> bool:
    """Whether a wheel's tag, such as `cp311-abi3-win_amd64`, fits a platform and a Python.

    Args:
        tag: interpreter, ABI and platform.
        platform: the platform.
        python: the version of Python without the full stop.
    """
    interpreter, abi, place = tag.split("-")
    if place != "any" and place not in platform.list_tags():
        return False
    if abi == "abi3":
        return interpreter.startswith("cp3") and int(interpreter[3:]) <= int(python[1:])
    return interpreter in {f"cp{python}", "py3", "py2.py3", f"py{python}"}
