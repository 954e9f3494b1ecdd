"""Make a kit: `make kit PLATFORM=win_amd64`, or

python -m kit.make_kit --wheel dist/yiwen-….whl --platform linux_x86_64 [--python 3.11 …] [--ocr]

The kit is a folder: the wheels of Yiwen and of all that it needs for each version of Python, lists
of their hashes, scripts that install and start it, licences, a page of instructions, SHA-256 sums.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import zipfile
from collections.abc import Iterable
from email.message import Message
from pathlib import Path

from kit.platforms import PLATFORMS, PYTHONS, Platform
from kit.wheelhouse import KitError, collect, read_constraints, read_metadata

ROOT = Path(__file__).parents[1]
FILES = Path(__file__).parent / "files"
EXTRAS = frozenset({"app"})
OCR = "ocr"
WHEELS, LICENCES, SUMS = "wheels", "licences", "SHA256SUMS.txt"
_BLOCK_BYTES = 1 << 20
_LICENCE_NAMES = (
    "licen",
    "copying",
    "notice",
    "authors",
    "thirdparty",
    "third-party",
    "third_party",
)
_EXECUTABLE = 0o755


def make_kit(
    wheel: Path,
    platform: Platform,
    pythons: Iterable[str],
    out: Path,
    extras: frozenset[str] = EXTRAS,
) -> Path:
    """Make a kit's folder, and what users are handed: the same as one zip file.

    Args:
        wheel: Yiwen's wheel.
        platform: where the kit will be used.
        pythons: versions of Python that it is for.
        out: where the folder and the zip file are put.
        extras: those of Yiwen's extras that it has.

    Raises:
        KitError: something that it needs has no wheel for the platform.
    """
    more = "".join(f"-{extra}" for extra in sorted(extras - EXTRAS))
    folder = out / f"yiwen-kit{more}-{platform.name}"
    wheels = folder / WHEELS
    for path in wheels.glob("yiwen-*.whl"):
        path.unlink()  # other wheels are kept, so that making a kit again downloads nothing
    wheels.mkdir(parents=True, exist_ok=True)
    own = wheels / wheel.name
    shutil.copyfile(wheel, own)
    constraints = read_constraints(ROOT / "constraints.txt")
    used: set[Path] = set()
    for python in pythons:
        found = collect(own, extras, platform, python, wheels, constraints)
        _write_requirements(folder / f"requirements-{python}.txt", found, extras)
        used |= set(found.values())
    for path in set(wheels.glob("*.whl")) - used:
        path.unlink()
    _write_licences(folder / LICENCES, used)
    _write_scripts(folder, platform)
    _write_sums(folder)
    return _pack(folder)


def hash_file(path: Path) -> str:
    """Return a file's SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _write_requirements(path: Path, wheels: dict[str, Path], extras: frozenset[str]) -> None:
    """Write what pip installs, each with its hash: pip refuses a file that was changed."""
    lines = []
    for name, wheel in sorted(wheels.items()):
        own = f"[{','.join(sorted(extras))}]" if name == "yiwen" else ""
        version = read_metadata(wheel)["Version"]
        lines.append(f"{name}{own}=={version} --hash=sha256:{hash_file(wheel)}\n")
    path.write_text("".join(lines), encoding="ascii", newline="\n")


def _write_licences(folder: Path, wheels: Iterable[Path]) -> None:
    """Unpack the licences of all packages, and list what each declares."""
    shutil.rmtree(folder, ignore_errors=True)
    lines = []
    for wheel in sorted(wheels):
        metadata = read_metadata(wheel)
        name, version = metadata["Name"], metadata["Version"]
        line = f"{name}\t{version}\t{_name_licence(metadata)}\n"
        lines += [] if line in lines else [line]
        with zipfile.ZipFile(wheel) as archive:
            for part in archive.namelist():
                if _is_licence(part):
                    target = folder / str(name) / part.rsplit("/", 1)[1]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(part))
    (folder / "packages.tsv").write_text("".join(lines), encoding="utf-8", newline="\n")


def _is_licence(part: str) -> bool:
    folder, _, name = part.rpartition("/")
    return ".dist-info" in folder and any(word in name.lower() for word in _LICENCE_NAMES)


def _name_licence(metadata: Message) -> str:
    """Return the licence that a package declares."""
    declared = metadata["License-Expression"] or metadata["License"] or ""
    classified = [
        line.rsplit(" :: ", 1)[1]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    first = str(declared).strip().split("\n")[0]
    return first if first and first != "UNKNOWN" else "；".join(classified) or "see its files"


def _write_scripts(folder: Path, platform: Platform) -> None:
    """Write the scripts and texts; those for Windows have its line ends and a byte order mark."""
    for path in sorted(p for p in FILES.rglob("*") if p.is_file()):
        is_for_windows = path.suffix == ".bat"
        if path.suffix in {".bat", ".sh"} and is_for_windows != platform.is_windows:
            continue
        target = folder / path.relative_to(FILES)
        target.parent.mkdir(exist_ok=True)
        text = path.read_text("utf-8")
        if platform.is_windows:
            # Notepad wants a byte order mark; the console would show it.
            is_for_notepad = path.parent == FILES and not is_for_windows
            encoding = "utf-8-sig" if is_for_notepad else "utf-8"
            target.write_text(text, encoding=encoding, newline="\r\n")
        else:
            target.write_text(text, encoding="utf-8", newline="\n")
            target.chmod(_EXECUTABLE if path.suffix == ".sh" else 0o644)


def _write_sums(folder: Path) -> None:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SUMS)
    lines = [f"{hash_file(p)}  {p.relative_to(folder).as_posix()}\n" for p in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def _pack(folder: Path) -> Path:
    """Pack a folder; wheels are packed already."""
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
    return target


def main() -> None:
    """Make the kit that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--platform", choices=PLATFORMS, required=True)
    parser.add_argument("--python", nargs="+", choices=PYTHONS, default=PYTHONS)
    parser.add_argument("--ocr", action="store_true", help="with text recognition, for scans")
    parser.add_argument("--out", type=Path, default=Path("dist"))
    asked = parser.parse_args()
    extras = EXTRAS | {OCR} if asked.ocr else EXTRAS
    try:
        made = make_kit(asked.wheel, PLATFORMS[asked.platform], asked.python, asked.out, extras)
    except KitError as error:
        sys.exit(f"离线包没有做成：{error}")
    sys.stdout.write(f"{made}（{made.stat().st_size / 1e6:.0f} MB）\n")


if __name__ == "__main__":
    main()
