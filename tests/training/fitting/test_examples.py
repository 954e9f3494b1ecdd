from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from model.windows import SpecialTokens, make_batch
from tests.training.tiny import labelled
from training.encoder.pretrained import load_base
from training.fitting.examples import BORDERLINE, UNKNOWN, make_example, make_examples

THEMES = ("alliance", "smart")


@pytest.fixture
def tokenizer(tiny_base: Path) -> Tokenizer:
    return load_base(str(tiny_base), tiny_base).tokenizer


def test_sentence_labels_become_targets(tokenizer: Tokenizer) -> None:
    example = make_example(labelled(), THEMES, tokenizer, 48)
    assert example.segment_themes.tolist() == [[1, 0], [0, BORDERLINE], [0, 0]]
    assert example.article_themes.tolist() == [1, BORDERLINE]
    assert example.salience.tolist() == [1, 0, 0]


def test_articles_of_which_cleaning_leaves_nothing_are_left_out(tokenizer: Tokenizer) -> None:
    emptied = replace(labelled(), text="责任编辑：张三", sentences=())
    (example,) = make_examples([emptied, labelled()], THEMES, tokenizer, 48)
    assert example.labelled == labelled()


def test_unlisted_sentences_of_an_incomplete_article_are_unknown(tokenizer: Tokenizer) -> None:
    example = make_example(labelled(complete=False), THEMES, tokenizer, 48)
    assert example.segment_themes[2].tolist() == [UNKNOWN, UNKNOWN]


def test_an_article_labelled_as_a_whole_says_nothing_of_its_sentences(
    tokenizer: Tokenizer,
) -> None:
    whole = labelled(sentences=None, borderline=frozenset())
    example = make_example(whole, THEMES, tokenizer, 48)
    assert example.segment_themes.tolist() == [[UNKNOWN, 0]] * 3
    assert (example.salience == UNKNOWN).all()


def test_windows_of_training_are_those_of_serving(tokenizer: Tokenizer) -> None:
    example = make_example(labelled(), THEMES, tokenizer, 48)
    assert len(make_batch(example.windows, SpecialTokens()).sentences) == len(
        example.segment_themes
    )
