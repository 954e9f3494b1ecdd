"""The page's pieces: a report as HTML; every text is escaped.

What `page.js` acts on is named in `data-` attributes: `data-theme` of a chip, `data-evidence` of a
sentence (the themes it carries), `data-figure` of a row and of its place in the article,
`data-copy` of what goes to the clipboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from model import Article, Report, Span, Summary
from model.article import removed_spans
from serving.output.clipboard import Copy, copy_all, copy_figures
from serving.output.tables import table_figures
from serving.page.phrases import both

STYLE_FILE = Path(__file__).with_name("page.css")
SCRIPT_FILE = Path(__file__).with_name("page.js")
EXAMPLES_FOLDER = Path(__file__).parent / "examples"
EMPTY = (
    f"<div class='yw-empty'><b>{both('single.empty_title')}</b>"
    f"<p>{both('single.empty_steps')}</p><p>{both('single.empty_gives')}</p></div>"
)


def read_examples() -> dict[str, str]:
    """Return the worked examples, by name; they were written for this project."""
    return {p.stem: p.read_text(encoding="utf-8") for p in sorted(EXAMPLES_FOLDER.glob("*.txt"))}


def show_header(*, is_hosted: bool) -> str:
    """Return the head of the page with the switch of the language."""
    private = both("page.private_host" if is_hosted else "page.private")
    return (
        f"<div class='yw-head'><h1>医闻 Yiwen</h1><p>{both('page.tagline')} · {private}</p>"
        f"<button type='button' class='yw-small' data-language>{both('page.other_language')}"
        f"</button><span id='yw-copied' role='status'>{both('single.copied')}</span></div>"
    )


def show_error(message: str) -> str:
    """Return a message that stands where the result would."""
    return f"<div class='yw-error' role='alert'>{escape(message)}</div>"


def show_note(html: str) -> str:
    """Return a line of help."""
    return f"<p class='yw-note' role='status'>{html}</p>"


def show_head(report: Report, names: Mapping[str, str]) -> str:
    """Return the upper part of a result: warnings, themes, summaries."""
    hint = f"<small>{both('single.theme_hint')}</small>" if report.themes else ""
    parts = (
        "".join(f"<div class='yw-warning'>{escape(w)}</div>" for w in report.warnings),
        _section(both("single.themes") + hint, _themes(report, names)),
        _section(both("single.summary"), _summaries(report)),
        _to_clipboard("all", copy_all(report, names)),
    )
    return "<div class='yw-report'>" + "".join(parts) + "</div>"


def show_body(report: Report) -> str:
    """Return the lower part of a result: figures beside the article, and what was pasted."""
    figures = table_figures(report.to_dict()["figures"])
    button = _copy_button("figures") if figures else ""
    title = f"{both('single.figures')} {len(figures) or ''}"
    parts = (
        _section(title + button, _figures(figures), "yw-figures"),
        _section(both("single.text") + _legend(report), _article(report), "yw-article"),
        _original(report.article),
        _to_clipboard("figures", copy_figures(report)),
    )
    return "<div class='yw-report yw-lower'>" + "".join(parts) + "</div>"


def _section(title: str, body: str, name: str = "") -> str:
    return f"<section class='{name}'><h3>{title}</h3>{body}</section>"


def _copy_button(name: str) -> str:
    label = both("single.copy")
    return f"<button type='button' class='yw-small' data-copies='{name}'>{label}</button>"


def _to_clipboard(name: str, copy: Copy) -> str:
    """What a copy button takes; it is never shown."""
    return (
        f"<textarea hidden data-copy='{name}' data-html='{escape(copy.html)}'>"
        f"{escape(copy.text)}</textarea>"
    )


def _themes(report: Report, names: Mapping[str, str]) -> str:
    accepted = [theme.theme for theme in report.themes]
    chips = []
    for key in sorted(names, key=lambda k: (k not in accepted, -report.scores[k])):
        marks = f"<small>{both('single.main')}</small>" if key == report.primary else ""
        if key in report.review:
            marks += f"<small class='yw-review'>{both('single.review')}</small>"
        body = f"{escape(names[key])} <b>{_percent(report.scores[key])}</b>{marks}"
        if key in accepted:
            chips.append(
                f"<button type='button' class='yw-chip yw-on yw-{_tone(report, key)}'"
                f" data-theme='{escape(key)}' aria-pressed='false'>{body}</button>"
            )
        else:
            chips.append(f"<span class='yw-chip yw-off'>{body}</span>")
    note = "" if accepted else show_note(both("single.no_theme"))
    return "<div class='yw-chips'>" + "".join(chips) + "</div>" + note


def _percent(score: float) -> str:
    """No score is certain: nothing is shown as 100 or 0 percent."""
    return f"{min(max(score, 0.01), 0.99):.0%}"


def _summaries(report: Report) -> str:
    """The article's summary, and those of its themes, which take its place when chosen."""
    text = report.article.text
    own = "".join(
        f"<div class='yw-of-theme yw-{_tone(report, theme.theme)}' data-of='{escape(theme.theme)}'"
        f" hidden><b>{both('single.of_theme', name=theme.name, n=len(theme.evidence))}</b>"
        f"{_summary(report.summary.by_theme[theme.theme], text)}</div>"
        for theme in report.themes
        if theme.theme in report.summary.by_theme
    )
    return f"<div data-whole>{_summary(report.summary, text)}</div>{own}"


