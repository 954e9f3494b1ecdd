"""批量 in HTML: jobs with their progress, counts, and a table of results; every text is escaped.

What can be pressed is a button with `data-act` and `data-key`; the tab hears of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from serving.home.schema import RESUMABLE, State
from serving.home.schema import BatchJob as Job
from serving.jobs.batch_results import Results, Row
from serving.output.stats import Overview
from serving.output.tables import FIGURE_COLUMNS, figure_row, table_figures

PAGE_ROWS = 20
NO_JOBS = (
    "<div class='yw-empty'><b>还没有任务</b><br>把一批文件或一个 zip 压缩包拖到上面，按“开始”。<br>"
    "txt、Word、PDF、网页、Excel、CSV、JSON Lines 都能读，可以混在一起。<br>"
    "任务在后台做：关掉网页也不会停，回来还在这里。</div>"
)
NOTHING_CHOSEN = (
    "<div class='yw-empty'><b>结果会列在这里</b><br>点一个任务的名字，看它的统计和每一篇的主题、"
    "摘要、数字；<br>还没做完的也可以先看。</div>"
)
_STATES = {
    State.QUEUED: "排队中", State.RUNNING: "正在做", State.STOPPING: "正在停，做完手上这一篇",
    State.DONE: "已完成", State.CANCELLED: "已取消", State.INTERRUPTED: "中断",
    State.FAILED: "没做成",
}  # fmt: skip
_UNKNOWN = "未知"
_MAX_PERIODS = 24
_N_SHOWN = 3
_N_TONES = 6
_FIGURE_COLUMNS = FIGURE_COLUMNS[:-1]


def show_jobs(jobs: Sequence[Job], chosen: str) -> str:
    """Return the list of jobs."""
    if not jobs:
        return NO_JOBS
    n_before = 0
    cards = []
    for job in reversed(jobs):
        cards.append(_card(job, n_before, is_chosen=job.id == chosen))
        n_before += job.is_active
    return f"<div class='yw-jobs' role='list'>{''.join(reversed(cards))}</div>"


def show_counts(job: Job, results: Results) -> str:
    """Return a job's counts and charts."""
    overview = results.overview
    facts = [f"{results.n_articles:,} 篇"]
    facts += [f"转载 {overview.n_reposts:,} 篇"] if overview.n_reposts else []
    facts += [f"出错 {overview.n_failed:,} 篇"] if overview.n_failed else []
    head = (
        f"<h3 class='yw-job-name'>{escape(job.name)}</h3><p class='yw-note'>{'，'.join(facts)}</p>"
    )
    if not results.n_articles:
        return head + "<p class='yw-note'>还没有做完的文章；做完一篇列一篇。</p>"
    tones = _tones(job.themes)
    charts = (
        _chart("各主题篇数", _bars(overview.themes.most_common(), tones)),
        _chart("时间", _columns(overview, tones)),
        _chart("转载最多（另有）", _list(_stories(results.rows))),
        _chart("出错原因", _list(overview.errors.most_common(_N_SHOWN))),
    )
    return head + f"<div class='yw-charts'>{''.join(charts)}</div>"


def show_table(
    rows: Sequence[Row],
    page: int,
    themes: Mapping[str, str],
    opened: tuple[int, Mapping[str, Any]] | None,
) -> str:
    """Return one page of rows.

    Args:
        rows: all that were chosen.
        page: which page, from 0.
        themes: theme names by key.
        opened: start of the row that is open, and its report.
    """
    if not rows:
        return "<p class='yw-note' role='status'>没有符合的文章；放宽上面的条件再看。</p>"
    first = page * PAGE_ROWS
    head = "".join(f"<th>{name}</th>" for name in ("文章", "日期", "主题", "数字"))
    body = []
    for row in rows[first : first + PAGE_ROWS]:
        report = opened[1] if opened and opened[0] == row.start else None
        body.append(_row(row, themes, is_open=report is not None))
        if report is not None:
            detail = _detail(report)
            body.append(f"<tr class='yw-detail'><td colspan='4'>{detail}</td></tr>")
    table = f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    return (
        f"<div class='yw-scroll'><table class='yw-table yw-results'>{table}</table></div>"
        + _pages(len(rows), page)
    )


