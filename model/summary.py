"""Summary: the article's own sentences, chosen under a budget of characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.article import Article, Span
from model.encoder import Reading
from model.report import Figure, Summary, Theme

MAX_CHARS = 150
MIN_SENTENCE_CHARS = 12
REDUNDANCY_WEIGHT = 2.0
# The weights below were chosen on the dev set; salience is in logits.
EVIDENCE_BONUS = 0.7
FIGURE_BONUS = 0.6
LEAD_BONUS = 2.5

# Openings that need what went before, and sentences that only say who spoke.
_DEPENDENT = re.compile(
    r"^(?:此外|同时|另外|其中|该院|他|她|这|那|因此|所以|但是|然而|不过|据此|对此|随后|“)"
)
_SPEAKER = re.compile(r"^[^，]{2,30}(?:表示|介绍|说|指出|告诉记者)。$")
_COMPLETE = re.compile(r"[。！？…][”’）]*$")
_OPENING = re.compile(
    r"^(?:.{0,12}(?:讯|电|消息|报道)[ ]?(?:（[^）]{2,40}）)|[（(](?:记者|通讯员)[^）)]{2,40}[）)]"
    r"|(?:记者.{0,6}从.{2,20}(?:获悉|了解到)|据悉|据了解|据介绍|据统计|近日|日前)，)"
)


@dataclass(frozen=True)
class _Choice:
    sentence: int
    span: Span
    worth: float


def summarise(
    article: Article,
    reading: Reading,
    themes: Sequence[Theme],
    figures: Sequence[Figure],
    max_chars: int = MAX_CHARS,
) -> Summary:
    """Choose sentences by salience, theme, figures and position, without repeating.

    Sentences are taken greedily by maximal marginal relevance (Carbonell and Goldstein, 1998)
    and put back in the order of the text. Openings such as `记者获悉，` are dropped.

    Args:
        article: the article.
        reading: the encoder's view of it.
        themes: the accepted themes, whose evidence is preferred.
        figures: the key figures; a sentence that holds one is preferred.
        max_chars: budget; a single sentence that is longer is cut at a clause.
    """
    choices = _weigh(article, reading, themes, figures)
    vectors = _unit_vectors(article, reading)
    spans = _choose(choices, vectors, max_chars)
    if not spans:
        spans = [_shorten(article.text, max(choices, key=lambda c: c.worth).span, max_chars)]
    spans.sort(key=lambda span: span.start)
    return Summary("".join(span.of(article.text) for span in spans), tuple(spans))


def _weigh(
    article: Article, reading: Reading, themes: Sequence[Theme], figures: Sequence[Figure]
) -> list[_Choice]:
    salience = np.full(len(article.sentences), -np.inf)
    np.maximum.at(salience, list(reading.sentences), reading.salience)
    evidence = {span for theme in themes for span in theme.evidence}
    choices = []
    for i, sentence in enumerate(article.sentences):
        text = sentence.of(article.text)
        worth = float(salience[i])
        worth += EVIDENCE_BONUS * (sentence in evidence)
        worth += FIGURE_BONUS * any(sentence.start <= f.span.start < sentence.end for f in figures)
        worth += LEAD_BONUS / (1 + i)
        worth -= 2.0 * bool(_SPEAKER.match(text)) + 0.8 * bool(_DEPENDENT.match(text))
        worth -= 3.0 * (len(text) < MIN_SENTENCE_CHARS or not _COMPLETE.search(text))
        choices.append(_Choice(i, _drop_opening(article.text, sentence), worth))
    return choices


def _choose(
    choices: Sequence[_Choice], vectors: npt.NDArray[np.float32], max_chars: int
) -> list[Span]:
    left = list(choices)
    taken: list[_Choice] = []
    room = max_chars
    while left:
        left = [c for c in left if c.span.end - c.span.start <= room]
        if not left:
            break
        best = max(left, key=lambda c: c.worth - _repeats(c, taken, vectors))
        if taken and best.worth - _repeats(best, taken, vectors) < taken[0].worth - 4:
            break
        left.remove(best)
        taken.append(best)
        room -= best.span.end - best.span.start
    return [c.span for c in taken]


def _repeats(choice: _Choice, taken: Sequence[_Choice], vectors: npt.NDArray[np.float32]) -> float:
    """Redundancy with what is taken, 0 for unlike sentences."""
    if not taken:
        return 0.0
    nearest = max(float(vectors[choice.sentence] @ vectors[t.sentence]) for t in taken)
    return REDUNDANCY_WEIGHT * max(0.0, nearest)


def _unit_vectors(article: Article, reading: Reading) -> npt.NDArray[np.float32]:
    """One vector a sentence, centred on the article's mean so that likeness stands out."""
    vectors = np.zeros((len(article.sentences), reading.vectors.shape[1]), dtype=np.float32)
    np.add.at(vectors, list(reading.sentences), reading.vectors)
    centred = vectors - vectors.mean(axis=0)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = centred / np.maximum(length, 1e-6)
    return unit


def _drop_opening(text: str, sentence: Span) -> Span:
    opening = _OPENING.match(sentence.of(text))
    rest = sentence.end - sentence.start - (opening.end() if opening else 0)
    if opening is None or rest < MIN_SENTENCE_CHARS:
        return sentence
    return Span(sentence.start + opening.end(), sentence.end)


def _shorten(text: str, span: Span, max_chars: int) -> Span:
    """Keep whole clauses from the start of a sentence that is longer than the budget."""
    if span.end - span.start <= max_chars:
        return span
    cut = max(text.rfind(sign, span.start, span.start + max_chars) for sign in "，；。！？")
    return Span(span.start, cut if cut > span.start else span.start + max_chars)
