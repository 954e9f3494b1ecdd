"""Label rows: a correction as one JSON object, and the checks that every row of labels passes.

    {"id": "a1", "text": "…", "themes": ["smart"], "borderline": [], "primary": null,
     "title": "", "date": "", "source": "", "genre": "", "near": [], "unasked": [],
     "cluster": "",
     "sentences": [{"start": 0, "end": 30, "themes": ["smart"], "borderline": [], "key": true}],
     "complete": true,
     "figures": [{"text": "93.4%", "at": 14, "indicator": "就诊率", "value": 93.4, "unit": "%",
                  "kind": "level", "bound": "", "year": 2022, "body": "荣昌区", "base": "",
                  "official": "县域内就诊率"}],
     "by": "王", "at": "2026-11-20T09:30:00+08:00", "model": "default-3f2a91"}

Only `text` and `themes` must be there; `body`, `base` and `official` of a figure are null where
nobody was asked for them, empty where there is none. `data.gold` reads the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.corpus.texts import text_id
from data.gold import GoldFigure, read_gold_figure
from data.labelled import LabelledArticle, LabelledFigure, LabelledSentence
from data.labels.corrections import Correction
from model import Article, InputError
from model.cleaning.characters import count_han

NONE_LABELS = frozenset({"无", "无主题", "none"})
EDGE = "?"
MIN_HAN_SHARE = 0.5
SHOWN_CHARS = 20
SHOWN_FIELDS = 12
_AROUND = " \t\r\n\u3000【】[]\uff3b\uff3d（）()「」『』《》<>“”\"'"
_PARTS = re.compile(r"[、;；,，#|\uff5c/\n]")
_BRACKETS = re.compile(r"[【】\[\]\uff3b\uff3d（）()]")
_PLAIN = ("title", "date", "source", "genre", "cluster")
_ASKED = ("body", "base", "official")
_Row = Mapping[str, Any]


@dataclass(frozen=True)
class ThemeLabels:
    """Labels as people write them: a theme's key or Chinese name, `?` behind a borderline one."""

    names: Mapping[str, str]

    def resolve(self, labels: Iterable[object]) -> frozenset[str]:
        """Return keys, borderline ones with `?`; `无` stands for no theme and gives nothing.

        Raises:
            InputError: a label is no theme.
        """
        found, unknown = set(), []
        for label in labels:
            token = self.find(str(label))
            if token:
                found.add(token)
            elif not is_none(str(label)):
                unknown.append(_bare(str(label))[:SHOWN_CHARS])
        if unknown:
            known = "、".join(f"{name}（{key}）" for key, name in self.names.items())
            raise InputError(
                f"没有这个主题：{'、'.join(unknown)}；现有：{known}。新主题请先写进 themes.yaml"
            )
        return frozenset(found)

    def find(self, label: str) -> str:
        """Return the key of one label, with `?` where it is borderline; empty if it is no theme.

        Brackets around it and the case of a key do not count: `【医共体】` is known.
        """
        bare = _bare(label)
        name = bare.removesuffix(EDGE).strip()
        by_name = {
            known.casefold(): key for key, name in self.names.items() for known in (name, key)
        }
        key = by_name.get(name.casefold(), "")
        return key and key + EDGE * bare.endswith(EDGE)

    def part(self, cell: str) -> list[str]:
        """Part the labels of one cell: by signs, by brackets, by blanks where all are known."""
        if self.find(cell):
            return [cell]
        found = []
        for label in filter(None, map(str.strip, _PARTS.split(cell))):
            pieces = [label] if self.find(label) else _BRACKETS.split(label)
            for piece in filter(None, map(str.strip, pieces)):
                words = piece.split()
                is_each = all(self.find(word) or is_none(word) for word in words)
                found += words if is_each else [piece]
        return found

    def pair(self, sure: Any, edge: Any) -> tuple[frozenset[str], frozenset[str]]:
        """Return the keys of two lists of labels, certain and borderline.

        Raises:
            InputError: one is no list, or a label is no theme.
        """
        for labels in (sure, edge):
            if isinstance(labels, (str, Mapping)) or not isinstance(labels, Collection):
                raise InputError(f'主题应写成列表，如 ["smart"]，实为 {labels!r:.40}')
        tokens = self.resolve(sure) | {t.removesuffix(EDGE) + EDGE for t in self.resolve(edge)}
        return split_edge(tokens)


