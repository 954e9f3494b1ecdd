"""The command `yiwen search`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from model import InputError
from serving.cli.library import Place, Since, SourceText, Theme, Until
from serving.cli.terminal import console

if TYPE_CHECKING:
    from serving.library.search import Hit, Hits

_COMMAND_LINE = "命令行"


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(help='要搜的词，都要有；"几个字连着"；-不要的词。', metavar="WORDS..."),
    ] = None,
    theme: Theme = "",
    place: Place = "",
    indicator: Annotated[str, typer.Option(help="关键数字的指标里有这些字。")] = "",
    since: Since = "",
    until: Until = "",
    source: SourceText = "",
    limit: Annotated[int, typer.Option(help="最多列几篇。", min=1, max=2000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="每篇一行 JSON。")] = False,
    save: Annotated[
        str, typer.Option(help="把这个搜索存下，以后看有没有新的。", metavar="NAME")
    ] = "",
    watched: Annotated[bool, typer.Option("--saved", help="看存下的搜索各有几篇新的。")] = False,
) -> None:
    """在资料库里全文搜索，两个字的词也找得到；命中处标亮。"""
    from serving.home.database import open_store
    from serving.library.articles import ArticleFilter
    from serving.library.saved_searches import list_searches, save_search
    from serving.library.search import SearchQuery
    from serving.library.search import search as find

    store = open_store()
    if watched:
        for saved in list_searches(store, _COMMAND_LINE):
            print(saved.name, f"新 {len(saved.new)} 篇", " ".join(map(str, saved.new)), sep="\t")
        return
    query = SearchQuery(
        " ".join(words or ()), indicator, ArticleFilter(since, until, theme, place, source)
    )
    if query == SearchQuery():
        raise InputError("请给出要搜的词，或 --theme、--place、--indicator、--since、--source")
    with console.status("正在更新索引…") as status:
        found = find(store, query, limit, show=lambda n: status.update(f"正在更新索引（{n} 篇）…"))
    if save:
        save_search(store, _COMMAND_LINE, save, query)
    _print_hits(found, as_json=as_json)


def _print_hits(found: Hits, *, as_json: bool) -> None:
    out = Console()
    for hit in found.hits:
        if as_json:
            print(json.dumps(_to_row(hit), ensure_ascii=False))
            continue
        head = f"{hit.number}  {hit.day}  {hit.title or '（无标题）'}  {hit.source}"
        out.print(Text(head, style="bold"), soft_wrap=True)
        passage = Text("    " + hit.passage.text)
        for start, end in hit.passage.lit:
            passage.stylize("bold red", 4 + start, 4 + end)
        out.print(passage, soft_wrap=True)
    more = " 以上" if found.is_more else ""
    console.print(f"找到 {found.n_found} 篇{more}。", highlight=False)


def _to_row(hit: Hit) -> dict[str, object]:
    return {
        "number": hit.number, "title": hit.title, "day": hit.day, "source": hit.source,
        "themes": list(hit.themes), "passage": hit.passage.text,
        "lit": [list(place) for place in hit.passage.lit],
    }  # fmt: skip
