"""The quality report as one self-contained HTML file, with a JSON file beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from eval.measuring.bootstrap import Estimate
from eval.measuring.evaluation import Evaluation
from eval.report.charts import colour_of, draw_precision_recall, draw_reliability
from eval.report.console import show_value
from eval.report.mistakes import (
    NONE,
    confuse,
    find_figure_mistakes,
    find_theme_mistakes,
    find_weak_summaries,
)

TEMPLATE = "quality_report.html.j2"
N_SHOWN = 30


def write_html(
    evaluation: Evaluation, data: str, path: Path, notes: Sequence[str] = ()
) -> tuple[Path, Path]:
    """Write the HTML file and the JSON file next to it; return both paths.

    Args:
        evaluation: what was measured.
        data: what it was measured on.
        path: the HTML file.
        notes: what a reader has to know, such as texts that were not at hand.
    """
    folder = Path(__file__).parent
    page = Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**_content(evaluation, data), "notes": notes}
    path.write_text(page.get_template(TEMPLATE).render(**content), "utf-8")
    as_json = path.with_suffix(".json")
    rows = json.dumps(to_rows(evaluation, data), ensure_ascii=False, indent=1)
    as_json.write_text(rows + "\n", "utf-8")
    return path, as_json


def to_rows(evaluation: Evaluation, data: str) -> dict[str, Any]:
    """Return the evaluation as plain values; undefined measures are null."""
    return {
        "model": evaluation.model,
        "data": data,
        "n_articles": len(evaluation.golds),
        "articles_per_s": round(evaluation.n_articles_per_s, 2),
        "measures": _plain(evaluation.estimates),
        "baselines": [
            {"system": b.system, "task": str(b.aspect), "measures": _plain(b.estimates)}
            for b in evaluation.baselines
        ],
        "theme_mistakes": [
            {"id": m.gold.id, "missed": m.missed, "extra": m.extra, "scores": m.prediction.scores}
            for m in find_theme_mistakes(evaluation.golds, evaluation.predictions)
        ],
    }


def _content(evaluation: Evaluation, data: str) -> dict[str, Any]:
    golds, predictions, sheet = evaluation.golds, evaluation.predictions, evaluation.sheet
    names = evaluation.names
    return {
        "model": evaluation.model,
        "data": data,
        "n_articles": len(golds),
        "speed": evaluation.n_articles_per_s,
        "names": names,
        "legend": [(colour_of(i), name) for i, name in enumerate(names.values())],
        "measures": [
            (m.name, show_value(m, e.value), show_value(m, e.low), show_value(m, e.high))
            for m, e in ((m, evaluation.estimates[m.key]) for m in evaluation.measures)
            if not isnan(e.value)
        ],
        "baselines": evaluation.baselines,
        "own": evaluation.estimates,
        "reliability": draw_reliability(sheet),
        "precision_recall": draw_precision_recall(sheet),
        "confusion": confuse(sheet).tolist(),
        "confusion_names": [*names.values(), NONE],
        "theme_mistakes": find_theme_mistakes(golds, predictions)[:N_SHOWN],
        "figure_mistakes": find_figure_mistakes(golds, predictions)[:N_SHOWN],
        "weak_summaries": find_weak_summaries(golds, predictions, sheet)[: N_SHOWN // 2],
    }


def _plain(estimates: dict[str, Estimate]) -> dict[str, dict[str, float | None]]:
    return {
        key: {
            name: None if isnan(value) else round(value, 4)
            for name, value in (("value", e.value), ("low", e.low), ("high", e.high))
        }
        for key, e in estimates.items()
    }
