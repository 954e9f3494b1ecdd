"""Years that a figure may belong to, with what speaks for each."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.figures.numbers.candidates import Candidate
from model.figures.plain import plain_years

FIRST_YEAR, LAST_YEAR = 1978, 2060
N_FEATURES = 16
_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?=年|[-—~至]\d|财年)")
_FAR_CHARS = 2_000
_MANY = 5
_HEAD_CHARS = 60
_TWO_YEARS_BACK = -2


@dataclass(frozen=True)
class _Mention:
    start: int
    year: int


class YearOptions:
    """The years that an article names or was published in."""

    def __init__(self, article: Article) -> None:
        self._own = int(article.date[:4]) if article.date else None
        self._sentences = article.sentences
        found = _YEAR.finditer(plain_years(article.text))
        self._mentions = [_Mention(match.start(), int(match[1])) for match in found]
        named = {mention.year for mention in self._mentions}
        self._latest = max(named, default=None)
        own = {self._own, self._own - 1} if self._own is not None else set()
        self.years = sorted(y for y in named | own if FIRST_YEAR <= y <= LAST_YEAR)

    def describe(self, candidate: Candidate) -> FloatArray:
        """Return what speaks for each year (years, features): dates, nearness, its sentence."""
        rows = [self._describe(year, candidate) for year in self.years]
        return np.array(rows, dtype=np.float32).reshape(-1, N_FEATURES)

    def _describe(self, year: int, candidate: Candidate) -> list[float]:
        own, latest, at = self._own, self._latest, candidate.start
        places = [m.start for m in self._mentions if m.year == year]
        sentence = next((s for s in self._sentences if s.start <= at < s.end), None)
        inside = [p for p in places if sentence and sentence.start <= p < sentence.end]
        back = min((at - p for p in places if p <= at), default=_FAR_CHARS)
        nearest = min((at - m.start for m in self._mentions if m.start <= at), default=None)
        after_own = year - own if own is not None else None
        return [
            after_own == 0, after_own == -1, after_own == _TWO_YEARS_BACK,
            after_own is not None and after_own > 0,
            after_own is not None and after_own < _TWO_YEARS_BACK,
            own is None, year == latest, bool(places), min(len(places), _MANY) / _MANY,
            any(p <= at for p in inside), back == nearest,
            float(np.log1p(min(back, _FAR_CHARS)) / 8), any(p > at for p in inside),
            year == latest and own is None, any(p < _HEAD_CHARS for p in places),
            own is not None and latest == own,
        ]  # fmt: skip
