"""`Analyzer`: the one pipeline from `Article` to `Report`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from model.article import Article
from model.drift import check_drift
from model.encoder import EncodedArticle, Encoder
from model.figures import find_conflicts, find_figures
from model.figures.doubt import mark_doubtful, warn_of_doubt
from model.figures.official import name_officially
from model.figures.reading.reader import READER_NAME, FigureReader
from model.figures.repeats import merge_repeats
from model.figures.table_rows import read_table_rows
from model.manifest import Manifest
from model.names import Cast, read_cast
from model.report import Figure, Report, Summary, Theme
from model.summary import DEFAULT_CHARS, NO_SUMMARY, check_budget, default_chars, summarise
from model.summary.choice.chooser import Chooser
from model.summary.choice.network import CHOICE_NAME
from model.theme_scoring import (
    accept_themes,
    choose_primary,
    name_for_review,
    score_themes,
    sentence_logits,
    show_scores,
)

DEFAULT_MODEL = Path(__file__).parent / "default"
SHORT_CHARS = 80


class Analyzer:
    """Analyses articles with one model.

    Use: `Analyzer.load(folder).analyze(article)`.
    """

    def __init__(
        self,
        manifest: Manifest,
        encoder: Encoder,
        reader: FigureReader | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        self.manifest = manifest
        self._reader = reader
        self._chooser = chooser or Chooser()
        self._encoder = encoder
        self._drift = check_drift(encoder, manifest.probe)
        self._version = manifest.version

    @classmethod
    def load(cls, folder: Path = DEFAULT_MODEL, *, threads: int = 0, streams: int = 1) -> Analyzer:
        """Load and verify a model folder.

        Args:
            folder: by default the model that Yiwen ships.
            threads: cores for each article; 0 takes all.
            streams: how many articles are analysed at a time, each from a thread of its own.

        Raises:
            ModelError: the folder is no model, is damaged or belongs to another release, or its
                logits on this machine have nothing to do with those at calibration.
        """
        manifest = Manifest.load(folder)
        encoder = Encoder.load(
            folder, manifest.window_tokens, manifest.marks, threads=threads, streams=streams
        )
        reader = (
            FigureReader.load(folder, threads=threads, streams=streams)
            if READER_NAME in manifest.files
            else None
        )
        chooser = Chooser.load(folder / CHOICE_NAME) if CHOICE_NAME in manifest.files else None
        return cls(manifest, encoder, reader, chooser)

    def encode(self, article: Article) -> EncodedArticle:
        """Run the encoder over an article; themes and summary are made from the result."""
        return self._encoder.encode(article)

    def count_tokens(self, article: Article) -> int:
        """Return how many tokens an article has for the encoder."""
        return self._encoder.count_tokens(article)

    def analyze(
        self,
        article: Article,
        *,
        summary_chars: int | None = None,
        encoded: EncodedArticle | None = None,
    ) -> Report:
        """Analyse one article.

        Args:
            article: the article.
            summary_chars: the most characters of a summary, 60 to 500; by default 150, and 250 for
                an article of more than 2,000.
            encoded: result of `encode` for this article, so that the encoder need not run again.

        Raises:
            InputError: `summary_chars` is out of range.
        """
        max_chars = default_chars(article) if summary_chars is None else summary_chars
        check_budget(max_chars)
        if encoded is None:
            encoded = self.encode(article)
        scores = score_themes(encoded, self.manifest)
        by_sentence = sentence_logits(article, encoded)
        themes = accept_themes(article, by_sentence, scores, self.manifest)
        cast = read_cast(article)
        tellings = self.find_figures(article, encoded, cast)
        figures = merge_repeats(tellings)
        summary = self.summarise(article, encoded, themes, tellings, max_chars, cast)
        return Report(
            article=article,
            themes=themes,
            scores=scores,
            primary=choose_primary(article, themes, by_sentence, self.manifest),
            review=name_for_review(scores, self.manifest),
            figures=figures,
            summary=summary,
            warnings=(
                *article.warnings,
                *_warnings(article),
                *(() if summary.text else (NO_SUMMARY,)),
                *warn_of_doubt(figures),
                *find_conflicts(article, tellings),
                *self._drift,
            ),
            model=self._version,
            shown=show_scores(scores, self.manifest),
            cast=cast,
        )

    def find_figures(
        self, article: Article, encoded: EncodedArticle, cast: Cast
    ) -> tuple[Figure, ...]:
        """Find the key figures of an article, each in every place that tells it."""
        found = find_figures(article, self._reader, encoded.tokens, cast)
        named = name_officially(article.text, read_table_rows(article, found))
        return mark_doubtful(article, named)

    def summarise(
        self,
        article: Article,
        encoded: EncodedArticle,
        themes: Sequence[Theme],
        figures: Sequence[Figure],
        max_chars: int = DEFAULT_CHARS,
        cast: Cast | None = None,
    ) -> Summary:
        """Summarise an article whose themes and figures were found."""
        cast = cast or read_cast(article)
        told = self._chooser.weigh(article, encoded, themes, figures, cast)
        return summarise(article, told, themes, figures, max_chars, cast)

    def analyze_many(
        self, articles: Iterable[Article], *, summary_chars: int | None = None
    ) -> Iterator[Report]:
        """Analyse a stream of articles one after another, each as if it were alone."""
        return (self.analyze(article, summary_chars=summary_chars) for article in articles)


def _warnings(article: Article) -> tuple[str, ...]:
    if len(article.text) < SHORT_CHARS:
        return (f"正文只有 {len(article.text)} 字，判断可能不准",)
    return ()
