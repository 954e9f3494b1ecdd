"""批量 in HTML: jobs with their progress, counts, and a table of results.

Templates escape every text. A button has `data-act` and `data-key`; its click reaches the tab as an
event with both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from serving.home.schema import RESUMABLE, State
from serving.home.schema import BatchJob as Job
from serving.jobs.batch_results import Results, Row
from serving.output.stats import NO_THEME_NAME, UNKNOWN, Overview
from serving.output.tables import figure_row, place_name, summary_cell, table_figures
from serving.page.phrases import LANGUAGES, bilingual_attribute, both, phrase
from serving.page.templates import render

PAGE_ROWS = 20
_MAX_PERIODS = 24
_N_SHOWN = 3
_N_TONES = 6
# In the order of `figure_row`.
_FIGURE_COLUMNS = (
    "indicator", "body", "value", "unit", "printed", "kind", "bound", "year", "base",
    "official",
)  # fmt: skip
_KIND_COLUMN = _FIGURE_COLUMNS.index("kind")


@dataclass(frozen=True)
class _Button:
    """A button of a job: its act, and the key of its phrase."""

    act: str
    label: str


@dataclass(frozen=True)
class _Card:
    """A job in the list; `percent` is None where the number of articles is unknown."""

    job: Job
    n_ahead: int
    is_chosen: bool
    is_busy: bool
    is_done: bool
    progress: str
    percent: int | None
    created: str
    buttons: tuple[_Button, ...]


@dataclass(frozen=True)
class _Bar:
    name: str | Markup
    n: int
    percent: int
    tone: str


@dataclass(frozen=True)
class _Column:
    """Articles of a month or a year; `parts` are colours with heights in percent."""

    title: Markup
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Timeline:
    columns: tuple[_Column, ...]
    ends: tuple[str, ...]
    n_undated: int


@dataclass(frozen=True)
class _Chip:
    name: str
    tone: str
    is_in_review: bool


@dataclass(frozen=True)
class _Opened:
    """The report of the row that is open, or its error."""

    about: str
    error: str = ""
    warnings: tuple[str, ...] = ()
    summary: str = ""
    figures: tuple[tuple[object, ...], ...] = ()
    text: str = ""
    start: int = 0


@dataclass(frozen=True)
class _ShownRow:
    start: int
    title: str
    date: str
    is_repost: bool
    has_failed: bool
    n_figures: int
    chips: tuple[_Chip, ...]
    opened: _Opened | None


def show_no_jobs() -> Markup:
    """Return the help that is shown before there is a job."""
    return render("batch/no_jobs.html.j2")


def show_nothing_chosen() -> Markup:
    """Return the help that is shown while no job is chosen."""
    return render("batch/nothing_chosen.html.j2")


def show_jobs(jobs: Sequence[Job], chosen: str) -> Markup:
    """Return the list of jobs."""
    if not jobs:
        return show_no_jobs()
    n_active = 0
    cards = []
    for job in reversed(jobs):
        cards.append(_card(job, n_active, is_chosen=job.id == chosen))
        n_active += job.is_active
    return render("batch/jobs.html.j2", cards=cards[::-1])


def show_counts(job: Job, results: Results) -> Markup:
    """Return a job's counts and charts."""
    overview, tones = results.overview, _tones(job.themes)
    return render(
        "batch/counts.html.j2",
        name=job.name,
        n_articles=results.n_articles,
        overview=overview,
        bars=_bars(overview.themes.most_common(), tones),
        timeline=_timeline(overview, tones),
        stories=_most_reposted(results.rows),
        errors=overview.errors.most_common(_N_SHOWN),
    )


