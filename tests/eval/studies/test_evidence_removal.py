from __future__ import annotations

import io

import pytest
from rich.console import Console

from eval.studies.evidence_removal import remove_evidence, report_removals
from model import Analyzer, Article, InputError
from tests.conftest import ARTICLE

PLAIN = "周大爷说，他把药吃完了就回家种地。院里的桂花开了，香气飘到了门诊大厅。"


def test_an_article_without_its_evidence_loses_its_theme(analyzer: Analyzer) -> None:
    removals = remove_evidence(analyzer, Article.from_raw(ARTICLE))
    (alliance,) = [r for r in removals if r.theme == "alliance"]
    assert alliance.after < alliance.threshold <= alliance.before
    assert alliance.fell
    assert 0 < alliance.evidence_share < 1


def test_nothing_left_is_no_theme(analyzer: Analyzer) -> None:
    article = Article.from_raw("县人民医院和乡镇卫生院组成医共体，统一派驻医师、双向转诊。")
    assert [r.after for r in remove_evidence(analyzer, article) if r.theme == "alliance"] == [0.0]


def test_the_report_counts_by_theme(analyzer: Analyzer) -> None:
    out = io.StringIO()
    articles = [Article.from_raw(ARTICLE), Article.from_raw(PLAIN)]
    assert report_removals(analyzer, articles, Console(file=out, width=120)) == 1.0
    assert "医共体" in out.getvalue()


def test_no_theme_no_proof(analyzer: Analyzer) -> None:
    with pytest.raises(InputError, match="无从检验"):
        report_removals(analyzer, [Article.from_raw(PLAIN)], Console(quiet=True))
