"""Learning rows of figures that users corrected: a short fit of the model's own reading head.

The head starts from the weights that the model has, in 8 bits. It learns users' rows beside a
replay of the corpus, and of the rows that pointers name where their texts are at hand, so that it
does not forget. A gate keeps the old head unless held-out rows of users are read better, and the
others no worse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from rich.console import Console

from data.corpus.figure_rows import RowArticle, resolve_rows
from data.corpus.loader import Labelled
from data.labels.figure_places import to_row_article
from model.encoder import Encoder
from model.figures.reading.reader import READER_NAME
from model.manifest import MANIFEST_NAME, Manifest
from training.fitting.progress import Reporter
from training.packaging.model_folder import seal
from training.reading.examples import ReadingExample, make_examples
from training.reading.export import export_head
from training.reading.fit import FitSettings, fit_head, measure_loss
from training.reading.network import ReadingHead
from training.reading.unpack import load_weights
from training.recipes.read_figures import make_head

# Fewer rows than these teach nothing that a held-out part could confirm.
MIN_ROWS = 20
REPLAY_ARTICLES = 200
# One article in five of either kind is held out.
_HELD_OUT_OF = 5
# The loss on rows that are not users' may rise by this share.
_ALLOWED_RISE = 0.02
SETTINGS = FitSettings(epochs=2, layer_rate=2e-5, head_rate=1e-4, warm_up_steps=20)


@dataclass(frozen=True)
class RowGate:
    """Mean loss of held-out rows before and after: users', and those of the replay."""

    users_before: float
    users_after: float
    replay_before: float
    replay_after: float

    @property
    def is_open(self) -> bool:
        """Whether the new head may take the old one's place."""
        kept = self.replay_after <= self.replay_before * (1 + _ALLOWED_RISE)
        return kept and self.users_after < self.users_before


@dataclass(frozen=True)
class _Parts:
    """Examples to learn from, and held out."""

    train: list[ReadingExample]
    users: list[ReadingExample]
    replay: list[ReadingExample]


def learn_rows(
    folder: Path,
    manifest: Manifest,
    labelled: Labelled,
    reporter: Reporter,
    console: Console,
    settings: FitSettings = SETTINGS,
) -> Manifest:
    """Fit a model's reading head on users' rows, in place; it stays where the gate is shut.

    Args:
        folder: the model folder, which nobody else reads yet.
        manifest: its manifest.
        labelled: users' articles and the corpus.
        reporter: tells how far it is.
        console: for messages.
        settings: how the head is fitted.

    Raises:
        ModelError: the head is of another shape than this program's.
    """
    users = _rows_of(labelled, own=True)
    n_rows = sum(len(article.rows) for article in users)
    if READER_NAME not in manifest.files or n_rows < MIN_ROWS:
        if n_rows:
            console.print(
                f"校正过的数字 {n_rows} 条，不到 {MIN_ROWS} 条或模型没有数字阅读头，这次不学"
            )
        return manifest
    replay = _choose([*_rows_of(labelled, own=False), *resolve_rows()[0]], REPLAY_ARTICLES)
    parts = _encode(folder, manifest, users, replay, reporter)
    if not parts.users:
        console.print("校正过数字的文章太少，留不出来检验，这次不学")
        return manifest
    head = make_head(folder, manifest)
    load_weights(head, folder / READER_NAME)
    gate = _fit(head, parts, settings, reporter)
    console.print(
        f"数字：学了 {n_rows} 条校正；留出的误差 {gate.users_before:.3f}→{gate.users_after:.3f}，"
        f"语料 {gate.replay_before:.3f}→{gate.replay_after:.3f}；"
        + ("已换用" if gate.is_open else "没有变好，沿用原来的")
    )
    if not gate.is_open:
        return manifest
    export_head(head, folder / READER_NAME)
    counts = {"users": n_rows, "before": gate.users_before, "after": gate.users_after}
    metrics = manifest.metrics | {"users_rows": counts}
    return seal(replace(manifest, metrics=metrics, files={}), _without_manifest(folder))


def _without_manifest(folder: Path) -> Path:
    """Take the manifest out: it is written last, over all other files."""
    (folder / MANIFEST_NAME).unlink()
    return folder


def _rows_of(labelled: Labelled, *, own: bool) -> list[RowArticle]:
    users = {article.id for article in labelled.own}
    rows = (to_row_article(a) for a in labelled.articles if (a.id in users) == own)
    return [article for article in rows if article is not None and article.rows]


def _choose(articles: Sequence[RowArticle], n: int) -> list[RowArticle]:
    """Return at most `n` articles, always the same ones."""
    return sorted(articles, key=lambda article: _rank(article.text))[:n]


def _rank(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _encode(
    folder: Path,
    manifest: Manifest,
    users: Sequence[RowArticle],
    replay: Sequence[RowArticle],
    reporter: Reporter,
) -> _Parts:
    encoder = Encoder.load(folder, manifest.window_tokens, manifest.marks)
    parts = _Parts([], [], [])
    with reporter.stage("阅读数字", len(users) + len(replay)) as advance:
        for held_out, articles in ((parts.users, users), (parts.replay, replay)):
            for number, article in enumerate(_choose(articles, len(articles))):
                is_held_out = number % _HELD_OUT_OF == _HELD_OUT_OF - 1
                (held_out if is_held_out else parts.train).extend(make_examples(article, encoder))
                advance()
    return parts


def _fit(head: ReadingHead, parts: _Parts, settings: FitSettings, reporter: Reporter) -> RowGate:
    users, replay = _mean_loss(head, parts.users), _mean_loss(head, parts.replay)
    n_steps = settings.epochs * -(-len(parts.train) // settings.batch_chunks)
    with reporter.stage("学习数字", n_steps) as advance:
        fit_head(head, parts.train, settings, lambda *_: advance())
    return RowGate(users, _mean_loss(head, parts.users), replay, _mean_loss(head, parts.replay))


def _mean_loss(head: ReadingHead, examples: Sequence[ReadingExample]) -> float:
    """Return the mean loss of chunks, 0 where there are none."""
    head.eval()
    with torch.no_grad():
        losses = [float(measure_loss(head, [example])) for example in examples]
    return sum(losses) / max(1, len(losses))
