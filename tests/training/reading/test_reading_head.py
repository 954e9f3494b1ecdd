"""The reading head learns from a row, and its export says what it said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from data.corpus.figure_rows import FigureRow, RowArticle
from model import Article
from model.encoder import EncodedArticle, TokenStates
from model.figures.numbers.candidates import find_candidates
from model.figures.numbers.guards import is_figure
from model.figures.reading.reader import FigureReader
from training.reading.examples import ReadingExample, make_examples
from training.reading.export import export_head
from training.reading.fit import FitSettings, fit_head, measure_loss
from training.reading.network import ReadingHead

HIDDEN = 128  # one group of the 8-bit rounding
TEXT = "云岭县人民医院去年派驻医师83名，转诊病人3260人次，到2025年底签约率要达到95%。"


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


def row(number: str, indicator: str, kind: str, year: int) -> FigureRow:
    at, name = TEXT.index(number), TEXT.index(indicator)
    body = TEXT.index("云岭县人民医院")
    return FigureRow(
        (at, at + len(number)), True, kind, "", year, ((name, name + len(indicator)),),
        (body, body + 7), True,
    )  # fmt: skip


ROWS = (
    row("83名", "派驻医师", "level", 2023),
    row("3260人次", "转诊病人", "level", 2023),
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
    bodies = reader.read(article, tokens, candidates, accepted)
    read = [
        (article.text[candidates[i].start : candidates[i].end], body and body.of(article.text))
        for i, body in bodies.items()
    ]
    assert read == [(text, "云岭县人民医院") for text in ("83名", "3260人次", "95%")]


def test_a_number_that_no_row_names_is_no_key_figure(examples: list[ReadingExample]) -> None:
    article = RowArticle("a", TEXT, "2024-05-16", ROWS[:1])
    (example,) = make_examples(article, _Encoder())  # type: ignore[arg-type]
    assert [target.key for target in example.targets] == [1.0, 0.0, 0.0]
    (whole,) = examples
    assert [target.kind is not None for target in whole.targets] == [True, True, True]