def is_none(label: str) -> bool:
    """Whether a label says that there is no theme."""
    return _bare(label).casefold() in NONE_LABELS


def _bare(label: str) -> str:
    return label.replace("？", EDGE).strip(_AROUND)


def split_edge(tokens: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Part certain themes from borderline ones; a theme that is both is certain."""
    tokens = frozenset(tokens)
    sure = frozenset(t for t in tokens if not t.endswith(EDGE))
    return sure, frozenset(t.removesuffix(EDGE) for t in tokens) - sure


def write_row(correction: Correction) -> dict[str, Any]:
    """Turn a correction into its row."""
    labelled = correction.labelled
    return {
        "id": labelled.id,
        "text": labelled.text,
        "themes": sorted(labelled.themes),
        "borderline": sorted(labelled.borderline),
        "primary": labelled.primary,
        **{key: getattr(labelled, key) for key in _PLAIN},
        "near": sorted(labelled.near),
        "unasked": sorted(labelled.unasked),
        "sentences": None
        if labelled.sentences is None
        else [_write_sentence(s) for s in labelled.sentences],
        "complete": labelled.complete,
        "figures": None
        if labelled.figures is None
        else [_write_figure(f, labelled.text) for f in labelled.figures],
        "by": correction.by,
        "at": correction.at.isoformat(),
        "model": correction.model,
    }


def read_row(
    row: _Row, names: Mapping[str, str], at: datetime
) -> tuple[Correction, tuple[str, ...]]:
    """Check a row and turn it into a correction, with notes on what of it was not taken.

    Args:
        row: see above.
        names: the Chinese name of every theme, by key.
        at: when it was labelled, for a row that does not say.

    Raises:
        InputError: what is wrong with it, and how to mend it.
    """
    labels = ThemeLabels(names)
    text = _check_text(row.get("text"))
    if "themes" not in row:
        found = "、".join(str(key)[:SHOWN_CHARS] for key in list(row)[:SHOWN_FIELDS])
        raise InputError(f"缺少 themes（主题）一项；没有主题请写 [] 或“无”。这一行有：{found}")
    themes, borderline = labels.pair(row["themes"] or (), row.get("borderline") or ())
    sentences = _read_sentences(row.get("sentences"), text, labels)
    figures, notes = _read_figures(row.get("figures"), text)
    labelled = LabelledArticle(
        id=str(row.get("id") or text_id(text)),
        text=text,
        themes=themes,
        borderline=borderline,
        primary=_read_primary(row.get("primary"), themes, labels),
        **{key: str(row.get(key) or "") for key in _PLAIN},
        near=labels.pair(row.get("near") or (), ())[0],
        unasked=labels.pair(row.get("unasked") or (), ())[0],
        sentences=sentences,
        complete=bool(row.get("complete", True)),
        figures=figures,
    )
    when = _read_time(row.get("at")) or at
    return Correction(labelled, str(row.get("by") or ""), when, str(row.get("model") or "")), notes


def _check_text(text: object) -> str:
    """Refuse what training could not read."""
    if not isinstance(text, str) or not text.strip():
        raise InputError("没有正文（text、正文）")
    Article.from_raw(text)
    n_letters = sum(c.isalpha() for c in text)
    if count_han(text) < MIN_HAN_SHARE * n_letters:
        raise InputError("正文大半不是中文，不能用来训练")
    return text


def _read_primary(label: object, themes: frozenset[str], labels: ThemeLabels) -> str | None:
    primary = next(iter(labels.resolve([label] if label else ())), None)
    if primary and primary not in themes:
        raise InputError(f"主要主题 {label} 不在这篇文章的主题之中")
    return primary


def _read_time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).astimezone()
    except ValueError:
        raise InputError(f"标注时间读不懂：{value!r}，应如 2026-11-20T09:30:00+08:00") from None


def _write_sentence(sentence: LabelledSentence) -> dict[str, Any]:
    return {
        "start": sentence.start,
        "end": sentence.end,
        "themes": sorted(sentence.themes),
        "borderline": sorted(sentence.borderline),
        "key": sentence.key,
    }


def _read_sentences(
    rows: Any, text: str, labels: ThemeLabels
) -> tuple[LabelledSentence, ...] | None:
    if rows is None:
        return None
    if not isinstance(rows, list):
        raise InputError("sentences 应为列表，每句有 start、end、themes")
    return tuple(_read_sentence(row, text, labels) for row in rows)


def _read_sentence(row: Any, text: str, labels: ThemeLabels) -> LabelledSentence:
    try:
        start, end = row["start"], row["end"]
        sure, edge = labels.pair(row.get("themes") or (), row.get("borderline") or ())
    except (KeyError, TypeError, AttributeError):
        raise InputError(f"句子应有 start、end、themes，实为 {row!r:.60}") from None
    check_span(start, end, text)
    return LabelledSentence(start, end, sure, edge, key=bool(row.get("key")))


def check_span(start: object, end: object, text: str) -> None:
    """Refuse offsets that are not in the text.

    Raises:
        InputError: they are no numbers, are empty, or lie outside.
    """
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise InputError(f"位置 {start}–{end} 不在正文里（正文共 {len(text)} 字）")


def _write_figure(figure: LabelledFigure, text: str) -> dict[str, Any]:
    return {
        "text": text[figure.start : figure.end],
        "at": figure.start,
        "indicator": figure.indicator,
        "value": figure.value[0] if len(figure.value) == 1 else list(figure.value),
        "unit": figure.unit,
        "kind": figure.kind,
        "bound": figure.bound,
        "year": figure.year,
        **{key: getattr(figure, key) for key in _ASKED},
    }


def _read_figures(
    rows: Any, text: str
) -> tuple[tuple[LabelledFigure, ...] | None, tuple[str, ...]]:
    """Return the figures that are certain, and a note on the others."""
    if rows is None:
        return None, ()
    if not isinstance(rows, list):
        raise InputError("figures 应为列表，每个数字有 text、indicator、value、unit、kind")
    golds = [(read_gold_figure(row, text), row) for row in rows]
    doubtful = [gold.text for gold, _ in golds if not gold.must]
    unplaced = [
        g.text for g, row in golds if g.must and row.get("at") is None and text.count(g.text) > 1
    ]
    notes = [f"存疑的数字未采用：{'、'.join(doubtful)}"] if doubtful else []
    if unplaced:
        notes.append(f"这些数字在正文里不止一处，请用 at 写明位置，未采用：{'、'.join(unplaced)}")
    left_out = {*doubtful, *unplaced}
    kept = [
        (gold, row)
        for gold, row in golds
        if gold.must and (row.get("at") is not None or gold.text not in left_out)
    ]
    return tuple(_to_figure(gold, row, text) for gold, row in kept), tuple(notes)


def _to_figure(gold: GoldFigure, row: _Row, text: str) -> LabelledFigure:
    at = row.get("at")
    start = text.find(gold.text) if at is None else at
    asked = (None if row.get(key) is None else str(row[key]) for key in _ASKED)
    return LabelledFigure(
        start, start + len(gold.text), gold.indicator, gold.value or (), gold.unit,
        gold.kinds[0], gold.bound, gold.year, *asked,
    )  # fmt: skip
