"""The validator of the corpus: labels against the guide, and texts that are too much alike.

`python -m data.corpus.check [FOLDER]` prints one line a problem and exits with 1 if there is any;
`make check` runs it. The guide to labels is `data/GUIDE.zh-CN.md`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isclose
from pathlib import Path
from typing import Annotated

import typer

from data.command import run_command
from data.corpus.annotated import read_corpus
from data.corpus.duplicates import find_clusters
from data.corpus.loader import CORPUS_FOLDER
from data.labelled import LabelledArticle, LabelledFigure
from data.themes import read_themes
from model.figures.numbers.candidates import find_candidates

GENRES = frozenset(
    {
        "county feature", "portal short", "hospital post", "policy notice", "policy explanation",
        "round table", "interview", "statistics bulletin", "meeting report", "Q&A",
        "company news", "advert", "TV brief", "profile", "court and discipline", "campus news",
        "research news", "city news", "notice", "agency dispatch",
    }
)  # fmt: skip
COPIED_CHARS = 12
GRAM_CHARS = 5
# Largest share of the articles that may contain one five-gram, or open with the same words.
GRAM_SHARE = 0.10
OPENING_CHARS = 4
OPENING_SHARE = 0.02
NAME_ARTICLES = 6
PERSON_ARTICLES = 3
SUMMARY_CHARS = 180
ROUNDING = 0.005

_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_NAME = re.compile(
    r"[\u4e00-\u9fff]{2,4}(?:县|区|市)(?:人民|中心|第[一二三四五]|妇幼|中)[\u4e00-\u9fff]{0,4}医院"
)
_PERSON = re.compile(
    r"(?:院长|主任|医生|医师|护士长|书记|局长|村医|记者)([\u4e00-\u9fff]{2,3})(?=说|介绍|表示|告诉|坦言|回忆)"
)
_FUTURE = re.compile(
    r"将|將|计划|計劃|力争|目标|目標|拟|预计|预算|争取|确保|要|须|应|达到|达标|不低于|不少于|不超过|不得|以内|规划"
    r"|明年|后年|年底|未来|有望|准备|打算|可以?|给予|约定|之前|限|每|定于|兹|今晚|明天|首批|协议|名额|新增|招|再|补|到20\d\d"
)


@dataclass(frozen=True)
class Complaint:
    """A problem of an article, or of the whole corpus if `article` is empty."""

    article: str
    message: str

    def __str__(self) -> str:
        return f"{self.article or '全部'}：{self.message}"


def check_corpus(articles: Sequence[LabelledArticle]) -> list[Complaint]:
    """Return every problem of the corpus."""
    single: tuple[Callable[[LabelledArticle], Iterable[str]], ...] = (
        _check_head, _check_themes, _check_figures, _check_summary,
    )  # fmt: skip
    found = [Complaint(a.id, m) for a in articles for check in single for m in check(a)]
    whole = (_check_duplicates, _check_copies, _check_grams, _check_openings, _check_names)
    return [*found, *(complaint for check in whole for complaint in check(articles))]


def _check_head(article: LabelledArticle) -> Iterator[str]:
    if not article.title or not re.fullmatch(r"20\d\d-\d\d-\d\d", article.date):
        yield f"缺少 title，或 date 不是 年-月-日：{article.date!r}"
    if article.genre not in GENRES:
        yield f"genre 不在清单里：{article.genre!r}"


def _check_themes(article: LabelledArticle) -> Iterator[str]:
    if both := article.near & article.themes:
        yield f"既标了主题又标为近似：{'、'.join(sorted(both))}"


def _check_figures(article: LabelledArticle) -> Iterator[str]:
    read = list(find_candidates(article.text))
    for figure in article.figures or ():
        text = article.text[figure.start : figure.end]
        if not figure.unit:
            yield f"“{text}”没有单位"
        if figure.indicator not in article.text + article.title:
            yield f"“{text}”的指标不是原文：{figure.indicator}"
        at = (figure.start, figure.end, figure.unit)
        same = [c for c in read if (c.start, c.end, c.unit) == at]
        if same and not any(_is_near(c.value, figure.value) for c in same):
            yield f"“{text}”标为 {figure.value}，读作 {same[0].value}"
        if figure.kind == "target" and not _has_future(article, figure):
            yield f"“{text}”标为目标，但全文没有说到将来"


def _is_near(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two values are equal up to rounding, as a third and 33.3%."""
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(isclose(a, b, rel_tol=ROUNDING) for a, b in pairs)


