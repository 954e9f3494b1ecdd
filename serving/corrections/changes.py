"""Changes that a person makes to an article's labels, one at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

from data.corpus.annotated import BOUNDS, KINDS, RANGE_ENDS
from data.labelled import LabelledArticle, LabelledFigure, LabelledSentence
from model import Article, InputError
from model.figures import find_figures
from model.figures.numbers.candidates import find_candidates
from model.figures.official import name_officially

Verdict = Literal["yes", "edge", "no"]
VERDICTS = {"yes": "是", "edge": "存疑", "no": "否"}
_POWERS = {"": 1, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\s*(万亿|千万|百万|亿|万|千)?")
_RANGE = re.compile(r"(?<=[\d千万亿%])\s*[-–—~～至]+\s*")
_YEARS = range(1900, 2101)


@dataclass(frozen=True)
class ThemeChange:
    """Whether a theme holds for the article, or for the sentence that starts at `sentence`."""

    what: Literal["theme"]
    theme: str
    answer: Verdict
    sentence: int | None = None

    def target(self, labelled: LabelledArticle) -> object:
        """Return what the change would overwrite."""
        marked = labelled if self.sentence is None else _sentence_at(labelled, self.sentence)
        return _answer(marked, self.theme)

    def apply(self, labelled: LabelledArticle) -> LabelledArticle:
        """Return the changed labels; a theme that a sentence reports on is one of the article.

        Raises:
            InputError: there is no such sentence.
        """
        if self.sentence is None:
            return self._apply_to_article(labelled)
        marked = _sentence_at(labelled, self.sentence)
        themes, borderline = self._sets(marked)
        changed = _put_sentence(labelled, replace(marked, themes=themes, borderline=borderline))
        if self.answer == "yes" and _answer(changed, self.theme) == "no":
            return replace(changed, themes=changed.themes | {self.theme})
        return changed

    def describe(self, names: dict[str, str]) -> str:
        """Say in Chinese what is changed."""
        place = "全文" if self.sentence is None else "一句"
        return f"{place}·{names.get(self.theme, self.theme)}：{VERDICTS[self.answer]}"

    def _apply_to_article(self, labelled: LabelledArticle) -> LabelledArticle:
        themes, borderline = self._sets(labelled)
        primary = labelled.primary if labelled.primary in themes else None
        sentences = labelled.sentences or ()
        if self.answer == "no":
            gone = frozenset({self.theme})
            sentences = tuple(
                replace(s, themes=s.themes - gone, borderline=s.borderline - gone)
                for s in sentences
            )
        return replace(
            labelled, themes=themes, borderline=borderline, primary=primary, sentences=sentences
        )

    def _sets(
        self, marked: LabelledArticle | LabelledSentence
    ) -> tuple[frozenset[str], frozenset[str]]:
        own = frozenset({self.theme})
        themes, borderline = marked.themes - own, marked.borderline - own
        yes, edge = self.answer == "yes", self.answer == "edge"
        return themes | own if yes else themes, borderline | own if edge else borderline


@dataclass(frozen=True)
class PrimaryChange:
    """Which of the article's themes is the main one; None for none of them."""

    what: Literal["primary"]
    theme: str | None

    def target(self, labelled: LabelledArticle) -> object:
        """Return what the change would overwrite."""
        return labelled.primary

    def apply(self, labelled: LabelledArticle) -> LabelledArticle:
        """Return the changed labels; the main theme is one of the article's.

        Raises:
            InputError: the article does not hold the theme.
        """
        if self.theme is not None and self.theme not in labelled.themes:
            raise InputError("主要主题须先标为“是”")
        return replace(labelled, primary=self.theme)

    def describe(self, names: dict[str, str]) -> str:
        """Say in Chinese what is changed."""
        return f"主要主题：{names.get(self.theme or '', '无')}"