def _summary(summary: Summary, text: str) -> str:
    n_cuts = sum(len(excerpt.cuts) for excerpt in summary.sentences)
    cuts = ""
    if n_cuts:
        cuts = (
            "<button type='button' class='yw-small' data-cuts aria-pressed='false'>"
            f"{both('single.cuts', n=n_cuts)}</button>"
        )
    note = show_note(both("single.chars", n=len(summary.text)) + cuts)
    return f"<div class='yw-sum'><p class='yw-summary'>{_excerpts(summary, text)}</p>{note}</div>"


def _excerpts(summary: Summary, text: str) -> str:
    html = []
    for excerpt in summary.sentences:
        parts = [(span.start, escape(span.of(text))) for span in excerpt.kept]
        parts += [
            (cut.span.start, f"<del title='{escape(cut.rule)}'>{escape(cut.span.of(text))}</del>")
            for cut in excerpt.cuts
        ]
        html += [part for _, part in sorted(parts)]
    return "".join(html)


def _figures(figures: Sequence[Mapping[str, Any]]) -> str:
    if not figures:
        return show_note(both("single.no_figures"))
    columns = ("indicator", "printed", "value", "kind", "year")
    head = "".join(f"<th scope='col'>{both(f'single.{c}')}</th>" for c in columns)
    rows = "".join(_figure_row(figure) for figure in figures)
    return (
        "<div class='yw-scroll' tabindex='-1'><table class='yw-table'>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _figure_row(figure: Mapping[str, Any]) -> str:
    more = [escape(figure["body"])] if figure["body"] else []
    if figure["base"]:
        more.append(both("single.against", base=figure["base"]))
    small = f"<small>{'；'.join(more)}</small>" if more else ""
    cells = (
        f"<button type='button' data-figure='{figure['start']}' aria-pressed='false'>"
        f"{escape(figure['indicator'] or '—')}</button>{small}",
        escape(figure["text"]),
        _base_value(figure),
        both(f"single.{figure['kind']}"),
        str(figure["year"] or ""),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _base_value(figure: Mapping[str, Any]) -> str:
    """The value in base units where it says more than what is printed."""
    number = _number(figure["value"])
    is_same = number.replace(",", "") + figure["unit"] == figure["text"]
    return "" if is_same else escape(f"{figure['bound']}{number} {figure['unit']}")


def _number(value: float | list[float]) -> str:
    if isinstance(value, list):
        return "–".join(map(_number, value))
    return f"{value:,}"


def _legend(report: Report) -> str:
    tones = "".join(
        f"<span class='yw-mark yw-{_tone(report, t.theme)}'>"
        f"{both('single.evidence_of', name=t.name)}</span>"
        for t in report.themes
    )
    return f"<small>{tones}<span class='yw-figure'>{both('single.figure')}</span></small>"


def _article(report: Report) -> str:
    text = report.article.text
    html, at = [], 0
    for sentence in report.article.sentences:
        html += [_gap(text[at : sentence.start]), _sentence(report, sentence)]
        at = sentence.end
    return "<div class='yw-text' tabindex='0'><p>" + "".join(html) + "</p></div>"


def _sentence(report: Report, sentence: Span) -> str:
    """A sentence in the colour of the first theme it carries, with a tag for each."""
    body = _with_figures(report, sentence)
    carried = [theme for theme in report.themes if sentence in theme.evidence]
    if not carried:
        return body
    tags = "".join(
        f"<span class='yw-tag yw-{_tone(report, t.theme)}'>{escape(t.name)}</span>" for t in carried
    )
    keys = escape(" ".join(theme.theme for theme in carried))
    tone = _tone(report, carried[0].theme)
    return f"<span class='yw-mark yw-{tone}' data-evidence='{keys}'>{body}</span>{tags}"


def _with_figures(report: Report, sentence: Span) -> str:
    text = report.article.text
    html, at = [], sentence.start
    for figure in report.figures:
        span = figure.span
        if at <= span.start and span.end <= sentence.end:
            html += [escape(text[at : span.start])]
            html += [
                f"<span class='yw-figure' data-at='{span.start}'>{escape(span.of(text))}</span>"
            ]
            at = span.end
    return "".join(html) + escape(text[at : sentence.end])


def _gap(text: str) -> str:
    return "</p><p>" if "\n" in text else escape(text)


def _original(article: Article) -> str:
    """What was pasted, with what cleaning left out struck through, folded up."""
    html, at, n_removed = [], 0, 0
    for span in removed_spans(article):
        removed = span.of(article.raw)
        if removed.strip():
            html += [escape(article.raw[at : span.start]), f"<del>{escape(removed)}</del>"]
            at = span.end
            n_removed += 1
    body = "".join(html) + escape(article.raw[at:])
    title = both("single.original", n=n_removed) if n_removed else both("single.original_clean")
    note = show_note(both("single.original_note")) if n_removed else ""
    return (
        f"<details class='yw-original'><summary>{title}</summary>{note}"
        f"<div class='yw-raw'>{body}</div></details>"
    )


def _tone(report: Report, key: str) -> int:
    """Each theme has a colour by its place in the model's list."""
    return list(report.scores).index(key) % 6
