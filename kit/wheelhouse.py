"""The wheelhouse: every wheel that a requirement needs on another platform.

`pip download --platform` compares markers with the machine that it runs on, so that it would leave
out what only Windows or arm64 needs. Here the needs are followed wheel by wheel, with the markers
of the platform; versions are those of `constraints.txt`.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

from kit.platforms import Platform


class KitError(Exception):
    """No kit can be made; the message says why."""


@dataclass(frozen=True)
class Need:
    """What a package asks for: another one, some of its extras, some of its versions."""

    name: str
    extras: frozenset[str] = frozenset()
    versions: SpecifierSet = field(default_factory=SpecifierSet)

    def joined(self, other: Need) -> Need:
        """Return what two packages ask for together."""
        return Need(self.name, self.extras | other.extras, self.versions & other.versions)


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
    own = Need(canonicalize_name(read_metadata(root)["Name"]), extras)
    found = {own.name: root}
    asked: dict[str, Need] = {}
    wanted = [own]
    while wanted:
        for need in wanted:
            asked[need.name] = asked[need.name].joined(need) if need.name in asked else need
        names = {need.name for need in wanted}
        missing = [asked[name] for name in sorted(names - set(found))]
        found |= _download(missing, platform, python, folder, constraints)
        needs = [
            need
            for name in sorted(names)
            for need in _list_needs(found[name], asked[name].extras, platform, python)
        ]
        wanted = [
            need
            for need in needs
            if need.name not in asked or not need.extras <= asked[need.name].extras
        ]
    return found


def _list_needs(wheel: Path, extras: frozenset[str], platform: Platform, python: str) -> list[Need]:
    environment = platform.make_environment(python)
    needs = []
    for line in read_metadata(wheel).get_all("Requires-Dist") or []:
        need = Requirement(line)
        applies = need.marker is None or any(
            need.marker.evaluate(environment | {"extra": extra}) for extra in ("", *extras)
        )
        if applies:
            name = canonicalize_name(need.name)
            needs.append(Need(name, frozenset(need.extras), need.specifier))
    return needs


def _download(
    needs: list[Need], platform: Platform, python: str, folder: Path, constraints: dict[str, str]
) -> dict[str, Path]:
    """Download wheels; one that is there already is not asked for again."""
    if not needs:
        return {}
    versions = {
        need.name: SpecifierSet(f"=={constraints[need.name]}")
        if need.name in constraints
        else need.versions
        for need in needs
    }
    pinned = [f"{name}{specifier}" for name, specifier in versions.items()]
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
        is_wanted = name in versions and versions[name].contains(version, prereleases=True)
        if is_wanted and any(fits(str(tag), platform, compact) for tag in tags_of):
            wheels[str(name)] = path
    if lost := set(versions) - set(wheels):
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
