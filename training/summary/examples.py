"""Examples of the learned choice: articles' clauses with the share of each that a summary tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.corpus.summary_picks import PickArticle, Place
from model import Analyzer, Article, InputError, Report, Summary
from model.arrays import FloatArray
from model.encoder import EncodedArticle
from model.summary import summarise
from model.summary.choice.chooser import gather_vectors, lay_out, weigh_logits
from model.summary.choice.clauses import Clause, split_clauses
from model.summary.choice.features import list_features
from model.summary.choice.network import ChoiceNetwork


@dataclass(frozen=True)
class ChoiceExample:
    """One article of C clauses.

    `features` (C, features) and `vectors` (C, 2 x hidden) are what the network takes; `told` (C,)
    is the share of each clause's characters that the summary has, `n_chars` (C,) its length.
    `group` is the same for articles that tell one story.
    """

    features: FloatArray
    vectors: FloatArray
    told: FloatArray
    n_chars: FloatArray
    group: int = 0


@dataclass(frozen=True)
class Analysed:
    """An article as its summary is made from it, with its clauses' `vectors`."""

    article: Article
    encoded: EncodedArticle
    report: Report
    clauses: tuple[Clause, ...]
    vectors: FloatArray


def analyse(pick: PickArticle, analyzer: Analyzer) -> Analysed:
    """Run all that goes before a summary.

    Raises:
        InputError: the text is too short or no Chinese, or the model gives no states of tokens.
    """
    article = Article.from_raw(pick.text, id=pick.id, date=pick.date)
    encoded = analyzer.encode(article)
    if encoded.tokens is None:
        raise InputError(
            "这个模型不给出各词的状态，请先运行 python -m training.recipes.read_figures",
            code="no_states",
        )
    report = analyzer.analyze(article, encoded=encoded)
    clauses = tuple(split_clauses(article))
    vectors = gather_vectors(encoded, clauses)
    light = replace(encoded, tokens=None)  # the tokens of a thousand articles are a gigabyte
    return Analysed(article, light, report, clauses, vectors)


def make_example(analysed: Analysed, parts: Sequence[Place], group: int = 0) -> ChoiceExample:
    """Make an example of an article and the parts of its text that its summary is made of."""
    article, clauses = analysed.article, analysed.clauses
    report = analysed.report
    is_told = np.zeros(len(article.raw) + 1, dtype=np.float32)
    for start, end in parts:
        is_told[start:end] = 1
    told = is_told[article.offsets[:-1]]
    spans = [clause.span for clause in clauses]
    return ChoiceExample(
        features=list_features(
            article, analysed.encoded, clauses, report.themes, report.figures, report.cast
        ),
        vectors=analysed.vectors,
        told=np.array([told[s.start : s.end].mean() for s in spans], np.float32),
        n_chars=np.array([s.end - s.start for s in spans], np.float32),
        group=group,
    )


def summarise_by(network: ChoiceNetwork, analysed: Analysed, example: ChoiceExample) -> Summary:
    """Summarise an analysed article with another head than its model's."""
    logits = network.score(example.features, example.vectors)
    told = lay_out(analysed.article, analysed.clauses, weigh_logits(logits))
    report = analysed.report
    return summarise(analysed.article, told, report.themes, report.figures, cast=report.cast)
