"""The desk: one article's sentences with the options that a summary may take of each."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from model.article import Article
from model.names import Cast
from model.report import Figure, Insertion
from model.spans import Span
from model.summary.choice.chooser import Told
from model.summary.choose import Need, Option
from model.summary.guarantees import find_fault
from model.summary.naming import Names
from model.summary.openings import HEAD_RULES, HEAD_SENTENCES, find_openings
from model.summary.persons import Persons
from model.summary.references import find_supports, lacks_subject
from model.summary.seams import (
    DOUBTFUL,
    LIKELY,
    SURE,
    has_lost_breaks,
    load_seams,
    reads_as_caption,
)
from model.summary.shorten import Version, insert, list_versions

# What a character costs: words that are hardly ever told (one time in fourteen) are left out.
PRICE = 0.005
WHO = "who"
_MIN_REST_CHARS = 20  # behind a headline: less is its last words


class Desk:
    """One article's sentences with their options, each made when it is asked for."""

    def __init__(self, article: Article, told: Told, figures: Sequence[Figure], cast: Cast) -> None:
        self.article, self._told = article, told
        self._figures: dict[int, list[Span]] = defaultdict(list)
        for figure in figures:
            self._figures[self._row(figure.span)].append(figure.span)
        self._words = [sentence.of(article.text) for sentence in article.sentences]
        self._names = Names(article, cast)
        self._persons = Persons(article, self._words)
        self._lost_breaks = has_lost_breaks(article.text)
        self._glued: dict[int, int] = {}
        self._told_names: dict[int, list[str]] = {}
        self.made: dict[int, list[Option]] = {}

    def rows_of(self, spans: Iterable[Span]) -> list[int]:
        """The numbers of sentences."""
        return [self._row(span) for span in spans]

    def rank(self, rows: Iterable[int]) -> list[int]:
        """Put sentences in order, the likeliest told first."""
        return sorted(rows, key=lambda row: -self._told.of(self.article.sentences[row]))

    def options(self, row: int) -> list[Option]:
        """Return what may be taken of a sentence."""
        if row not in self.made:
            self.made[row] = self._make(row)
            if not self.made[row] and self.find_seams([row], least=LIKELY):
                self.made[row] = self._make(row)
        return self.made[row]

    def _make(self, row: int) -> list[Option]:
        return [option for version in self._versions(row) for option in self._list(row, version)]

    def names_repeatedly(self, option: Option) -> bool:
        """Whether an option has a name that the article has elsewhere too."""
        names = (name for name in self._own_names(option.row) if name in option.words)
        return any(self.article.text.count(name) > 1 for name in names)

    def tells_of_person(self, option: Option) -> bool:
        """Whether an option is about somebody known by a surname alone: a patient, a resident."""
        return self._persons.names_private(option.words)

    def has_figure(self, option: Option) -> bool:
        """Whether an option keeps a key figure."""
        kept = option.version.excerpt.kept
        return any(
            span.start <= figure.start and figure.end <= span.end
            for figure in self._figures.get(option.row, ())
            for span in kept
        )

    def find_seams(self, rows: Iterable[int], *, least: float = SURE) -> bool:
        """Look for headlines and captions glued to sentences; say whether options changed.

        Args:
            rows: the sentences' numbers.
            least: how likely it must be where something glued ends.
        """
        if not self._lost_breaks:
            return False
        fresh = [row for row in rows if row not in self._glued]
        for row in fresh:
            self._glued[row] = self._measure_glued(row, least)
            if self._glued[row]:
                self.made.pop(row, None)
        return any(self._glued[row] for row in fresh)

    def _measure_glued(self, row: int, least: float) -> int:
        """Characters glued to a sentence; all of them where the place is in doubt."""
        words = self._words[row]
        if reads_as_caption(words, row, self._own_names(row)):
            return len(words)
        openings = find_openings(words, near_head=row < HEAD_SENTENCES)
        if any(rule in HEAD_RULES for _, rule in openings):  # the rule says where it ends
            return 0
        seam = load_seams().judge(words, self.article.text, is_first=row == 0)
        if seam.likelihood > least:
            rest = words[seam.at :]
            hangs = find_supports(rest, row, self._words, self._own_names(row))
            if hangs is None and len(rest) >= _MIN_REST_CHARS:
                return seam.at
        return len(words) if seam.is_none < DOUBTFUL else 0

    def list_versions(self, row: int) -> list[Version]:
        """Return a sentence's versions, those too that may not stand."""
        return list_versions(
            self.article.text,
            self.article.sentences[row],
            self._figures.get(row, ()),
            self._names.find_names(row),
            near_head=row < HEAD_SENTENCES,
            glued=self._glued.get(row, 0),
        )

    def _may_stand(self, row: int) -> bool:
        """Whether anything of a sentence may stand in a summary."""
        return self.article.may_speak(row) and self._glued.get(row, 0) < len(self._words[row])

    def _versions(self, row: int) -> Iterator[Version]:
        text = self.article.text
        if not self._may_stand(row):
            return
        for version in self.list_versions(row):
            if find_fault(version.excerpt.read(text), text) is None:
                yield version

    def _list(self, row: int, version: Version) -> Iterator[Option]:
        """A version as it is, with what it needs, and with names put in instead."""
        words = version.excerpt.read(self.article.text)
        supports = find_supports(words, row, self._words, self._own_names(row))
        resolved = self._resolve(row, version)
        if resolved is None or (supports is not None and not supports):
            return
        needs, insertions = resolved
        needs += self._introduce(row, words)
        own = () if supports is None else (Need(supports),)
        carries = (
            frozenset({WHO})
            if self._names.names_someone(row, version.excerpt.kept)
            else frozenset()
        )
        yield Option(row, version, words, self._gain(version), (*own, *needs), carries)
        persons = tuple(need for need in needs if not need.is_body)
        if insertions:
            yield from self._insert(row, version, insertions, (*own, *persons))
        subject = self._subject_of(row, words) if supports else None
        if subject:
            start = Insertion(version.excerpt.kept[0].start, f"（{subject}）")
            yield from self._insert(row, version, [start, *insertions], persons)

    def _insert(
        self,
        row: int,
        version: Version,
        insertions: Sequence[Insertion],
        needs: tuple[Need, ...],
    ) -> Iterator[Option]:
        """A version with names put in, where it reads whole."""
        whole = insert(version, insertions)
        words = whole.excerpt.read(self.article.text)
        if find_fault(words, self.article.text) is None:
            yield Option(row, whole, words, self._gain(whole), needs, frozenset({WHO}))

    def _introduce(self, row: int, words: str) -> list[Need]:
        """What must say before who the persons are that words name."""
        unknown = self._persons.find_unknown(row, words)
        return [
            Need(self._persons.find_introductions(name, row), name, is_body=False)
            for name in unknown
        ]

    def _subject_of(self, row: int, words: str) -> str | None:
        """The name of whom words tell that begin with a verb; None where it is not sure."""
        names = self._own_names(row)
        if not lacks_subject(words, names):
            return None
        name = self._names.find_subject(row)
        whole = find_supports(f"（{name}）{words}", row, self._words, names)
        return name if name and whole is None else None

    def _own_names(self, row: int) -> list[str]:
        if row not in self._told_names:
            named = self._names.find_names(row)
            self._told_names[row] = [name.of(self.article.text) for name in named]
        return self._told_names[row]

    def _resolve(self, row: int, version: Version) -> tuple[list[Need], list[Insertion]] | None:
        """What must name what the pointers stand for, and the names put in instead.

        None where a pointer stands for nothing that is named.
        """
        needs: list[Need] = []
        insertions: list[Insertion] = []
        text, kept = self.article.text, version.excerpt.kept
        for pointer in self._names.find_pointers(row):
            if not any(span.start <= pointer.start < span.end for span in kept):
                continue
            name = self._names.resolve(pointer)
            if name is None and self._names.must_be_named(pointer):
                return None
            if name is None or self._names.is_plain(pointer, row, kept, text):
                continue
            before = "".join(text[s.start : min(s.end, pointer.start)] for s in kept)
            if name not in before and all(name not in i.text for i in insertions):
                rows = frozenset(j for j in range(row) if name in self._words[j])
                needs.append(Need(rows, name))
                insertions.append(Insertion(pointer.end, f"（{name}）"))
        return needs, insertions

    def _gain(self, version: Version) -> float:
        gain = sum(self._told.of(span) for span in version.excerpt.kept)
        return gain - PRICE * version.n_chars

    def _row(self, span: Span) -> int:
        """The sentence in which a span begins."""
        return bisect_right(self.article.sentences, span.start, key=lambda s: s.start) - 1
