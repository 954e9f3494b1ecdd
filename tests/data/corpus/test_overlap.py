from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.corpus.overlap import main
from data.corpus.pointers import Resolved
from data.labelled import LabelledArticle
from data.themes import read_themes
from tests.conftest import ARTICLE

REPOST = f"原标题：小病在镇上看\n{ARTICLE.replace('去年，', '2023年')}（完）"
OTHER = "市里的地铁三号线昨天试运行，早高峰最短间隔三分半，车站里新添了无障碍电梯，票价暂时不变。"


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> list[LabelledArticle]:
    """The corpus, beside which one pointer has its text at hand and two have not."""
    pointer = LabelledArticle("real", REPOST, "pointer", frozenset({"alliance"}))
    monkeypatch.setattr("data.corpus.loader.resolve_pointers", lambda: Resolved((pointer,), 2))
    return list(read_corpus(CORPUS_FOLDER, frozenset(theme.key for theme in read_themes())))


def write_gold(path: Path, **texts: str) -> Path:
    rows = ({"id": name, "text": text, "themes": []} for name, text in texts.items())
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_labelled_articles_that_are_told_in_gold_are_named(
    corpus: list[LabelledArticle], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write_gold(tmp_path / "first.jsonl", metro=OTHER, story=ARTICLE)
    second = write_gold(tmp_path / "second.jsonl", copy=corpus[5].text)
    with pytest.raises(typer.Exit):
        main([first, second])
    same, near = capsys.readouterr().out.splitlines()
    assert same == f"{corpus[5].id} 与评测文章 copy 近乎相同，相似度 1.00"
    told, likeness = near.rsplit(" ", 1)
    assert told == "real 与评测文章 story 近乎相同，相似度"
    assert 0.45 <= float(likeness) < 1


def test_gold_that_stands_apart_is_said_to(
    corpus: list[LabelledArticle], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([write_gold(tmp_path / "gold.jsonl", metro=OTHER)])
    assert capsys.readouterr().out == (
        f"{len(corpus) + 1} 篇标注文章（另有 2 篇的原文不在手边）与 1 篇评测文章比过，"
        "没有相同或近似的\n"
    )
