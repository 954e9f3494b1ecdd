"""The annotated text format of `data/corpus/`: plain text that reads like an article.

    # gansu-clinic-01
    title: 山里的血压本
    date: 2022-11-03
    genre: county feature
    style: florid
    form: torn
    region: 甘肃
    near: smart
    primary: prevention
    borderline: talent

    *[prevention] 全县{1.2万名|高血压患者|12000|人|level||2022}高血压患者有了自己的随访本。
    老马把本子压在枕头底下。

    [prevention talent?] 第二段第一句。

A block opens with `# id`; `key: value` lines follow, then a blank line and the body. A line
is a sentence, a blank line ends a paragraph. A sentence may open with `*` (it belongs to the
reference summary) and with its themes in brackets, `?` behind a borderline one. A key
figure is `{text|indicator|value|unit|kind|bound|year}`; a range's value is `low~high`, bound
and year may be empty. An article's themes are those of its sentences. `⏎` stands for a line
break inside a sentence, as in a torn page; `near` names the themes that an article resembles
without having them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from data.labelled import CORPUS, LabelledArticle, LabelledFigure, LabelledSentence
from data.text_files import read_text
from model import InputError

KINDS = ("level", "change", "target", "from")
BOUNDS = ("", "≥", "≤", "~")
FIGURE_FIELDS = 7
RANGE_ENDS = 2
HEAD_KEYS = (
    "title",
    "date",
    "genre",
    "style",
    "form",
    "region",
    "near",
    "cluster",
    "primary",
    "borderline",
)
BREAK = "⏎"

_HEAD = re.compile(r"^(?P<key>[a-z]+):\s*(?P<value>.*)$")
_SENTENCE = re.compile(r"^(?P<key>\*)?(?:\[(?P<themes>[a-z_? ]+)\])?\s*+(?P<text>\S.*)$")
_FIGURE = re.compile(r"\{([^{}]*)\}")


def read_corpus(folder: Path, theme_keys: frozenset[str]) -> list[LabelledArticle]:
    """Read every `*.txt` of a folder; ids must be unique across files.

    Raises:
        InputError: there is no such folder, it holds no article, or one does not parse.
    """
    if not folder.is_dir():
        raise InputError(f"没有这个文件夹：{folder}（标注文本应是放着 .txt 的文件夹）")
    articles: dict[str, LabelledArticle] = {}
    for path in sorted(folder.glob("*.txt")):
        for article in parse_annotated(read_text(path), str(path), theme_keys):
            if article.id in articles:
                raise InputError(f"{path}: 编号 {article.id} 与另一篇重复")
            articles[article.id] = article
    if not articles:
        raise InputError(f"{folder} 里没有标注文章（每篇以“# 编号”一行开头的 .txt）")
    return list(articles.values())


def parse_annotated(text: str, path: str, theme_keys: frozenset[str]) -> Iterator[LabelledArticle]:
    """Parse annotated text.

    Raises:
        InputError: names the file, the line, what was expected and what was found.
    """
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if line.startswith("# ")]
    if any(line.strip() for line in lines[: starts[0] if starts else None]):
        raise InputError(f"{path} 第 1 行：文章应以“# 编号”一行开头")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield _Block(path, start + 1, theme_keys).parse(lines[start:end])


@dataclass
class _Block:
    path: str
    first_line: int
    theme_keys: frozenset[str]
    text: str = ""
    head: dict[str, str] = field(default_factory=dict)
    sentences: list[LabelledSentence] = field(default_factory=list)
    figures: list[LabelledFigure] = field(default_factory=list)

    def parse(self, lines: list[str]) -> LabelledArticle:
        body = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
        for n, line in enumerate(lines[1:body], 1):
            self._read_head(line, self.first_line + n)
        for n, line in enumerate(lines[body:], body):
            self._read_body(line.strip(), self.first_line + n)
        if not self.sentences:
            raise self._error(self.first_line, "文章没有正文")
        themes = frozenset(t for s in self.sentences for t in s.themes)
        edge = frozenset(t for s in self.sentences for t in s.borderline)
        named = self._themes(self.head.get("borderline", ""), self.first_line)
        primary = self.head.get("primary") or None
        if primary and primary not in themes:
            raise self._error(self.first_line, f"primary 为 {primary}，但没有句子标注该主题")
        return LabelledArticle(
            id=lines[0][2:].strip(),
            text=self.text.strip("\n"),
            source=CORPUS,
            themes=themes,
            borderline=(edge | named) - themes,
            primary=primary,
            title=self.head.get("title", ""),
            date=self.head.get("date", ""),
            genre=self.head.get("genre", ""),
            cluster=self.head.get("cluster", ""),
            near=self._themes(self.head.get("near", ""), self.first_line),
            sentences=tuple(self.sentences),
            figures=tuple(self.figures),
        )

    def _read_head(self, line: str, number: int) -> None:
        match = _HEAD.match(line)
        if not match or match["key"] not in HEAD_KEYS:
            raise self._error(number, f"应为 {'/'.join(HEAD_KEYS)} 之一，实为 {line[:20]!r}")
        self.head[match["key"]] = match["value"].strip()

    def _read_body(self, line: str, number: int) -> None:
        if not line:
            self.text = self.text.rstrip("\n") + "\n" if self.text else ""
            return
        match = _SENTENCE.match(line)
        if match is None:
            raise self._error(number, f"读不懂的一行：{line[:20]!r}")
        start = len(self.text)
        self._append_marked(match["text"], number)
        labels = (match["themes"] or "").split()
        sure = self._themes(" ".join(x for x in labels if not x.endswith("?")), number)
        edge = self._themes(" ".join(x[:-1] for x in labels if x.endswith("?")), number)
        key = bool(match["key"])
        self.sentences.append(LabelledSentence(start, len(self.text), sure, edge, key))

    def _append_marked(self, marked: str, number: int) -> None:
        at = 0
        for match in _FIGURE.finditer(marked):
            self._append_plain(marked[at : match.start()], number)
            self.figures.append(self._figure(match[1], number))
            self.text += match[1].split("|")[0]
            at = match.end()
        self._append_plain(marked[at:], number)

    def _append_plain(self, text: str, number: int) -> None:
        if "{" in text or "}" in text:
            raise self._error(number, "花括号不成对")
        self.text += text.replace(BREAK, "\n")

    def _figure(self, marked: str, number: int) -> LabelledFigure:
        parts = marked.split("|")
        if len(parts) != FIGURE_FIELDS:
            raise self._error(
                number, f"数字标注应有 {FIGURE_FIELDS} 栏，实有 {len(parts)} 栏：{marked}"
            )
        text, indicator, value, unit, kind, bound, year = (p.strip() for p in parts)
        if kind not in KINDS or bound not in BOUNDS:
            raise self._error(number, f"kind 或 bound 不在允许之列：{marked}")
        try:
            numbers = tuple(float(v) for v in value.split("~"))
            when = int(year) if year else None
        except ValueError:
            raise self._error(number, f"value 或 year 不是数：{marked}") from None
        if not indicator or not all(map(isfinite, numbers)) or len(numbers) > RANGE_ENDS:
            raise self._error(number, f"指标不能为空，数值应为一个数或“低~高”：{marked}")
        start = len(self.text)
        return LabelledFigure(start, start + len(text), indicator, numbers, unit, kind, bound, when)

    def _themes(self, names: str, number: int) -> frozenset[str]:
        found = frozenset(re.split(r"[,\s]+", names.strip())) - {""}
        if unknown := found - self.theme_keys:
            raise self._error(number, f"未知主题 {', '.join(sorted(unknown))}")
        return found

    def _error(self, number: int, problem: str) -> InputError:
        return InputError(f"{self.path} 第 {number} 行：{problem}")
