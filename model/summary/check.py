"""Checking a whole summary: every sentence of it, and what each refers to."""

from __future__ import annotations

from collections.abc import Iterator

from model.article import Article
from model.names import read_cast
from model.report import Excerpt, Summary
from model.summary.guarantees import find_fault
from model.summary.naming import Names
from model.summary.persons import Persons
from model.summary.references import find_supports
from model.summary.seams import DOUBTFUL, has_lost_breaks, load_seams, reads_as_caption


def find_faults(article: Article, summary: Summary) -> list[str]:
    """Return why a summary must not stand as it is, in Chinese; empty where nothing speaks against.

    Args:
        article: the article.
        summary: a summary of it.
    """
    names = Names(article, read_cast(article))
    sentences = [sentence.of(article.text) for sentence in article.sentences]
    persons = Persons(article, sentences)
    rows = {sentence: row for row, sentence in enumerate(article.sentences)}
    faults: list[str] = []
    told: dict[int, str] = {}
    for excerpt in summary.sentences:
        row, words = rows[excerpt.sentence], excerpt.read(article.text)
        if fault := find_fault(words, article.text) or _find_seam(article, names, row, excerpt):
            faults.append(f"{fault}：{words}")
        own = [name.of(article.text) for name in names.find_names(row)]
        supports = find_supports(words, row, sentences, own)
        if supports is not None and not supports & told.keys():
            faults.append(f"无所指：{words}")
        before = "".join(told.values())
        faults += [f"未点名：{w}" for w in _unnamed(article, names, row, excerpt, before)]
        faults += [
            f"未介绍：{name}"
            for name in persons.find_unknown(row, words)
            if not any(
                name in told[other] for other in persons.find_introductions(name, row) & told.keys()
            )
        ]
        told[row] = words
    return faults


def _find_seam(article: Article, names: Names, row: int, excerpt: Excerpt) -> str | None:
    """Say so where something seems glued to a sentence whose start is kept."""
    is_cut = excerpt.kept[0].start > excerpt.sentence.start
    if is_cut or not has_lost_breaks(article.text):
        return None
    words = excerpt.sentence.of(article.text)
    if reads_as_caption(words, row, names.find_names(row)):
        return "图注"
    seam = load_seams().judge(words, article.text, is_first=row == 0)
    return "疑有粘连" if seam.is_none < DOUBTFUL else None


def _unnamed(
    article: Article, names: Names, row: int, excerpt: Excerpt, before: str
) -> Iterator[str]:
    """The pointers whose name stands neither before them nor in brackets behind."""
    text = article.text
    inserted = {insertion.at for insertion in excerpt.inserted}
    for pointer in names.find_pointers(row):
        inside = any(s.start <= pointer.start < s.end for s in excerpt.kept)
        plain = names.is_plain(pointer, row, excerpt.kept, text)
        if not inside or plain or pointer.end in inserted:
            continue
        name = names.resolve(pointer)
        own = "".join(text[s.start : min(s.end, pointer.start)] for s in excerpt.kept)
        own += "".join(i.text for i in excerpt.inserted if i.at <= pointer.start)
        if (name is None and names.must_be_named(pointer)) or (
            name is not None and name not in before + own
        ):
            yield pointer.of(text)
