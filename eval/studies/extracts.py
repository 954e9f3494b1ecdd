"""Summaries against the plain extracts: what the model's are better by, with its interval."""

from __future__ import annotations

from collections.abc import Iterator

from eval.baselines.extracts import lead, textrank
from eval.measuring.answers import Answer, to_article
from eval.measuring.bootstrap import Estimate, estimate_difference
from eval.measuring.evaluation import Evaluation
from eval.measuring.measures import SUMMARIES
from eval.measuring.sheet import mark

_EXTRACTS = {"Lead": lead, "TextRank": textrank}
_ROUGE_L = tuple(measure for measure in SUMMARIES if measure.key == "summary.rougeL")


def compare_extracts(evaluation: Evaluation) -> dict[str, Estimate]:
    """Return by how much ROUGE-L is above each extract's, where summaries are marked."""
    pairs = [
        (gold, answer)
        for gold, answer in zip(evaluation.golds, evaluation.answers, strict=True)
        if gold.summary
    ]
    if not pairs:
        return {}
    golds = [gold for gold, _ in pairs]
    own = mark(golds, [answer for _, answer in pairs], list(evaluation.names))
    articles = [to_article(gold) for gold in golds]
    found = {}
    for name, extract in _EXTRACTS.items():
        answers = [Answer(a.text, summary=extract(a)) for a in articles]
        sheet = mark(golds, answers, list(evaluation.names))
        found[name] = estimate_difference(sheet, own, _ROUGE_L)["summary.rougeL"]
    return found


def describe_extracts(evaluation: Evaluation) -> Iterator[str]:
    """Yield a line for each extract."""
    for name, gain in compare_extracts(evaluation).items():
        ends = f"{gain.low:+.3f} – {gain.high:+.3f}"
        yield f"摘要 ROUGE-L 与 {name} 之差：{gain.value:+.3f}（{ends}）"
