from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from data.gold import GoldArticle, read_gold_articles
from data.labelled import LabelledArticle
from eval.baselines import Aspect, run_baselines
from eval.baselines.extracts import MAX_CHARS, best_extract, lead, textrank
from eval.baselines.keywords import find_themes, read_keywords
from eval.baselines.linear import best_threshold
from eval.baselines.number_regex import find_numbers
from eval.gate.floors import GOLD
from eval.measuring.bootstrap import estimate, estimate_difference
from eval.measuring.evaluation import Evaluation, evaluate, without_known
from eval.measuring.measures import THEMES
from eval.measuring.scoresheet import mark
from eval.measuring.summary_scores import rouge
from eval.report.comparison import change_table, compare_analyzers, comparison_table
from eval.report.console import baseline_tables, measure_table
from eval.report.html_file import write_html
from eval.report.quality_report import evaluate_model
from eval.studies.extract_gains import compare_extracts, describe_extracts
from model import Analyzer, Article, InputError
from model.analyzer import DEFAULT_MODEL
from tests.conftest import ARTICLE

KEYS = frozenset({"prevention", "alliance", "smart", "talent"})
EVIL = "<script>alert(1)</script>县医院派驻医师到乡镇卫生院坐诊，双向转诊病人三千人次。"


@pytest.fixture(scope="module")
def golds() -> list[GoldArticle]:
    return read_gold_articles(GOLD, KEYS)[::3]


@pytest.fixture(scope="module")
def evaluation(analyzer: Analyzer, golds: list[GoldArticle]) -> Evaluation:
    evil = GoldArticle("<b>evil</b>", EVIL, frozenset({"talent"}))
    train = [
        LabelledArticle(str(i), f"{g.text}{i}", "corpus", g.themes) for i, g in enumerate(golds * 4)
    ]
    return evaluate(
        analyzer, [*golds, evil], train, lambda texts: np.eye(len(texts), 384, dtype="f4")
    )


