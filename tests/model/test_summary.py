from __future__ import annotations

import numpy as np
import pytest

from model import Article
from model.encoder import Reading
from model.figures import find_figures
from model.summary import Summary, summarise

TEXT = (
    "近日，云岭县派出12支医疗队到乡镇坐诊，看病1200人次。此外，他们还送了药。"
    "院长表示。县医院新添床位300张，投入2.1亿元，明年启用。天气一直很好，大家都很高兴。"
)


def summary_of(text: str, salience: list[float], max_chars: int = 150) -> tuple[Article, Summary]:
    article = Article.from_raw(text)
    n = len(article.sentences)
    vectors = np.eye(n, 8, dtype=np.float32)
    scores = np.array(salience[:n], dtype=np.float32)
    reading = Reading(tuple(range(n)), vectors, np.zeros((n, 1), np.float32), scores)
    return article, summarise(article, reading, (), find_figures(article), max_chars)


@pytest.mark.parametrize("max_chars", [20, 40, 60, 150])
def test_the_budget_is_never_passed_and_text_is_the_articles(max_chars: int) -> None:
    article, summary = summary_of(TEXT, [1, 0, 0, 1, 0], max_chars)
    assert 0 < len(summary.text) <= max_chars
    assert summary.text == "".join(s.of(article.text) for s in summary.sentences)
    assert list(summary.sentences) == sorted(summary.sentences, key=lambda s: s.start)


def test_salient_sentences_are_chosen_and_openings_dropped() -> None:
    _, summary = summary_of(TEXT, [2, -1, -1, 2, -3], 60)
    assert summary.text.startswith("云岭县派出12支医疗队")
    assert "新添床位300张" in summary.text


def test_a_sentence_longer_than_the_budget_is_cut_at_a_clause() -> None:
    text = "县里建起了医共体，" * 30 + "大家都说好。"
    _, summary = summary_of(text, [1.0], 100)
    assert len(summary.text) <= 100
    assert summary.text.endswith("医共体")
