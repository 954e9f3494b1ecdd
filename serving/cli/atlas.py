"""The command `yiwen atlas`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model import InputError
from serving.cli.terminal import EXIT_FAILED_LINES, console

if TYPE_CHECKING:
    from serving.atlas.atlas import Atlas
    from serving.atlas.facts import Fact
    from serving.atlas.pivot import FactFilter, PivotRow
    from serving.atlas.questions import Question
    from serving.atlas.settlements import Settlement

LIBRARY = "library"
RAY = "ray"
_SHOWN_ROWS = 60


def atlas(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="library（资料库）；或 yiwen tag 写的 jsonl、parquet，可多个；或事实文件夹。",
            metavar="LIBRARY|REPORTS...|FOLDER",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="xlsx；csv；文件夹（Parquet，按年）；png、svg、pdf（--rank、--series 的图）。",
        ),
    ] = None,
    place: Annotated[str, typer.Option(help="地区或单位：名称，或行政区划代码的开头。")] = "",
    indicator: Annotated[str, typer.Option(help="指标里有这些字的；--rank、--ask 写全名。")] = "",
    year: Annotated[int | None, typer.Option(help="哪一年。")] = None,
    since: Annotated[int | None, typer.Option(help="从哪一年起。", metavar="YEAR")] = None,
    until: Annotated[int | None, typer.Option(help="到哪一年止。", metavar="YEAR")] = None,
    rank: Annotated[
        bool, typer.Option("--rank", help="各地一年的排序：--indicator、--year，--place 为范围。")
    ] = False,
    level: Annotated[str, typer.Option(help="--rank 只排这一级：province、city、county。")] = "",
    series: Annotated[bool, typer.Option("--series", help="--place 历年的数。")] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="问一个数：--place、--indicator、--year；没有就是无记载。")
    ] = False,
    today: Annotated[str, typer.Option(help="承诺到哪天算到期；默认今天。", metavar="DATE")] = "",
    engine: Annotated[str, typer.Option(help="ray：写文件夹时由 Ray 集群一份一份地写。")] = "",
) -> None:
    """图谱：哪个地区、哪个指标、哪一年是多少，每个数都有出处；承诺与矛盾。"""
    from serving.atlas.pivot import FactFilter

    wanted = FactFilter(place, indicator, year or since, year or until)
    if ask:
        question = _question(place, indicator, year)
        made, _ = _build(sources, FactFilter(place, "", year, year))
        _answer(made.facts, question)
    elif rank:
        question = _question(place, indicator, year, needs_place=False)
        _rank(_build(sources, wanted)[0].facts, question, level, out)
    elif series:
        _series(_build(sources, wanted)[0].facts, place, indicator, out)
    elif out is not None and not out.suffix:
        _write_shards(sources, out, engine)
    elif out is None:
        _print_pivot(sources, wanted)
    else:
        _write(*_build(sources, wanted), wanted, _day(today), out)


def _build(sources: Sequence[str], wanted: FactFilter) -> tuple[Atlas, dict[str, Settlement]]:
    """Return the atlas of the sources with what people settled; a folder gives what is wanted."""
    from serving.atlas.atlas import build_atlas, compare_all
    from serving.atlas.collecting import LibraryAtlas
    from serving.atlas.facts_folder import FactsFolder
    from serving.atlas.settlements import apply_settlements, read_settlements
    from serving.atlas.shards import read_report_file
    from serving.home.database import open_store

    store = open_store()
    settlements = read_settlements(store)
    if list(sources) == [LIBRARY]:
        return LibraryAtlas(store).read(), settlements
    if _is_folder(sources):
        made = compare_all(FactsFolder(Path(sources[0])).read(wanted))
    else:
        files = _report_files(sources)
        made = build_atlas(chain.from_iterable(map(read_report_file, files)))
    return apply_settlements(made, settlements), settlements


def _is_folder(sources: Sequence[str]) -> bool:
    return len(sources) == 1 and Path(sources[0]).is_dir()


def _report_files(sources: Sequence[str]) -> list[Path]:
    if LIBRARY in sources:
        raise InputError("library 要单独给；报告文件可先用 yiwen library add 存入")
    return [Path(source) for source in sources]


def _write_shards(sources: Sequence[str], out: Path, engine: str) -> None:
    from serving.atlas.parquet import write_shard
    from serving.atlas.pivot import FactFilter
    from serving.atlas.shards import write_shards

    if engine not in ("", RAY):
        raise InputError(f"没有 {engine} 这种 --engine；可用：{RAY}")
    if list(sources) == [LIBRARY]:
        made = _build(sources, FactFilter())[0]
        n_rows = write_shard(out, made.facts, LIBRARY)
    else:
        n_rows = write_shards(_report_files(sources), out, on_ray=engine == RAY)
    console.print(f"{out}：{n_rows} 行事实。", highlight=False, markup=False)


def _write(
    made: Atlas, settlements: dict[str, Settlement], wanted: FactFilter, today: date, out: Path
) -> None:
    from serving.atlas.files import write_csv
    from serving.atlas.workbook import write_atlas

    suffix = out.suffix.lower()
    if suffix == ".xlsx":
        write_atlas(out, made, settlements, today, wanted)
    elif suffix == ".csv":
        write_csv(out, (fact for fact in made.facts if wanted.takes(fact)))
    else:
        raise InputError(f"不认识 {suffix}；可用：xlsx、csv、文件夹；图要加 --rank 或 --series")
    n_sure = sum(wanted.takes(fact) for fact in made.facts if fact.is_sure)
    n_doubtful = sum(wanted.takes(fact) for fact in made.doubtful)
    console.print(
        f"{out}：{n_sure} 个数，待核 {n_doubtful} 个，矛盾 {len(made.contradictions)} 处。",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def _print_pivot(sources: Sequence[str], wanted: FactFilter) -> None:
    from serving.atlas.pivot import make_pivot

    made, _ = _build(sources, wanted)
    rows = make_pivot(made.facts, wanted).rows
    _print_rows(rows[:_SHOWN_ROWS])
    n_doubtful = sum(wanted.takes(fact) for fact in made.doubtful)
    console.print(
        f"共 {len(rows)} 行，列出 {min(len(rows), _SHOWN_ROWS)} 行；全部请用 -o 图谱.xlsx。"
        f"待核 {n_doubtful} 个数没有列入。",
        highlight=False,
    )


def _print_rows(rows: Sequence[PivotRow]) -> None:
    from serving.atlas.tables import show_cell

    years = sorted({year for row in rows for year in row.cells})
    table = Table("地区", "指标", "单位", *map(str, years))
    for row in rows:
        cells = (show_cell(row.cells.get(year, ())) for year in years)
        about = ("".join(row.place.path) + row.body, row.indicator, row.unit)
        table.add_row(*map(escape, (*about, *cells)))
    Console().print(table)


def _rank(facts: Sequence[Fact], asked: Question, level: str, out: Path | None) -> None:
    from serving.atlas.picture import draw_ranking
    from serving.atlas.pivot import rank_places
    from serving.atlas.tables import show_cell

    ranked = rank_places(facts, asked.indicator, asked.year, asked.place, level)
    if out is not None:
        title = f"{asked.place}{asked.year}年{asked.indicator}"
        draw_ranking(out, ranked, title, ranked[0].facts[0].unit if ranked else "")
        console.print(f"图已写到 {out}。", highlight=False, markup=False)
        return
    table = Table("名次", "地区", str(asked.year), "出处")
    for one in ranked:
        row = (str(one.rank), "".join(one.place.path), show_cell(one.facts))
        table.add_row(*map(escape, row), str(sum(len(fact.receipts) for fact in one.facts)))
    Console().print(table)


def _series(facts: Sequence[Fact], place: str, indicator: str, out: Path | None) -> None:
    from serving.atlas.picture import draw_series
    from serving.atlas.pivot import make_series

    if not place:
        raise InputError("--series 请用 --place 给出地区或单位的全名或代码")
    rows = make_series(facts, place, indicator)
    if out is None:
        _print_rows(rows)
        return
    draw_series(out, rows, f"{rows[0].name if rows else place} {indicator}".strip())
    console.print(f"图已写到 {out}。", highlight=False, markup=False)


def _answer(facts: Sequence[Fact], question: Question) -> None:
    """Print the answer with its receipts; without one the exit status is 3."""
    from serving.atlas.questions import ask
    from serving.atlas.tables import cite

    answer = ask(facts, question)
    for fact in answer.facts:
        print(f"{fact.bound}{fact.shown}", fact.period, sep="\t")
        for receipt in fact.receipts:
            print("", cite(receipt), sep="\t")
    if not answer.facts:
        print("无记载")
    for fact in answer.nearby:
        why = "；".join(fact.doubts) or fact.period or fact.note or "指标写法不同"
        console.print(
            f"相近：{fact.place_name}{fact.body} {fact.indicator} {fact.shown}（{why}）",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
    if not answer.facts:
        raise typer.Exit(EXIT_FAILED_LINES)


def _question(
    place: str, indicator: str, year: int | None, *, needs_place: bool = True
) -> Question:
    from serving.atlas.questions import Question

    if not (indicator and year and (place or not needs_place)):
        raise InputError("请给全：--indicator 指标、--year 年份；--ask 还要 --place 地区或单位")
    return Question(place, indicator, year)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise InputError(f"--today 应写成 2024-05-16，实为 {text:.20}") from None
