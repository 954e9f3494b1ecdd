"""Gain in ROUGE-L of the model's summaries over plain extracts, with its interval."""

from __future__ import annotations

from collections.abc import Iterator

from eval.baselines.extracts import lead, textrank
from eval.measuring.bootstrap import Estimate, estimate_difference
from eval.measuring.evaluation import Evaluation
from eval.measuring.measures import SUMMARIES
from eval.measuring.predictions import Prediction, clean_gold
from eval.measuring.scoresheet import mark

_EXTRACTS = {"Lead": lead, "TextRank": textrank}
_ROUGE_L = tuple(measure for measure in SUMMARIES if measure.key == "summary.rougeL")


def compare_extracts(evaluation: Evaluation) -> dict[str, Estimate]:
    """Return the gain over each kind of extract, on articles with a reference summary."""
    pairs = [
        (gold, prediction)
        for gold, prediction in zip(evaluation.golds, evaluation.predictions, strict=True)
        if gold.summary
    ]
    if not pairs:
        return {}
    golds = [gold for gold, _ in pairs]
    own = mark(golds, [prediction for _, prediction in pairs], list(evaluation.names))
    articles = [clean_gold(gold) for gold in golds]
    found = {}
    for name, extract in _EXTRACTS.items():
        predictions = [Prediction(a.text, summary=extract(a)) for a in articles]
        sheet = mark(golds, predictions, list(evaluation.names))
        found[name] = estimate_difference(sheet, own, _ROUGE_L)["summary.rougeL"]
    return found


def describe_extracts(evaluation: Evaluation) -> Iterator[str]:
    """Yield a line for each kind of extract."""
    for name, gain in compare_extracts(evaluation).items():
        ends = f"{gain.low:+.3f} – {gain.high:+.3f}"
        yield f"摘要 ROUGE-L 与 {name} 之差：{gain.value:+.3f}（{ends}）"
