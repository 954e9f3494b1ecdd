"""The reading head learns from a row, and its export says what it said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from data.corpus.figure_rows import FigureRow, RowArticle
from model import Article, Span
from model.encoder import EncodedArticle, TokenStates
from model.figures.numbers.candidates import find_candidates
from model.figures.numbers.guards import is_figure
from model.figures.reading.reader import N_PARTS, FigureReader, Part, find_runs
from training.reading.examples import ReadingExample, make_examples
from training.reading.export import export_head
from training.reading.fit import FitSettings, fit_head, measure_loss
from training.reading.network import ReadingHead

HIDDEN = 128  # one group of the 8-bit rounding
TEXT = "云岭县人民医院去年派驻医师83名，转诊3260人次病人，到2025年底签约率要达到95%。"


class _Encoder:
    """Gives each character a state of its own."""

    def encode(self, article: Article) -> EncodedArticle:
        n = len(article.text)
        numbers = np.arange(n)
        states = np.random.default_rng(1).normal(size=(70_000, HIDDEN))
        own = states[[ord(c) for c in article.text]].astype(np.float32)
        tokens = TokenStates(numbers, numbers + 1, numbers * 0, numbers * 0, own)
        nothing = np.zeros((1, 1), np.float32)
        return EncodedArticle((0,), nothing, nothing, nothing[0], tokens)


def row(number: str, indicator: str, kind: str, year: int, *more: str) -> FigureRow:
    at = TEXT.index(number)
    parts = tuple((TEXT.index(part), TEXT.index(part) + len(part)) for part in (indicator, *more))
    body = TEXT.index("云岭县人民医院")
    return FigureRow((at, at + len(number)), True, kind, "", year, parts, (body, body + 7), True)


ROWS = (
    row("83名", "派驻医师", "level", 2023),
    row("3260人次", "转诊", "level", 2023, "病人"),
    row("95%", "签约率", "target", 2025),
)


@pytest.fixture(scope="module")
def examples() -> list[ReadingExample]:
    article = RowArticle("a", TEXT, "2024-05-16", ROWS)
    return make_examples(article, _Encoder())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def head(examples: list[ReadingExample]) -> ReadingHead:
    config = BertConfig(
        hidden_size=HIDDEN, num_hidden_layers=1, num_attention_heads=2, intermediate_size=HIDDEN,
    )  # fmt: skip
    torch.manual_seed(0)
    layers = BertModel(config, add_pooling_layer=False).encoder.layer
    head = ReadingHead(torch.nn.ModuleList(layers), HIDDEN)
    before = float(measure_loss(head, examples).detach())
    settings = FitSettings(epochs=120, batch_chunks=1, warm_up_steps=5, head_rate=2e-3)
    fit_head(head, examples, settings, lambda *_: None)
    assert float(measure_loss(head, examples).detach()) < before / 4
    return head


def test_a_row_is_learned_and_read_back_from_eight_bits(head: ReadingHead, tmp_path: Path) -> None:
    export_head(head, tmp_path / "figures.onnx")
    reader = FigureReader.load(tmp_path)
    article = Article.from_raw(TEXT, date="2024-05-16")
    tokens = _Encoder().encode(article).tokens
    assert tokens
    candidates = list(find_candidates(article.text))
    accepted = [is_figure(article.text, candidate) for candidate in candidates]
    names = [Span(0, 7), Span(0, 3)]
    readings = reader.read(article, tokens, candidates, accepted, names)
    read = [
        (
            article.text[candidates[i].start : candidates[i].end],
            max(reading.names, key=reading.names.__getitem__),
            tuple(part.of(article.text) for part in reading.indicator),
        )
        for i, reading in readings.items()
    ]
    house = "云岭县人民医院"
    assert read == [
        ("83名", house, ("派驻医师",)),
        ("3260人次", house, ("转诊", "病人")),
        ("95%", house, ("签约率",)),
    ]


def test_the_runs_that_add_up_to_most_are_taken_and_none_over_the_number_itself() -> None:
    logits = np.full((1, N_PARTS, 8), -1.0, dtype=np.float32)
    inside, start, end = Part.INDICATOR, Part.INDICATOR_START, Part.INDICATOR_END
    logits[0, inside, [1, 2, 5]] = 3.0
    logits[0, start, [1, 5]] = logits[0, end, [2, 5]] = 2.0
    logits[0, inside, 3] = 9.0  # the number
    barred = np.zeros((1, 8), dtype=bool)
    barred[0, 3] = True
    assert list(find_runs(logits, barred)) == [[(1, 2), (5, 5)]]
    logits[0] = -1.0
    assert list(find_runs(logits, barred)) == [[]]


def test_a_number_that_no_row_names_is_no_key_figure(examples: list[ReadingExample]) -> None:
    article = RowArticle("a", TEXT, "2024-05-16", ROWS[:1])
    (example,) = make_examples(article, _Encoder())  # type: ignore[arg-type]
    assert [target.key for target in example.targets] == [1.0, 0.0, 0.0]
    (whole,) = examples
    assert [target.kind is not None for target in whole.targets] == [True, True, True]