@dataclass(frozen=True)
class KeyChange:
    """Whether the sentence that starts at `sentence` belongs to the summary."""

    what: Literal["key"]
    sentence: int
    key: bool

    def target(self, labelled: LabelledArticle) -> object:
        """Return what the change would overwrite."""
        return _sentence_at(labelled, self.sentence).key

    def apply(self, labelled: LabelledArticle) -> LabelledArticle:
        """Return the changed labels.

        Raises:
            InputError: there is no such sentence.
        """
        marked = _sentence_at(labelled, self.sentence)
        return _put_sentence(labelled, replace(marked, key=self.key))

    def describe(self, names: dict[str, str]) -> str:  # noqa: ARG002
        """Say in Chinese what is changed."""
        return f"摘要句：{'选入' if self.key else '不选'}"


@dataclass(frozen=True)
class FigureChange:
    """A figure as it was typed, added where there is none at its place; `value` is `30–50` too.

    An empty `body`, `base` or `official` says that there is none.
    """

    what: Literal["figure"]
    start: int
    end: int
    indicator: str
    value: str
    unit: str
    kind: str
    bound: str = ""
    year: str = ""
    body: str = ""
    base: str = ""
    official: str = ""

    def target(self, labelled: LabelledArticle) -> object:
        """Return what the change would overwrite."""
        return _figure_at(labelled, self.start, self.end)

    def apply(self, labelled: LabelledArticle) -> LabelledArticle:
        """Return the changed labels.

        Raises:
            InputError: a field cannot be read, or another figure is in the way.
        """
        figure = self.read(labelled.text)
        others = [f for f in labelled.figures or () if (f.start, f.end) != (self.start, self.end)]
        if find_overlap(replace(labelled, figures=tuple(others)), self.start, self.end):
            raise InputError("这里已有一条数字，请先删去它，或直接改它")
        return replace(labelled, figures=tuple(sorted([*others, figure], key=lambda f: f.start)))

    def read(self, text: str) -> LabelledFigure:
        """Read the fields.

        Raises:
            InputError: a field cannot be read.
        """
        if not 0 <= self.start < self.end <= len(text):
            raise InputError("数字不在正文里，请刷新页面")
        if self.kind not in KINDS or self.bound not in BOUNDS:
            raise InputError("类别或界限不在允许之列")
        return LabelledFigure(
            self.start,
            self.end,
            self.indicator.strip(),
            read_value(self.value),
            self.unit.strip(),
            self.kind,
            self.bound,
            _read_year(self.year),
            self.body.strip(),
            self.base.strip(),
            self.official.strip(),
        )

    def describe(self, names: dict[str, str]) -> str:  # noqa: ARG002
        """Say in Chinese what is changed."""
        return f"数字：{self.indicator.strip()} {self.value.strip()}{self.unit.strip()}"


@dataclass(frozen=True)
class FigureDrop:
    """That what stands at this place is no key figure."""

    what: Literal["drop"]
    start: int
    end: int

    def target(self, labelled: LabelledArticle) -> object:
        """Return what the change would overwrite."""
        return _figure_at(labelled, self.start, self.end)

    def apply(self, labelled: LabelledArticle) -> LabelledArticle:
        """Return the changed labels."""
        dropped = _figure_at(labelled, self.start, self.end)
        return replace(labelled, figures=tuple(f for f in labelled.figures or () if f != dropped))

    def describe(self, names: dict[str, str]) -> str:  # noqa: ARG002
        """Say in Chinese what is changed."""
        return "删去一条数字"


Change = ThemeChange | PrimaryChange | KeyChange | FigureChange | FigureDrop


def find_typed(labelled: LabelledArticle, typed: str, near: int) -> tuple[int, int]:
    """Return where the text of a number stands: unmarked from `near` on, else anywhere.

    Raises:
        InputError: it does not stand in the text.
    """
    wanted = typed.strip()
    places = [m.span() for m in re.finditer(re.escape(wanted), labelled.text)] if wanted else []
    if not places:
        raise InputError(f"正文里没有“{wanted}”，请照原文输入，如 83名")
    free = [place for place in places if find_overlap(labelled, *place) is None]
    return next((place for place in free if place[0] >= near), (free or places)[0])