def show_table(
    rows: Sequence[Row],
    page: int,
    themes: Mapping[str, str],
    opened: tuple[int, Mapping[str, Any]] | None,
) -> Markup:
    """Return one page of rows.

    Args:
        rows: all that were chosen.
        page: which page, from 0.
        themes: theme names by key.
        opened: start of the row that is open, and its report.
    """
    first = page * PAGE_ROWS
    return render(
        "batch/table.html.j2",
        rows=[_show_row(row, themes, opened) for row in rows[first : first + PAGE_ROWS]],
        columns=_FIGURE_COLUMNS,
        page=page,
        n_pages=-(-len(rows) // PAGE_ROWS),
        n_rows=len(rows),
    )


def _card(job: Job, n_active: int, *, is_chosen: bool) -> _Card:
    is_done = job.state == State.DONE
    known = f" / {max(job.n_expected, job.n_done):,}" if job.n_expected and not is_done else ""
    return _Card(
        job=job,
        n_ahead=n_active if job.state == State.QUEUED else 0,
        is_chosen=is_chosen,
        is_busy=job.state in {State.RUNNING, State.STOPPING},
        is_done=is_done,
        progress=f"{job.n_done:,}{known}",
        percent=min(100, round(100 * job.n_done / job.n_expected)) if job.n_expected else None,
        created=f"{job.created.astimezone():%m-%d %H:%M}",
        buttons=tuple(_buttons(job)),
    )


def _buttons(job: Job) -> Iterator[_Button]:
    if job.state in {State.QUEUED, State.RUNNING}:
        yield _Button("cancel", "batch.cancel")
    if job.state in RESUMABLE:
        yield _Button("resume", "batch.resume")
    if job.state == State.DONE and job.n_failed:
        yield _Button("resume", "batch.retry")
    yield _Button("delete", "batch.delete")


def _bars(counts: Sequence[tuple[str, int]], tones: Mapping[str, str]) -> list[_Bar]:
    most = max((n for _, n in counts), default=1)
    return [
        _Bar(
            both("batch.no_theme") if name == NO_THEME_NAME else name,
            n,
            max(1, 100 * n // most),
            tones.get(name, "yw-off"),
        )
        for name, n in counts
    ]


def _timeline(overview: Overview, tones: Mapping[str, str]) -> _Timeline | None:
    """Return articles by month, or by year where there are many months, stacked by theme.

    None where no article has a date.
    """
    months = sorted(month for month in overview.months if month != UNKNOWN)
    if not months:
        return None
    n_chars = len("2023-01") if len(months) <= _MAX_PERIODS else len("2023")
    by_period: dict[str, Counter[str]] = {}
    for (month, theme), n in overview.by_month.items():
        if month != UNKNOWN:
            by_period.setdefault(month[:n_chars], Counter())[theme] += n
    periods = sorted(by_period)[-_MAX_PERIODS:]
    most = max(by_period[period].total() for period in periods)
    columns = tuple(_column(period, by_period[period], most, tones) for period in periods)
    ends = tuple(dict.fromkeys((periods[0], periods[-1])))
    return _Timeline(columns, ends, overview.months[UNKNOWN])


def _column(period: str, counts: Counter[str], most: int, tones: Mapping[str, str]) -> _Column:
    titles = [_column_title(period, counts, language) for language in LANGUAGES]
    parts = tuple(
        (tones.get(name, "yw-off"), f"{100 * n / most:.1f}") for name, n in counts.most_common()
    )
    return _Column(bilingual_attribute("title", *titles), parts)


def _column_title(period: str, counts: Counter[str], language: str) -> str:
    names = {NO_THEME_NAME: phrase("batch.no_theme", language)}
    listed = [f"{names.get(name, name)} {n}" for name, n in counts.most_common()]
    return f"{period}：{phrase('page.comma', language).join(listed)}"


def _most_reposted(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Return the titles of the articles with most reposts, and how many each has."""
    heads = Counter(row.repeats for row in rows if row.repeats).most_common(_N_SHOWN)
    wanted = {head for head, _ in heads}
    titles = {row.id: row.title for row in rows if row.id in wanted}
    return [(titles.get(head) or head, n) for head, n in heads]


def _show_row(
    row: Row, themes: Mapping[str, str], opened: tuple[int, Mapping[str, Any]] | None
) -> _ShownRow:
    is_open = opened is not None and opened[0] == row.start
    return _ShownRow(
        start=row.start,
        title=row.title or row.id,
        date=row.date,
        is_repost=bool(row.repeats),
        has_failed=bool(row.error),
        n_figures=row.n_figures,
        chips=tuple(_chip(row, key, themes) for key in dict.fromkeys((*row.themes, *row.review))),
        opened=_open_report(*opened) if opened is not None and is_open else None,
    )


def _chip(row: Row, key: str, themes: Mapping[str, str]) -> _Chip:
    """An accepted theme in its colour; one to be reviewed with a question mark."""
    name = themes.get(key, key)
    tone = _tones(themes).get(name, "yw-off") if key in row.themes else "yw-unsure"
    return _Chip(name, tone, key in row.review)


def _open_report(start: int, report: Mapping[str, Any]) -> _Opened:
    if "error" in report:
        return _Opened(str(report["id"]), error=report["error"])
    facts = [str(report["id"]), report["source"] or "", report["date"] or "", place_name(report)]
    return _Opened(
        " · ".join(fact for fact in dict.fromkeys(facts) if fact),
        warnings=tuple(report["warnings"]),
        summary=summary_cell(report),
        figures=tuple(map(_figure_cells, table_figures(report["figures"]))),
        text=report["text"],
        start=start,
    )


def _figure_cells(figure: Mapping[str, Any]) -> tuple[object, ...]:
    """Return the cells of `_FIGURE_COLUMNS`, the kind in both languages."""
    cells: list[object] = ["" if cell is None else cell for cell in figure_row(figure).values()]
    cells[_KIND_COLUMN] = both(f"single.{figure['kind']}")
    return tuple(cells[: len(_FIGURE_COLUMNS)])


def _tones(themes: Mapping[str, str]) -> dict[str, str]:
    """The colour of each theme, by name: by its place in the model's list."""
    return {name: f"yw-{i % _N_TONES}" for i, name in enumerate(themes.values())}