def _has_future(article: LabelledArticle, figure: LabelledFigure) -> bool:
    """Whether the figure's year or any words of the article refer to the future."""
    if figure.year and figure.year > int(article.date[:4] or 0):
        return True
    return bool(_FUTURE.search(article.title + article.text))


def _check_summary(article: LabelledArticle) -> Iterator[str]:
    keys = [s for s in article.sentences or () if s.key]
    if not keys:
        yield "没有标摘要句"
    if (n_chars := sum(s.end - s.start for s in keys)) > SUMMARY_CHARS:
        yield f"摘要句共 {n_chars} 字，应在 {SUMMARY_CHARS} 字以内"


def _check_duplicates(articles: Sequence[LabelledArticle]) -> Iterator[Complaint]:
    for i, first in enumerate(find_clusters([a.text for a in articles])):
        if first != i:
            yield Complaint(articles[i].id, f"与 {articles[first].id} 近乎相同")


def _check_copies(articles: Sequence[LabelledArticle]) -> Iterator[Complaint]:
    seen: dict[str, str] = {}
    for article in articles:
        for sentence in article.sentences or ():
            text = article.text[sentence.start : sentence.end]
            is_prose = len(text) > COPIED_CHARS and text[-1] in "。！？”"
            if is_prose and seen.setdefault(text, article.id) != article.id:
                yield Complaint(article.id, f"与 {seen[text]} 有同一句：{text}")


def _check_grams(articles: Sequence[LabelledArticle]) -> Iterator[Complaint]:
    for gram, n in _count_articles(articles, _grams).most_common():
        if n <= GRAM_SHARE * len(articles):
            return
        yield Complaint("", f"“{gram}”见于 {n} 篇，至多 {GRAM_SHARE:.0%}")


def _check_openings(articles: Sequence[LabelledArticle]) -> Iterator[Complaint]:
    for opening, n in _count_articles(articles, _opening).most_common():
        if n <= OPENING_SHARE * len(articles):
            return
        yield Complaint("", f"{n} 篇以“{opening}”开头，至多 {OPENING_SHARE:.0%}")


def _check_names(articles: Sequence[LabelledArticle]) -> Iterator[Complaint]:
    for pattern, most in ((_NAME, NAME_ARTICLES), (_PERSON, PERSON_ARTICLES)):
        names = _count_articles(articles, partial(_find_all, pattern))
        for name, n in names.most_common():
            if n > most:
                yield Complaint("", f"“{name}”见于 {n} 篇，至多 {most} 篇")


def _find_all(pattern: re.Pattern[str], text: str) -> set[str]:
    return set(pattern.findall(text))


def _count_articles(
    articles: Sequence[LabelledArticle], find: Callable[[str], set[str]]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for article in articles:
        counts.update(find(article.text))
    return counts


def _opening(text: str) -> set[str]:
    """Return the first words, or nothing for a page's navigation (`首页 >`)."""
    opening = text[:OPENING_CHARS]
    return {opening} if _HAN_RUN.fullmatch(opening) else set()


def _grams(text: str) -> set[str]:
    return {
        run[i : i + GRAM_CHARS]
        for run in _HAN_RUN.findall(text)
        for i in range(len(run) - GRAM_CHARS + 1)
    }


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of annotated text.")] = CORPUS_FOLDER,
) -> None:
    """Print every problem of the corpus; exit with 1 if there is any."""
    articles = read_corpus(folder, frozenset(theme.key for theme in read_themes()))
    complaints = check_corpus(articles)
    for complaint in complaints:
        print(complaint)
    n_themed = sum(bool(article.themes) for article in articles)
    print(f"{len(articles)} 篇（{n_themed} 篇有主题），问题 {len(complaints)} 处")
    if complaints:
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