def find_overlap(labelled: LabelledArticle, start: int, end: int) -> LabelledFigure | None:
    """Return the first figure that shares a character with a stretch of the text."""
    return next((f for f in labelled.figures or () if f.start < end and start < f.end), None)


def draft_figure(labelled: LabelledArticle, start: int, end: int) -> FigureChange:
    """Fill in a figure for a stretch of the text, as far as it can be read; the rest is empty."""
    article = Article.from_raw(labelled.text, title=labelled.title, date=labelled.date)
    found = find_figures(article) if article.text == labelled.text else ()
    for figure in name_officially(article.text, found):
        if figure.span.start < end and start < figure.span.end:
            return _to_change(
                LabelledFigure(
                    figure.span.start, figure.span.end, figure.indicator, figure.value,
                    figure.unit, figure.kind, figure.bound, figure.year, figure.body, figure.base,
                    figure.official.name if figure.official else None,
                )
            )  # fmt: skip
    for number in find_candidates(labelled.text):
        if number.start < end and start < number.end:
            return _to_change(
                LabelledFigure(
                    number.start, number.end, "", number.value, number.unit, "level",
                    number.bound, None,
                )
            )  # fmt: skip
    return FigureChange("figure", start, end, "", "", "", "level")


def show_value(value: tuple[float, ...]) -> str:
    """Return a value as `read_value` reads it."""
    return "–".join(f"{v:.0f}" if v == int(v) else repr(v) for v in value)


def read_value(typed: str) -> tuple[float, ...]:
    """Read `12000`, `1.2万` or `30–50`.

    Raises:
        InputError: it is no number and no range.
    """
    ends = _RANGE.split(typed.replace(",", "").replace("，", "").strip().removesuffix("%"))
    matches = [_NUMBER.fullmatch(end.strip().removesuffix("%")) for end in ends]
    read = tuple(round(float(m[1]) * _POWERS[m[2] or ""], 6) for m in matches if m)
    if len(read) != len(ends) or len(read) > RANGE_ENDS or not all(map(isfinite, read)):
        raise InputError(f"数值“{typed}”读不懂，应如 12000、1.2万 或 30–50")
    return read


def _to_change(figure: LabelledFigure) -> FigureChange:
    year = "" if figure.year is None else str(figure.year)
    return FigureChange(
        "figure", figure.start, figure.end, figure.indicator, show_value(figure.value),
        figure.unit, figure.kind, figure.bound, year, figure.body or "", figure.base or "",
        figure.official or "",
    )  # fmt: skip


def _read_year(typed: str) -> int | None:
    year = typed.strip().removesuffix("年")
    if not year:
        return None
    if not (year.isascii() and year.isdigit() and int(year) in _YEARS):
        raise InputError(f"年份“{typed}”读不懂，应如 2024，不知道就留空")
    return int(year)


def _answer(marked: LabelledArticle | LabelledSentence, theme: str) -> Verdict:
    if theme in marked.themes:
        return "yes"
    return "edge" if theme in marked.borderline else "no"


def _sentence_at(labelled: LabelledArticle, start: int) -> LabelledSentence:
    for sentence in labelled.sentences or ():
        if sentence.start == start:
            return sentence
    raise InputError("没有这一句，请刷新页面")


def _put_sentence(labelled: LabelledArticle, changed: LabelledSentence) -> LabelledArticle:
    sentences = tuple(changed if s.start == changed.start else s for s in labelled.sentences or ())
    return replace(labelled, sentences=sentences)


def _figure_at(labelled: LabelledArticle, start: int, end: int) -> LabelledFigure | None:
    return next((f for f in labelled.figures or () if (f.start, f.end) == (start, end)), None)
