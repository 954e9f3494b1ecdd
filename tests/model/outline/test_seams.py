from __future__ import annotations

import pytest

from model import Article

BEFORE = "8月15日，云岭县供电公司走进社区，向居民讲解如何节约用电。志愿者们开展节电宣传。"
AFTER = "据了解，分时电价根据用电时间的不同，把一天分成几个时段，各有各的价。"


@pytest.mark.parametrize(
    "caption", ["云岭供电公司供图", "（云岭供电公司供图）", "社区宣传现场 资料图片"]
)
def test_a_caption_glued_between_two_sentences_is_a_block_of_its_own(caption: str) -> None:
    article = Article.from_raw(BEFORE + caption + AFTER)
    parts = [(block.kind, block.span.of(article.text)) for block in article.blocks]
    assert parts == [("paragraph", BEFORE), ("caption", caption), ("paragraph", AFTER)]
    sentences = [sentence.of(article.text) for sentence in article.sentences]
    assert AFTER in sentences
    assert [s for i, s in enumerate(sentences) if not article.may_speak(i)] == [caption]


def test_a_title_glued_before_the_dateline_is_a_block_of_its_own() -> None:
    article = Article.from_raw("云岭县城盼来新医院 新华社昆明4月3日电（记者张三）" + AFTER)
    assert [block.kind for block in article.blocks] == ["title", "paragraph"]
    assert article.sentences[0].of(article.text) == article.title == "云岭县城盼来新医院"


def test_pictures_that_a_sentence_tells_of_are_no_seam() -> None:
    text = BEFORE + "医院向中心提供资料图片多张，供大家参考。" + AFTER
    assert len(Article.from_raw(text).blocks) == 1