def _card(job: Job, n_before: int, *, is_chosen: bool) -> str:
    buttons = "".join(_button(act, job.id, label) for act, label in _acts(job))
    message = f"<div class='yw-note'>{escape(job.message)}</div>" if job.message else ""
    state = _STATES[State(job.state)]
    if job.state == State.QUEUED and n_before:
        state += f"（前面还有 {n_before} 个）"
    return (
        f"<div class='yw-job {'yw-chosen' if is_chosen else ''}' data-state='{job.state}' "
        f"role='listitem'>"
        f"<button type='button' class='yw-link' data-act='show' data-key='{job.id}'>"
        f"{escape(job.name)}</button>"
        f"<div class='yw-note'><b>{state}</b><span>{_progress_text(job)}</span>"
        f"<span>{job.created.astimezone():%m-%d %H:%M}</span></div>"
        f"{_progress(job)}{message}<div class='yw-acts'>{buttons}</div></div>"
    )


def _acts(job: Job) -> Iterable[tuple[str, str]]:
    if job.state in {State.QUEUED, State.RUNNING}:
        yield "cancel", "取消"
    if job.state in RESUMABLE:
        yield "resume", "继续"
    if job.state == State.DONE and job.n_failed:
        yield "resume", "重试出错的"
    yield "delete", "删除"


def _progress_text(job: Job) -> str:
    whole = f" / {max(job.n_expected, job.n_done):,}" if job.n_expected else ""
    failed = f"，出错 {job.n_failed:,}" if job.n_failed else ""
    return f"{job.n_done:,}{'' if job.state == State.DONE else whole} 篇{failed}"


def _progress(job: Job) -> str:
    if job.state == State.DONE:
        return ""
    if not job.n_expected:
        busy = "yw-busy" if job.state in {State.RUNNING, State.STOPPING} else ""
        return f"<div class='yw-bar {busy}' role='progressbar' aria-label='进度'></div>"
    percent = min(100, round(100 * job.n_done / job.n_expected))
    return (
        f"<div class='yw-bar' role='progressbar' aria-label='进度' aria-valuenow='{percent}'>"
        f"<i style='width: {percent}%'></i></div>"
    )


def _chart(title: str, body: str) -> str:
    return f"<section><h4>{title}</h4>{body}</section>" if body else ""


def _bars(counts: Sequence[tuple[str, int]], tones: Mapping[str, str]) -> str:
    most = max((n for _, n in counts), default=1)
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td><i class='{tones.get(name, 'yw-off')}' "
        f"style='width: {max(1, 100 * n // most)}%'></i></td><td>{n:,}</td></tr>"
        for name, n in counts
    )
    return f"<table class='yw-bars'>{rows}</table>"


def _columns(overview: Overview, tones: Mapping[str, str]) -> str:
    """Articles by month, or by year where there are many months, stacked by theme."""
    months = sorted(month for month in overview.months if month != _UNKNOWN)
    n_undated = overview.months[_UNKNOWN]
    if not months:
        return "<p class='yw-note'>这些文章都没有读出日期。</p>"
    n_chars = len("2023-01") if len(months) <= _MAX_PERIODS else len("2023")
    by_period: dict[str, Counter[str]] = {}
    for (month, theme), n in overview.by_month.items():
        if month != _UNKNOWN:
            by_period.setdefault(month[:n_chars], Counter())[theme] += n
    periods = sorted(by_period)[-_MAX_PERIODS:]
    most = max(by_period[period].total() for period in periods)
    columns = "".join(_column(period, by_period[period], most, tones) for period in periods)
    note = f"，另有 {n_undated:,} 篇没有日期" if n_undated else ""
    ends = dict.fromkeys((periods[0], periods[-1]))
    axis = "".join(f"<span>{escape(period)}</span>" for period in ends)
    return (
        f"<div class='yw-columns'>{columns}</div><div class='yw-axis'>{axis}</div>"
        f"<p class='yw-note'>颜色同“各主题篇数”；有几个主题的算几次{note}。</p>"
    )


