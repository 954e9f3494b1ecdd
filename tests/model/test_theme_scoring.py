from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Article, Theme
from model.encoder import EncodedArticle
from model.manifest import Manifest, ThemeSetting
from model.theme_scoring import (
    accept_themes,
    calibrate,
    choose_primary,
    find_evidence,
    name_for_review,
    pool_logits,
    score_themes,
    sentence_logits,
    show_scores,
    to_logit,
)

ARTICLE = Article.from_raw("县医院派驻医师到乡镇。患者上下转诊。天气很好很好很好。")


def manifest(**changes: float) -> Manifest:
    setting = ThemeSetting("alliance", "医共体", 1.0, 0.0, 0.5, (0.4, 0.6))
    other = ThemeSetting("smart", "智慧医疗", 1.5, 0.25, 0.5, (0.4, 0.6))
    values = {"evidence_threshold": 0.5, "touch_threshold": 0.2, "primary_share": 0.3} | changes
    return Manifest("t", (setting, other), 64, base="b", files={}, **values)


def encoded(logits: list[list[float]], sentences: tuple[int, ...] = (0, 1, 2)) -> EncodedArticle:
    array = np.array(logits, dtype=np.float32)
    return EncodedArticle(
        sentences, np.zeros((len(array), 2), np.float32), array, np.zeros(len(array))
    )


def accept(read: EncodedArticle) -> tuple[Theme, ...]:
    settings = manifest()
    scores = score_themes(read, settings)
    return accept_themes(ARTICLE, sentence_logits(ARTICLE, read), scores, settings)


def test_pooling_is_log_sum_exp() -> None:
    logits = np.array([[0.0, -50.0], [np.log(3), 2.0]], dtype=np.float32)
    assert pool_logits(logits) == pytest.approx([np.log(4), 2.0], abs=1e-5)


def test_calibration_is_monotone_and_a_probability() -> None:
    setting = ThemeSetting("k", "名", 1.5, -0.5, 0.5, (0.4, 0.6))
    scores = [calibrate(x, setting) for x in (-30, -1, 0, 1, 30)]
    assert scores == sorted(scores)
    assert 0 <= scores[0] < scores[-1] <= 1


def test_evidence_is_the_sentences_that_carry_the_theme() -> None:
    read = encoded([[3.0, -9.0], [2.0, -9.0], [-6.0, -9.0]])
    themes = accept_themes(
        ARTICLE, sentence_logits(ARTICLE, read), score_themes(read, manifest()), manifest()
    )
    assert [t.theme for t in themes] == ["alliance"]
    assert themes[0].evidence == ARTICLE.sentences[:2]


def test_a_theme_from_many_weak_sentences_shows_as_many_as_it_stands_on() -> None:
    read = encoded([[-0.2, -9.0], [-0.1, -9.0], [-0.9, -9.0]])
    (theme,) = accept_themes(
        ARTICLE, sentence_logits(ARTICLE, read), score_themes(read, manifest()), manifest()
    )
    assert theme.evidence == ARTICLE.sentences[:2]


def test_a_heading_is_no_evidence() -> None:
    prose = "县医院派驻医师到乡镇卫生院坐诊带教，全县十二个乡镇都有县里的医生，患者上下转诊很方便。"
    article = Article.from_raw(f"云岭县卫生健康工作\n{prose}\n医共体建设\n{prose}")
    logits = np.array([-9.0, 1.0, 5.0, -9.0])
    evidence = find_evidence(article, logits, manifest().themes[0], 0.5)
    assert evidence == (article.sentences[1],)


LOGITS = st.lists(st.floats(-8, 6), min_size=3, max_size=3)


@given(LOGITS, st.floats(0.1, 0.9))
def test_without_its_evidence_no_theme(values: list[float], threshold: float) -> None:
    settings = manifest()
    settings = replace(settings, themes=(replace(settings.themes[0], threshold=threshold),))
    read = encoded([[x] for x in values])
    logits = sentence_logits(ARTICLE, read)[:, 0]
    evidence = find_evidence(ARTICLE, logits, settings.themes[0], settings.evidence_threshold)
    left = [[x] for x, s in zip(values, ARTICLE.sentences, strict=True) if s not in evidence]
    assert evidence == tuple(sorted(evidence, key=lambda span: span.start))
    assert not left or score_themes(encoded(left), settings)["alliance"] < threshold


def test_a_score_in_logits_is_the_score() -> None:
    setting = ThemeSetting("k", "名", 1.5, -0.5, 0.42, (0.4, 0.6))
    assert calibrate(to_logit(0.42, setting), setting) == pytest.approx(0.42)


def test_a_sentence_has_the_logits_of_an_article_of_it_alone() -> None:
    read = encoded([[-3.0, -9.0], [4.0, -9.0], [-6.0, -9.0]], sentences=(0, 0, 2))
    logits = sentence_logits(ARTICLE, read)
    assert logits[0] == pytest.approx(pool_logits(read.theme_logits[:2]))
    assert logits[1, 0] == -np.inf


def test_review_names_what_is_too_close_to_call() -> None:
    assert name_for_review({"alliance": 0.55, "smart": 0.9}, manifest()) == ("alliance",)


TOUCHED = np.array([[2.2, -2.2], [-2.2, 2.2], [-2.2, -2.2]], dtype=np.float32)
BOTH = (Theme("smart", "智慧医疗", 0.9, ()), Theme("alliance", "医共体", 0.7, ()))


def test_primary_is_what_most_of_the_text_touches() -> None:
    assert choose_primary(ARTICLE, BOTH, TOUCHED, manifest()) == "alliance"


def test_what_touches_a_theme_is_asked_of_its_calibration() -> None:
    settings = manifest()
    eager = replace(settings.themes[1], bias=3.0)  # every logit of TOUCHED is above 0.2 then
    settings = replace(settings, themes=(settings.themes[0], eager))
    assert choose_primary(ARTICLE, BOTH, TOUCHED, settings) == "smart"


def test_primary_needs_more_than_a_minor_part() -> None:
    assert choose_primary(ARTICLE, BOTH, TOUCHED, manifest(primary_share=0.6)) is None


def test_no_theme_no_primary() -> None:
    assert choose_primary(ARTICLE, (), TOUCHED, manifest()) is None


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 0.95))
def test_what_is_shown_keeps_order_and_is_half_at_the_threshold(
    one: float, other: float, threshold: float
) -> None:
    setting = ThemeSetting("alliance", "医共体", 1.0, 0.0, threshold, (threshold, threshold))
    model = replace(manifest(), themes=(setting,))
    low, high = (
        show_scores({"alliance": score}, model)["alliance"] for score in sorted((one, other))
    )
    assert 0 <= low <= high <= 1
    assert show_scores({"alliance": threshold}, model)["alliance"] == pytest.approx(0.5)
    assert show_scores({"alliance": 0.0}, model) == {"alliance": 0.0}
    assert show_scores({"alliance": 1.0}, model) == {"alliance": 1.0}