def test_the_report_page_is_one_file_that_runs_nothing(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    notes = ["注意：3 篇<指针>文章不在手边，基线训练未用"]
    page, as_json = write_html(evaluation, "测试", tmp_path / "report.html", notes)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "3 篇&lt;指针&gt;文章不在手边" in html
    assert html.count("<svg") == 2
    assert "src=" not in html
    assert "<link" not in html
    rows = json.loads(as_json.read_text(encoding="utf-8"))
    assert rows["n_articles"] == len(evaluation.golds)
    measured = rows["measures"]["micro.f1"]
    assert measured["low"] <= measured["value"] <= measured["high"]
    assert {b["task"] for b in rows["baselines"]} == {"themes", "figures", "summaries"}


def test_the_terminal_shows_every_measure_and_baseline(evaluation: Evaluation) -> None:
    console = Console(width=200, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    for table in (measure_table(evaluation), *baseline_tables(evaluation)):
        console.print(table)
    console.file.close()
    text = console.export_text()
    for name in (
        "校准误差",
        "关键词（1 处）",
        "TF-IDF",
        "e5",
        "零样本",
        "TextRank",
        "上限",
        "正则",
    ):
        assert name in text


def test_intervals_hold_the_value_and_shrink_with_more_articles(evaluation: Evaluation) -> None:
    sheet = evaluation.sheet
    few = estimate(sheet, THEMES, 200)["exact"]
    many = estimate(sheet.take(np.tile(np.arange(len(sheet)), 16)), THEMES, 200)["exact"]
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low


def test_a_model_compared_with_itself_does_not_differ(
    analyzer: Analyzer, golds: list[GoldArticle]
) -> None:
    same = compare_analyzers(analyzer, analyzer, golds[:4])
    assert same.changes == ()
    assert {d.value for d in same.differences.values() if d.value == d.value} == {0.0}
    assert comparison_table(same).row_count > 10
    assert change_table(same).row_count == 0


def test_a_difference_is_new_minus_old(evaluation: Evaluation) -> None:
    sheet = evaluation.sheet
    silent = replace(sheet, predicted=np.zeros_like(sheet.predicted))
    difference = estimate_difference(silent, sheet, THEMES, 100)["micro.f1"]
    assert difference.value == evaluation.estimates["micro.f1"].value > 0
    with pytest.raises(ValueError, match="same articles"):
        estimate_difference(sheet, sheet.take(np.arange(2)), THEMES, 10)


def test_the_gain_on_an_extract_is_the_models_score_less_the_extracts(
    evaluation: Evaluation,
) -> None:
    gains = compare_extracts(evaluation)
    assert set(gains) == {"Lead", "TextRank"}
    pairs = [
        (rouge(lead(Article.from_raw(g.text)), g.summary)[2], rouge(a.summary, g.summary)[2])
        for g, a in zip(evaluation.golds, evaluation.predictions, strict=True)
        if g.summary
    ]
    assert gains["Lead"].value == pytest.approx(np.mean([own - plain for plain, own in pairs]))
    assert gains["Lead"].low <= gains["Lead"].value <= gains["Lead"].high
    assert next(describe_extracts(evaluation)).startswith("摘要 ROUGE-L 与 Lead 之差：")


def test_training_articles_like_the_gold_are_left_out(golds: list[GoldArticle]) -> None:
    twin = LabelledArticle("t", "转载：" + golds[0].text, "corpus", frozenset())
    other = LabelledArticle("o", "地铁昨天试运行，早高峰三分半一班。" * 3, "corpus", frozenset())
    assert without_known([twin, other], golds) == ([other], [twin])


def test_extracts_keep_their_budget() -> None:
    article = Article.from_raw(ARTICLE)
    reference = "去年，总院向乡镇派驻医师83名，双向转诊3260人次，下转病人比2021年增长41.5%。"
    for summary in (lead(article), textrank(article), best_extract(article, reference)):
        assert 0 < len(summary) <= MAX_CHARS
    assert article.text.replace("\n", "").startswith(lead(article))
    best = rouge(best_extract(article, reference), reference)[2]
    assert best >= max(rouge(s, reference)[2] for s in (lead(article), textrank(article)))
    long = Article.from_raw("县医院" + "派驻医师到乡镇" * 40 + "。")
    assert len(lead(long)) == len(textrank(long)) == MAX_CHARS


def test_simple_baselines() -> None:
    words = read_keywords()
    assert set(words) == KEYS
    assert find_themes("医共体与医联体", words, 2) == {"alliance"}
    assert find_themes("医共体", words, 2) == frozenset()
    numbers = find_numbers(
        Article.from_raw("全县新添床位1.2万张，就诊率达到93.4%，第三人民医院2021年开诊。")
    )
    assert [(f.value, f.unit) for f in numbers] == [((12000.0,), "张"), ((93.4,), "%")]


def test_the_threshold_gives_the_best_f1() -> None:
    expected = np.array([1, 1, 0, 1, 0, 0], dtype=np.int8)
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1])
    assert best_threshold(expected, scores) == 0.6


def test_baselines_without_training_data_or_vectors_are_left_out(golds: list[GoldArticle]) -> None:
    articles = [Article.from_raw(g.text) for g in golds[:2]]
    found = list(run_baselines([], golds[:2], articles, (), None))
    assert {b.aspect for b in found} == set(Aspect)
    assert not [b for b in found if "逻辑回归" in b.name]
    sheets = [mark(golds[:2], b.predictions, ("smart",)) for b in found]
    assert {len(s) for s in sheets} == {2}


def test_gold_of_another_models_themes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "1", "text": "文", "themes": ["tcm"]}\n')
    with pytest.raises(InputError, match="模型没有主题 tcm"):
        evaluate_model(DEFAULT_MODEL, path, None, Console(quiet=True))