def _column(period: str, counts: Counter[str], most: int, tones: Mapping[str, str]) -> str:
    told = "，".join(f"{name} {n}" for name, n in counts.most_common())
    parts = "".join(
        f"<i class='{tones.get(name, 'yw-off')}' style='height: {100 * n / most:.1f}%'></i>"
        for name, n in counts.most_common()
    )
    return f"<div title='{escape(f'{period}：{told}', quote=True)}'>{parts}</div>"


def _stories(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Return the titles of the stories that were told most often, with how many times more."""
    heads = Counter(row.repeats for row in rows if row.repeats).most_common(_N_SHOWN)
    wanted = {head for head, _ in heads}
    titles = {row.id: row.title for row in rows if row.id in wanted}
    return [(titles.get(head) or head, n) for head, n in heads]


def _list(counts: Sequence[tuple[str, int]]) -> str:
    return "".join(
        f"<div class='yw-item'>{escape(name)} <b>{n:,} 篇</b></div>" for name, n in counts
    )


def _row(row: Row, themes: Mapping[str, str], *, is_open: bool) -> str:
    chips = "".join(_chip(row, key, themes) for key in dict.fromkeys((*row.themes, *row.review)))
    if row.error:
        chips = "<span class='yw-tag yw-failed'>出错</span>"
    repeats = "<span class='yw-tag yw-off'>转载</span>" if row.repeats else ""
    title = escape(row.title or row.id)
    return (
        f"<tr><td><button type='button' class='yw-link' data-act='open' data-key='{row.start}' "
        f"aria-expanded='{str(is_open).lower()}'>{title}</button>{repeats}</td>"
        f"<td>{escape(row.date)}</td><td>{chips}</td><td>{row.n_figures or ''}</td></tr>"
    )


def _chip(row: Row, key: str, themes: Mapping[str, str]) -> str:
    """An accepted theme in its colour; one to be reviewed with a question mark."""
    name = themes.get(key, key)
    tone = _tones(themes).get(name, "yw-off") if key in row.themes else "yw-unsure"
    return f"<span class='yw-tag {tone}'>{escape(name)}{'？' if key in row.review else ''}</span>"


def _detail(report: Mapping[str, Any]) -> str:
    if "error" in report:
        return f"<p class='yw-note'>{escape(str(report['id']))}</p>{_alert(report['error'])}"
    told = [str(report["id"]), report["source"] or "", report["date"] or ""]
    about = " · ".join(escape(part) for part in dict.fromkeys(told) if part)
    warnings = "".join(f"<div class='yw-warning'>{escape(w)}</div>" for w in report["warnings"])
    summary = escape(report["summary"]["text"])
    figures = _figures(report)
    return f"<p class='yw-note'>{about}</p>{warnings}<p class='yw-summary'>{summary}</p>{figures}"


def _alert(message: str) -> str:
    return f"<div class='yw-error'>{escape(message)}</div>"


def _figures(report: Mapping[str, Any]) -> str:
    rows = []
    for figure in table_figures(report["figures"]):
        cells = figure_row(figure)
        shown = ("" if cells[c] is None else escape(str(cells[c])) for c in _FIGURE_COLUMNS)
        rows.append("<tr>" + "".join(f"<td>{s}</td>" for s in shown) + "</tr>")
    if not rows:
        return "<p class='yw-note'>没有找到关键数字。</p>"
    head = "".join(f"<th>{c}</th>" for c in _FIGURE_COLUMNS)
    return (
        "<div class='yw-scroll'><table class='yw-table'>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _pages(n_rows: int, page: int) -> str:
    n_pages = -(-n_rows // PAGE_ROWS)
    back = _button("page", str(page - 1), "上一页") if page else ""
    on = _button("page", str(page + 1), "下一页") if page + 1 < n_pages else ""
    where = f"第 {page + 1} / {n_pages} 页，共 {n_rows:,} 篇"
    return f"<div class='yw-acts'>{back}<span class='yw-note'>{where}</span>{on}</div>"


def _button(act: str, key: str, label: str) -> str:
    return f"<button type='button' data-act='{act}' data-key='{key}'>{label}</button>"


def _tones(themes: Mapping[str, str]) -> dict[str, str]:
    """The colour of each theme, by name: by its place in the model's list."""
    return {name: f"yw-{i % _N_TONES}" for i, name in enumerate(themes.values())}
