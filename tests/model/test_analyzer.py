from __future__ import annotations

import subprocess
import sys

from model import Analyzer, Article
from tests.conftest import ARTICLE

KEYS = {
    "id", "source", "title", "date", "text", "themes", "scores", "shown", "primary", "review",
    "figures", "summary", "warnings", "model", "blocks", "published_in", "place", "bodies",
    "points",
}  # fmt: skip


def test_a_report_has_every_key_of_the_contract(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE, id="a1", source="x.txt")).to_dict()
    assert set(report) == KEYS
    assert (report["id"], report["source"], report["date"]) == ("a1", "x.txt", "2024-05-16")
    assert set(report["figures"][0]) == {
        "text", "indicator", "value", "unit", "kind", "bound", "year", "start", "end", "sentence",
        "speaker", "body", "base", "official", "repeats", "doubtful",
    }  # fmt: skip
    assert set(report["scores"]) == {t.key for t in analyzer.manifest.themes}


def test_blocks_are_stretches_of_the_text(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE)).to_dict()
    blocks = report["blocks"]
    assert set(blocks[0]) == {"kind", "start", "end", "level", "parent"}
    assert "".join(report["text"][b["start"] : b["end"]] for b in blocks) == "".join(
        report["text"].split("\n")
    )


def test_the_worked_example_is_read_as_a_reader_would(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE))
    assert "alliance" in {t.theme for t in report.themes}
    values = {(f.text, f.kind) for f in report.figures}
    assert {("83名", "level"), ("41.5%", "change"), ("82.3%", "from"), ("90.6%", "level")} <= values


def test_evidence_and_figures_are_spans_of_the_text(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE)).to_dict()
    spans = [e for t in report["themes"] for e in t["evidence"]] + report["figures"]
    assert spans
    assert all(report["text"][s["start"] : s["end"]] == s["text"] for s in spans)


def test_a_scores_neighbours_do_not_change_it(analyzer: Analyzer) -> None:
    articles = [Article.from_raw(ARTICLE + "县医院今天开了会。" * n, id=str(n)) for n in range(12)]
    together = list(analyzer.analyze_many(articles))
    assert [r.article.id for r in together] == [a.id for a in articles]
    for article, report in zip(articles, together, strict=True):
        alone = analyzer.analyze(article)
        assert report.to_dict() == alone.to_dict()


def test_a_short_text_is_warned_about(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw("县医院今天派医生下乡看病。"))
    assert "可能不准" in report.warnings[0]


def test_a_very_long_text_is_covered_to_its_end(analyzer: Analyzer) -> None:
    filler = "院里的桂花开了，香气飘到了门诊大厅。" * 400
    report = analyzer.analyze(Article.from_raw(filler + "\n" + ARTICLE))
    assert "alliance" in {t.theme for t in report.themes}
    assert report.themes[0].evidence[-1].start > len(filler)


def test_import_of_model_leaves_heavy_packages_out() -> None:
    code = "import model, sys; print({'torch','transformers','gradio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
