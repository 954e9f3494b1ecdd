"""The page's pieces: a report as HTML and as files to download; every text is escaped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from model import Article, Report, Span
from serving.tables import FIGURE_COLUMNS, figure_row, make_inert, table_figures

EMPTY = (
    "<div class='yw-empty'><b>还没有文章</b><br>把一篇新闻粘贴到左边，按“分析”；"
    "也可以先点下面的示例看看。<br>文字只在本机处理，不会上传。</div>"
)
STYLE_FILE = Path(__file__).parent / "page.css"
EXAMPLES_FOLDER = Path(__file__).parent / "examples"
CSV_ENCODING = "utf-8-sig"


def read_examples() -> dict[str, str]:
    """Return the worked examples, by name; they were written for this project."""
    return {p.stem: p.read_text(encoding="utf-8") for p in sorted(EXAMPLES_FOLDER.glob("*.txt"))}


def show_error(message: str) -> str:
    """Return a message that stands where the result would."""
    return f"<div class='yw-error' role='alert'>{escape(message)}</div>"


def show_report(report: Report, names: dict[str, str]) -> str:
    """Return the whole result: themes, summary, figures, article."""
    parts = (
        _warnings(report),
        _section("主题", _themes(report, names)),
        _section("摘要", _summary(report)),
        _section(f"关键数字（{len(_table(report))}）", _figures(report)),
        _section("正文", _legend(report) + _article(report), "yw-article"),
    )
    return "<div class='yw-report'>" + "".join(parts) + "</div>"


def save_files(report: Report, scratch: Path) -> tuple[str, str]:
    """Write the report as JSON and its figures as CSV below `scratch`; return both paths."""
    folder = Path(mkdtemp(dir=scratch))
    stem = _file_stem(report.article)
    as_json, as_csv = folder / f"{stem}.json", folder / f"{stem}.csv"
    text = json.dumps(report.to_dict(), ensure_ascii=False, indent=2)
    as_json.write_text(text + "\n", encoding="utf-8")
    as_csv.write_text(figures_csv(report), encoding=CSV_ENCODING, newline="")
    return str(as_json), str(as_csv)


def figures_csv(report: Report) -> str:
    """Return the figure table as CSV that a spreadsheet opens and runs nothing of."""
    stream = io.StringIO()
    table = csv.writer(stream)
    table.writerow(FIGURE_COLUMNS)
    for figure in _table(report):
        table.writerow([make_inert(cell) for cell in figure_row(figure).values()])
    return stream.getvalue()


def _table(report: Report) -> tuple[Mapping[str, Any], ...]:
    return table_figures(report.to_dict()["figures"])


def _section(title: str, body: str, name: str = "") -> str:
    return f"<section class='{name}'><h3>{title}</h3>{body}</section>"


def _warnings(report: Report) -> str:
    return "".join(f"<div class='yw-warning'>{escape(w)}</div>" for w in report.warnings)


def _themes(report: Report, names: dict[str, str]) -> str:
    chips = []
    accepted = [theme.theme for theme in report.themes]
    for key in sorted(names, key=lambda k: -report.scores[k]):
        style = f"yw-on yw-{_tone(names, key)}" if key in accepted else "yw-off"
        marks = "<small>主要</small>" if key == report.primary else ""
        marks += "<small class='yw-review'>待复核</small>" if key in report.review else ""
        chips.append(
            f"<span class='yw-chip {style}'>{escape(names[key])}"
            f" <b>{_percent(report.scores[key])}</b>{marks}</span>"
        )
    note = "" if accepted else "<p class='yw-note'>没有达到标准的主题。灰色为各主题得分。</p>"
    return "<div class='yw-chips'>" + "".join(chips) + "</div>" + note


def _percent(score: float) -> str:
    """No score is certain: nothing is shown as 100 or 0 percent."""
    return f"{min(max(score, 0.01), 0.99):.0%}"


def _summary(report: Report) -> str:
    n_chars = len(report.summary.text)
    text = escape(report.summary.text)
    return f"<p class='yw-summary'>{text}</p><p class='yw-note'>{n_chars} 字，取自原文</p>"


def _figures(report: Report) -> str:
    if not report.figures:
        return "<p class='yw-note'>没有找到关键数字。</p>"
    columns = FIGURE_COLUMNS[:-1]
    head = "".join(f"<th>{c}</th>" for c in columns)
    rows = []
    for figure in _table(report):
        cells = figure_row(figure)
        shown = ("" if cells[c] is None else escape(str(cells[c])) for c in columns)
        hint = escape(figure["sentence"], quote=True)
        rows.append(f"<tr title='{hint}'>" + "".join(f"<td>{s}</td>" for s in shown) + "</tr>")
    return (
        "<div class='yw-scroll'><table class='yw-table'>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _legend(report: Report) -> str:
    tones = "".join(
        f"<span class='yw-mark yw-{_tone(report.scores, t.theme)}'>{escape(t.name)}的依据</span>"
        for t in report.themes
    )
    return f"<p class='yw-note'>{tones}<span class='yw-figure'>关键数字</span></p>"


def _article(report: Report) -> str:
    article = report.article
    html, at = [], 0
    for sentence in article.sentences:
        html += [_gap(article.text[at : sentence.start]), _sentence(report, sentence)]
        at = sentence.end
    return "<div class='yw-text'><p>" + "".join(html) + "</p></div>"


def _sentence(report: Report, sentence: Span) -> str:
    """A sentence in the colour of the first theme it carries, with a tag for each."""
    body = _with_figures(report, sentence)
    carried = [theme for theme in report.themes if sentence in theme.evidence]
    if not carried:
        return body
    tones = [_tone(report.scores, theme.theme) for theme in carried]
    tags = "".join(
        f"<span class='yw-tag yw-{tone}'>{escape(theme.name)}</span>"
        for theme, tone in zip(carried, tones, strict=True)
    )
    return f"<span class='yw-mark yw-{tones[0]}'>{body}</span>{tags}"


def _with_figures(report: Report, sentence: Span) -> str:
    text = report.article.text
    html, at = [], sentence.start
    for figure in report.figures:
        span = figure.span
        if sentence.start <= span.start and span.end <= sentence.end:
            html += [escape(text[at : span.start])]
            html += [f"<span class='yw-figure'>{escape(span.of(text))}</span>"]
            at = span.end
    return "".join(html) + escape(text[at : sentence.end])


def _gap(text: str) -> str:
    return "</p><p>" if "\n" in text else escape(text)


def _tone(keys: dict[str, str] | dict[str, float], key: str) -> int:
    """Each theme has a colour by its place in the model's list."""
    return list(keys).index(key) % 6


def _file_stem(article: Article) -> str:
    kept = "".join(c for c in article.title if c.isalnum())[:24]
    return f"医闻-{kept}" if kept else "医闻"
