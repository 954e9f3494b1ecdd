"""What the reading head sees of an article, and what is made of what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from model import Analyzer, Article
from model.arrays import FloatArray
from model.encoder import TokenStates
from model.figures.numbers.candidates import find_candidates
from model.figures.numbers.guards import is_figure
from model.figures.reading.chunks import LEAD_TOKENS, MAX_TOKENS, NumberView
from model.figures.reading.reader import N_PARTS, FigureReader, Part
from model.network import CompiledNetwork

TEXT = (
    "云岭县人民医院去年向乡镇派驻医师83名，双向转诊3260人次。\n"
    "县域内就诊率由2021年的82.3%提高到90.6%。"
)


def by_character(article: Article) -> TokenStates:
    """A token a character, whose state is its number."""
    n = len(article.text)
    numbers = np.arange(n)
    sentences = np.zeros(n, dtype=np.int64)
    for i, sentence in enumerate(article.sentences):
        sentences[sentence.start : sentence.end] = i
    states = np.repeat(numbers[:, None], 2, axis=1).astype(np.float32)
    return TokenStates(numbers, numbers + 1, sentences, numbers // 100, states)


def view_of(article: Article) -> tuple[NumberView, list[int]]:
    candidates = list(find_candidates(article.text))
    accepted = [is_figure(article.text, candidate) for candidate in candidates]
    view = NumberView(article, by_character(article), candidates, accepted)
    return view, [i for i, is_one in enumerate(accepted) if is_one]


def test_every_figure_is_in_one_chunk_with_the_lead_before_it() -> None:
    article = Article.from_raw(TEXT * 30)
    view, figures = view_of(article)
    chunks = view.cut_chunks(figures)
    assert [f for chunk in chunks for f in chunk.figures] == figures
    assert len(chunks) > 3
    for chunk in chunks:
        assert len(chunk.tokens) <= MAX_TOKENS
        assert (np.diff(chunk.tokens) > 0).all()
        assert set(range(LEAD_TOKENS)) <= set(chunk.tokens.tolist())
        for figure in chunk.figures:
            assert set(view.places[figure].tolist()) <= set(chunk.tokens.tolist())


def test_tokens_are_told_by_distance_and_by_what_lies_between() -> None:
    article = Article.from_raw(TEXT)
    view, figures = view_of(article)
    (chunk,) = view.cut_chunks(figures)
    inputs = view.make_inputs(chunk)
    row = next(i for i, f in enumerate(chunk.figures) if article.text[view.places[f][0]] == "3")
    own = view.places[chunk.figures[row]]
    assert inputs.pool[row].sum() == pytest.approx(1)
    assert np.flatnonzero(inputs.first[row]).tolist() == [own[0]]
    assert inputs.distances[row, own[0]] == 0
    before, behind = inputs.distances[row, own[0] - 3], inputs.distances[row, own[0] + 3]
    assert before != behind
    comma = article.text.index("，双向")
    assert inputs.borders[row, comma - 1] == inputs.borders[row, own[0]] - 1
    assert inputs.sentences[row, -1] == inputs.sentences[row, own[0]] + 1
    assert inputs.numbers[row, own[0] - 8] == inputs.numbers[row, own[0]] - 1


def test_the_shipped_head_reads_a_row(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(TEXT, date="2024-05-16"))
    rows = {figure.text: figure for figure in report.figures}
    assert rows["90.6%"].indicator == "县域内就诊率"
    assert (rows["82.3%"].year, rows["82.3%"].kind) == (2021, "from")
    assert rows["83名"].body == "云岭县人民医院"
    for figure in report.figures:
        assert figure.body is None or figure.body in report.article.text


def test_what_a_change_compares_with_is_no_part_of_its_indicator(analyzer: Analyzer) -> None:
    text = "去年，总院向乡镇派驻医师83名，双向转诊3260人次，下转病人比2021年增长41.5%。"
    article = Article.from_raw(f"金堂县：小病在镇上看\n{text}", date="2024-05-16")
    (change,) = (f for f in analyzer.analyze(article).figures if f.kind == "change")
    assert change.indicator == "下转病人"


class _Network:
    """Says that the indicator of the only figure is made of given tokens of its only chunk."""

    def __init__(self, runs: list[tuple[int, int]]) -> None:
        self._runs = runs

    def compute(
        self, inputs: Mapping[str, npt.NDArray[Any]], _: Sequence[str], n_figures: int
    ) -> list[FloatArray]:
        n_tokens = inputs["states"].shape[0]
        logits = np.full((n_figures, N_PARTS, n_tokens + 1), -9.0, dtype=np.float32)
        for first, last in self._runs:
            logits[:, Part.INDICATOR, 1 + first : 2 + last] = 9
            logits[:, Part.INDICATOR_START, 1 + first] = 9
            logits[:, Part.INDICATOR_END, 1 + last] = 9
        return [logits]


@pytest.mark.parametrize(
    ("text", "read", "kept"),
    [
        ("全省实现省级100%不见面审批，群众办事少跑腿。", "见面审批", "不见面审批"),
        ("全区组建了73个的家庭医生团队，为居民提供服务。", "的家庭医生团队", "家庭医生团队"),
        ("全省实现省级100%网上审批，群众办事少跑腿。", "网上审批", "网上审批"),
    ],
)
def test_a_part_keeps_its_negation_and_starts_with_a_word(text: str, read: str, kept: str) -> None:
    article = Article.from_raw(text)
    start = article.text.index(read)
    network = cast("CompiledNetwork", _Network([(start, start + len(read) - 1)]))
    candidates = list(find_candidates(article.text))
    reader = FigureReader(network)
    found = reader.read(article, by_character(article), candidates, [True] * len(candidates), [])
    assert ["".join(s.of(article.text) for s in r.indicator) for r in found.values()] == [kept]
