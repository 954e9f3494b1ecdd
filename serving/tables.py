"""Tables: a report as rows that people file in a spreadsheet."""

from __future__ import annotations

from model import Figure, Report

KINDS = {"level": "现值", "change": "变化", "target": "目标", "from": "原值"}
FIGURE_COLUMNS = (
    "指标", "主体", "数值", "单位", "原文", "类别", "界限", "年份", "比较基准", "所在句",
)  # fmt: skip
# Full-width forms too: Excel takes them for formulas where an East Asian input method typed them.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Cell = str | int | float | None


def article_row(report: Report, names: dict[str, str]) -> dict[str, Cell]:
    """Return one row for an article.

    Args:
        report: what was found.
        names: Chinese name of every theme, by key.
    """
    article = report.article
    row: dict[str, Cell] = {
        "编号": article.id,
        "标题": article.title,
        "日期": article.date,
        "来源": article.source,
        "主题": "、".join(theme.name for theme in report.themes),
        "主要主题": names.get(report.primary or "", ""),
        "待复核": "、".join(names[key] for key in report.review),
        "摘要": report.summary.text,
        "数字条数": len(table_figures(report)),
    }
    row |= {f"{names[key]}得分": round(score, 4) for key, score in report.scores.items()}
    return row | {"提示": "；".join(report.warnings), "模型": report.model}


def table_figures(report: Report) -> tuple[Figure, ...]:
    """Return the figures as a table shows them: in order of the text, each fact once.

    A headline and the lead often tell one figure; it is told again where value, unit, kind, bound
    and year agree and one indicator holds the other. The one with the fuller indicator stays, in
    the place of the first. A report in JSON keeps them all.
    """
    kept: list[Figure] = []
    for figure in sorted(report.figures, key=lambda f: f.span.start):
        same = next((i for i, known in enumerate(kept) if _is_told_again(known, figure)), None)
        if same is None:
            kept.append(figure)
        elif len(figure.indicator) > len(kept[same].indicator):
            kept[same] = figure
    return tuple(kept)


def _is_told_again(known: Figure, figure: Figure) -> bool:
    facts = [(f.value, f.unit, f.kind, f.bound, f.year) for f in (known, figure)]
    bodies = {f.body for f in (known, figure)} - {None}
    names = sorted((known.indicator, figure.indicator), key=len)
    return facts[0] == facts[1] and len(bodies) <= 1 and bool(names[0]) and names[0] in names[1]


def figure_row(figure: Figure) -> dict[str, Cell]:
    """Return one row for a key figure, with the columns of `FIGURE_COLUMNS`.

    数值 is the number in base units, 原文 what is printed.
    """
    value = figure.shown_value
    cells: tuple[Cell, ...] = (
        figure.indicator,
        figure.body,
        "–".join(map(str, value)) if isinstance(value, list) else value,
        figure.unit,
        figure.text,
        KINDS[figure.kind],
        figure.bound,
        figure.year,
        figure.base,
        figure.sentence,
    )
    return dict(zip(FIGURE_COLUMNS, cells, strict=True))


def make_inert(cell: Cell) -> Cell:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    if isinstance(cell, str) and cell.startswith(_RISKY):
        return "'" + cell
    return cell
