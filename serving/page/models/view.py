"""训练 and 模型 in HTML: a training with its progress, the gate's verdict, versions."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from data.labels.files import RowProblem
from serving.corrections.counts import AcceptedCounts
from serving.corrections.own_themes import MIN_POSITIVES, ThemeProgress
from serving.home.schema import Training
from serving.jobs.trainings import COMPARING, read_progress
from serving.page.notices import show_warning
from serving.page.phrases import bilingual, both, read_phrases
from serving.page.templates import render
from serving.registry.verdicts import judged_cells
from serving.registry.version_labels import read_version_labels
from serving.registry.versions import Registry, Version
from training.packaging.names import CURVE_NAME

_MAX_PROBLEMS = 200
# A term of the card in both languages, perhaps with its value: `数据 · Data`, `许可 Licence: MIT`.
_PAIR = re.compile(
    r"(?P<zh>[\u4e00-\u9fff]+)(?: · | )(?P<en>[A-Za-z][^\u4e00-\u9fff]*?)(?P<rest>: [^`*\[<]*)?"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MINUTE_S = 60
_SHOWN_SWITCHES = 10
_DIFFERENCE_CELL = 3
# A training names its stage in Chinese; a stage without a phrase is shown as it is named.
_STAGES = {
    read_phrases()[key]["zh"]: key
    for key in ("train.stage_prepare", "train.stage_read", "train.stage_fit")
}


@dataclass(frozen=True)
class _Progress:
    """The stage of a training; `total` is 0 and `duration` None while they are unknown."""

    stage: str
    done: int = 0
    total: int = 0
    duration: Markup | None = None

    @property
    def share(self) -> str:
        return f"{self.done / self.total:.3f}"


def show_no_training() -> Markup:
    """Return the help that is shown before there is a training."""
    return render("models/no_training.html.j2")


def show_ready(
    counts: AcceptedCounts,
    names: Mapping[str, str],
    n_needed: int,
    own: Sequence[ThemeProgress] = (),
) -> Markup:
    """Return how many confirmed articles there are to learn from, by theme.

    Args:
        counts: all confirmed articles.
        names: Chinese name of every theme of the model in use, by key.
        n_needed: how many a training needs.
        own: themes that people made and the model does not know yet.
    """
    return render(
        "models/ready.html.j2",
        counts=counts,
        n_needed=n_needed,
        by_theme=[(name, counts.by_theme.get(key, 0)) for key, name in names.items()],
        own=own,
        min_positives=MIN_POSITIVES,
    )


def show_left_out(left_out: Sequence[ThemeProgress]) -> Markup:
    """Return which themes of people's own are not learned this time, and why."""
    lines = [
        both("train.left_out", name=theme.name, n=theme.n_with, needed=MIN_POSITIVES)
        for theme in left_out
    ]
    return Markup().join(show_warning(line) for line in lines)


def show_training(training: Training | None) -> Markup:
    """Return a training: its progress or end, its loss curves, the gate's verdict."""
    if training is None:
        return show_no_training()
    return render(
        "models/training.html.j2",
        training=training,
        created=f"{training.created.astimezone():%Y-%m-%d %H:%M}",
        progress=_progress(training) if training.is_active else None,
        verdict=show_verdict(training.verdict) if training.verdict else None,
        curves=_curves(training),
    )


def _progress(training: Training) -> _Progress:
    row = read_progress(training)
    if training.version:
        is_begun = row.get("stage") == COMPARING
        n_done, n_all = (row["done"], row["total"]) if is_begun else (0, 0)
        return _Progress(both("train.stage_compare"), n_done, n_all)
    stage = row.get("stage")
    key = _STAGES.get(stage) if stage else "train.stage_prepare"
    left_s = row.get("left_s")
    return _Progress(
        both(key) if key else str(stage),
        row.get("done") or 0,
        row.get("total") or 0,
        None if left_s is None else _duration(left_s),
    )


def _duration(seconds: float) -> Markup:
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    if minutes:
        return both("train.minutes", minutes=minutes, seconds=rest)
    return both("train.seconds", seconds=rest)


def _curves(training: Training) -> str:
    """Return the image of the loss curves in base64, or nothing while there is none."""
    path = training.run / CURVE_NAME
    if training.is_active or not path.is_file():
        return ""
    return b64encode(path.read_bytes()).decode()


def show_comparing(n_done: int, n_all: int) -> Markup:
    """Return how far a comparison of two versions is; `n_all` is 0 while that is unknown."""
    progress = _Progress(both("train.stage_compare"), n_done, n_all)
    return render("models/progress.html.j2", progress=progress)


def show_verdict(verdict: Mapping[str, Any]) -> Markup:
    """Return the gate's verdict, and the measures that it went by."""
    return render(
        "models/verdict.html.j2",
        accepted=verdict["accepted"],
        reasons=verdict["reasons"],
        notes=verdict.get("notes", ()),
        is_out_of_fold=any(row.get("folds") for row in verdict["judged"]),
        n_articles=verdict["n_articles"],
        measures=[_measure_cells(row) for row in verdict["judged"]],
    )


def _measure_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    cells = list(judged_cells(row))
    if row["old"] is None:
        cells[_DIFFERENCE_CELL] = both("models.new_theme")
    return tuple(cells)


def show_problems(problems: Sequence[RowProblem], n_read: int, n_files: int) -> Markup:
    """Return the problems of label files, row by row."""
    return render(
        "models/problems.html.j2",
        n_read=n_read,
        n_files=n_files,
        n_problems=len(problems),
        shown=[str(problem) for problem in problems[:_MAX_PROBLEMS]],
    )


def show_versions(registry: Registry) -> Markup:
    """Return the versions, which is in use, and the last switches."""
    names = registry.names
    return render(
        "models/versions.html.j2",
        versions=registry.versions(),
        labels=read_version_labels(registry),
        current=names.current,
        previous=names.previous,
        switches=names.switches[-_SHOWN_SWITCHES:][::-1],
    )


def show_card(version: Version) -> Markup:
    """Return a version's model card; on a Chinese page without its English paragraphs."""
    card = version.folder / "README.md"
    text = card.read_text(encoding="utf-8") if not version.problem and card.is_file() else None
    html = None if text is None else _show_markdown(text)
    return render("models/card.html.j2", problem=version.problem, html=html)


def _show_markdown(text: str) -> Markup:
    """Return Markdown as HTML; markup inside it is shown as text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and not _CHINESE.search(inline.content):
            opening.attrSet("class", "yw-en")
        if inline.type == "inline" and (pair := _PAIR.fullmatch(inline.content)):
            rest = pair["rest"] or ""
            texts = bilingual({"zh": f"{pair['zh']}{rest}", "en": f"{pair['en']}{rest}"})
            inline.children = [Token("html_inline", "", 0, content=str(texts))]
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704


def show_outcome(rest: str, *, done: str = "") -> Markup:
    """Return the outcome of an action: `done` in bold, then the rest."""
    return render("models/outcome.html.j2", done=done, rest=rest)
