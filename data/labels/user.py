"""Users' labels: read from folders and files, each with the themes that it was labelled for.

A file that names a theme anywhere was labelled for it throughout: its other articles do not hold
the theme. Of a theme that a file never names it says nothing, unless it is said to be complete.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.corpus.annotated import parse_annotated
from data.labelled import LabelledArticle
from data.labels.files import READABLE, read_labels
from data.text_files import read_text
from data.themes import ThemeEntry
from model import InputError

ANNOTATED_SUFFIX = ".txt"
SHOWN_PROBLEMS = 3
SOURCE = "user"
SURE, EDGE, NONE = "有", "边界", "无"
_NOT_WORD = re.compile(r"\W")


@dataclass(frozen=True)
class Disagreement:
    """One text that was labelled in different ways: the answers on a theme, by article."""

    theme: str
    answers: tuple[tuple[str, str], ...]
    text: str


@dataclass(frozen=True)
class LabelFile:
    """A file of labels as it was read: its full path, its SHA-256, how many articles it gave."""

    path: str
    sha256: str
    n_articles: int


@dataclass(frozen=True)
class UserLabels:
    """Users' articles, each text once; what they disagree on; rows that could not be used."""

    articles: tuple[LabelledArticle, ...]
    disagreements: tuple[Disagreement, ...] = ()
    problems: tuple[str, ...] = ()
    files: tuple[LabelFile, ...] = ()


def read_user_labels(
    paths: Sequence[Path], themes: Sequence[ThemeEntry], *, is_complete: bool = False
) -> UserLabels:
    """Read folders and files of annotated text, and label files.

    Args:
        paths: what to read.
        themes: the themes that a label may name.
        is_complete: whether a theme that a file never names is absent from its articles.

    Raises:
        InputError: nothing is there, it does not parse, or no article in it can be used.
    """
    found: list[LabelledArticle] = []
    problems: list[str] = []
    files: list[LabelFile] = []
    texts: dict[str, str] = {}
    for path in [file for given in paths for file in _list_files(given)]:
        articles, some = _read_file(path, themes)
        asked = frozenset(theme.key for theme in themes)
        named = asked if is_complete else frozenset[str]().union(*map(_named, articles))
        apart = _keep_ids_apart(articles, path.stem, texts)
        found += [replace(a, unasked=a.unasked | (asked - named)) for a in apart]
        problems += [f"{path.name} {problem}" for problem in some]
        files.append(LabelFile(str(path.resolve()), hash_labels(path), len(articles)))
    if paths and not found:
        raise InputError("标注文件里没有可用的文章：" + "；".join(problems[:SHOWN_PROBLEMS]))
    merged, disagreements = merge_same(found)
    return UserLabels(tuple(merged), tuple(disagreements), tuple(problems), tuple(files))


def hash_labels(path: Path) -> str:
    """Return the SHA-256 of a file of labels, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def merge_same(
    articles: Iterable[LabelledArticle],
) -> tuple[list[LabelledArticle], list[Disagreement]]:
    """Keep each text once; a theme on which its labels disagree counts neither way."""
    same: dict[str, list[LabelledArticle]] = defaultdict(list)
    for article in articles:
        same[plain_text(article)].append(article)
    merged, disagreements = [], []
    for copies in same.values():
        some = _disagreements(copies)
        disagreements += some
        merged.append(_merge(copies, frozenset(d.theme for d in some)))
    return merged, disagreements


def plain_text(article: LabelledArticle) -> str:
    """Return a text without spaces and signs, by which copies are known."""
    return _NOT_WORD.sub("", article.text)


def answer(article: LabelledArticle, theme: str) -> str:
    """Return what an article's labels say of a theme that it was labelled for."""
    if theme in article.themes:
        return SURE
    return EDGE if theme in article.borderline else NONE


def _list_files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"没有这个文件夹或文件：{path}")
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in READABLE)
    if not files:
        raise InputError(
            f"{path} 里没有标注文章（每篇以“# 编号”一行开头的 .txt，或 {'、'.join(READABLE)}）"
        )
    return files


def _read_file(path: Path, themes: Sequence[ThemeEntry]) -> tuple[list[LabelledArticle], list[str]]:
    """Read annotated text, or any format of `data.labels.files`."""
    if path.suffix.lower() == ANNOTATED_SUFFIX and read_text(path).lstrip().startswith("# "):
        keys = frozenset(theme.key for theme in themes)
        found, problems = list(parse_annotated(read_text(path), str(path), keys)), list[str]()
    else:
        read = read_labels(path, {theme.key: theme.name for theme in themes})
        found = [correction.labelled for correction in read.corrections]
        problems = [str(problem) for problem in read.problems]
    return [replace(article, source=SOURCE) for article in found], problems


def _keep_ids_apart(
    articles: Sequence[LabelledArticle], file: str, texts: dict[str, str]
) -> Iterator[LabelledArticle]:
    """Put the file's name before an id that another text bears; tools number each file from 1."""
    for article in articles:
        text = plain_text(article)
        same = texts.setdefault(article.id, text) == text
        yield article if same else replace(article, id=f"{file}/{article.id}")


def _named(article: LabelledArticle) -> frozenset[str]:
    return article.themes | article.borderline


def _disagreements(copies: Sequence[LabelledArticle]) -> list[Disagreement]:
    themes = sorted(frozenset[str]().union(*map(_named, copies)))
    found = []
    for theme in themes:
        answers = tuple((a.id, answer(a, theme)) for a in copies if theme not in a.unasked)
        if len({said for _, said in answers}) > 1:
            found.append(Disagreement(theme, answers, copies[0].text))
    return found


def _merge(copies: Sequence[LabelledArticle], unsure: frozenset[str]) -> LabelledArticle:
    """Join what each copy was labelled for; sentences are those of the first that has any."""
    first = next((a for a in copies if a.sentences is not None), copies[0])
    themes = frozenset[str]().union(*(a.themes - a.unasked for a in copies)) - unsure
    return replace(
        first,
        themes=themes,
        borderline=frozenset[str]().union(*(a.borderline for a in copies)) - themes - unsure,
        primary=first.primary if first.primary in themes else None,
        complete=first.complete and len(copies) == 1,
        unasked=frozenset[str].intersection(*(a.unasked for a in copies)) | unsure,
    )
