"""Distillation: a student of fewer layers learns what teachers say of every sentence.

usage: python -m training.recipes.distil START OUT TEXTS... [--teacher MODEL]...
           [--layers 0,3,6,7,8,9]

START is a model folder: the student keeps some of its layers. Teachers are model folders, by
default START alone; TEXTS are JSON Lines of real articles, which need no labels. The labelled
articles teach beside them; those held out are kept apart.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR

from data.corpus.duplicates import find_known
from data.corpus.texts import read_texts
from data.labelled import LabelledArticle
from model import Article, InputError
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from model.windows import fill, make_batch, pack_windows
from training.encoder.trainable import TrainableNetwork, pool_article, to_tensors
from training.encoder.unpack import unpack
from training.fitting.examples import UNKNOWN, Example, make_example
from training.fitting.fine_tuning import half, label_loss, make_optimizer, rate, set_seed
from training.packaging.run_folder import RunFolder
from training.recipes.from_base import (
    TrainingData,
    check_target,
    load_training_data,
    make_model,
    replace_model,
)
from training.recipes.user_data import UserData
from training.settings import Settings, read_settings

LAYERS = (0, 3, 6, 7, 8, 9)
# An article is worth reading often where one of its sentences comes this near to a theme; of the
# others, half as many are drawn.
NEAR_LOGIT = -4.0
DEFAULTS = Settings(learning_rate=1.5e-4)
# At each reading a text is packed anew, in windows from this many tokens on: what a sentence says
# must not hang on where its window is cut.
NARROWEST = 64
# Beyond these, teachers' logits say no more than no and yes.
LOWEST, HIGHEST = -9.0, 6.0


@dataclass(frozen=True)
class Lesson:
    """An article, what teachers say of it, and its labels where somebody gave them.

    `logits` has shape (segments, themes + 1), the mean over the teachers; `vectors` (segments,
    hidden) are those of the first.
    """

    example: Example
    logits: Tensor
    vectors: Tensor

    @property
    def n_tokens(self) -> int:
        """Tokens of all windows."""
        return sum(w.n_tokens for w in self.example.windows)

    @property
    def is_near(self) -> bool:
        """Whether a sentence comes near to a theme, or somebody labelled it."""
        is_labelled = bool((self.example.article_themes != UNKNOWN).any())
        return is_labelled or float(self.logits[:, :-1].max()) > NEAR_LOGIT


def ask(article: Article, teachers: Sequence[Encoder]) -> tuple[Tensor, Tensor]:
    """Return the teachers' mean logits and the first one's vectors, as `Lesson` has them."""
    encoded = [teacher.encode(article) for teacher in teachers]
    rows = [np.column_stack([r.theme_logits, r.salience]) for r in encoded]
    return torch.from_numpy(np.mean(rows, axis=0)), torch.from_numpy(encoded[0].vectors)


def make_lesson(
    article: LabelledArticle,
    themes: Sequence[str],
    tokenizer: Tokenizer,
    teachers: Sequence[Encoder],
    settings: Settings,
    *,
    is_labelled: bool,
) -> Lesson:
    """Make a lesson of an article; without labels, all of them are unknown.

    Raises:
        InputError: the text is too short to be read.
    """
    example = make_example(article, themes, tokenizer, settings.window_tokens)
    if not is_labelled:
        unknown = (np.full_like(a, UNKNOWN) for a in (
            example.segment_themes, example.salience, example.article_themes
        ))  # fmt: skip
        segment_themes, salience, article_themes = unknown
        example = replace(
            example, segment_themes=segment_themes, salience=salience, article_themes=article_themes
        )
    return Lesson(example, *ask(Article.from_raw(article.text, id=article.id), teachers))


def make_student(start: TrainableNetwork, layers: Sequence[int]) -> TrainableNetwork:
    """Keep some layers of a network, in order; its word embeddings stay as they are."""
    kept = [start.bert.encoder.layer[i] for i in layers]
    start.bert.encoder.layer = nn.ModuleList(kept)
    start.bert.config.num_hidden_layers = len(kept)
    start.bert.embeddings.requires_grad_(False)
    return start


def distil(
    student: TrainableNetwork,
    lessons: Sequence[Lesson],
    settings: Settings,
    on_step: Callable[[int, int, float], None] = lambda _step, _n, _loss: None,
) -> list[float]:
    """Train a student on lessons; return every step's loss.

    The student is left with the mean of its last weights, or the last where none are averaged.

    The loss joins what teachers say of segments and articles, the direction of the segments'
    vectors, and the labels (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015;
    Jiao et al., "TinyBERT", 2020).
    """
    batches = list(_plan(lessons, settings))
    optimizer = make_optimizer(student, settings)
    schedule = LambdaLR(optimizer, lambda s: rate(s, len(batches), settings.warmup_share))
    trained = [p for p in student.parameters() if p.requires_grad]
    averaged = range(int(len(batches) * (1 - settings.averaged_share)), len(batches))
    sums = [torch.zeros_like(p) for p in trained]
    losses = []
    student.train()
    for step, batch in enumerate(batches):
        loss = _loss(student, batch, settings)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step in averaged:
            for total, weights in zip(sums, trained, strict=True):
                total.add_(weights.detach())
        on_step(len(losses), len(batches), losses[-1])
    if averaged:
        with torch.no_grad():
            for weights, total in zip(trained, sums, strict=True):
                weights.copy_(total / len(averaged))
    student.eval()
    return losses


def _plan(lessons: Sequence[Lesson], settings: Settings) -> Iterator[list[Lesson]]:
    """Fill batches pass by pass: all lessons that are near, and half as many of the others."""
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    near = [one for one in lessons if one.is_near]
    far = [one for one in lessons if not one.is_near]
    for _ in range(settings.passes):
        part = near + order.sample(far, min(len(far), len(near) // 2))
        order.shuffle(part)
        packed = (repack(lesson, order, settings) for lesson in part)
        yield from fill(packed, settings.batch_tokens)


def repack(lesson: Lesson, order: random.Random, settings: Settings) -> Lesson:
    """Pack a lesson's segments into windows of another width, drawn at random."""
    segments = [s for window in lesson.example.windows for s in window.segments]
    width = order.randint(min(NARROWEST, settings.window_tokens), settings.window_tokens)
    windows = tuple(pack_windows(segments, width))
    return replace(lesson, example=replace(lesson.example, windows=windows))


def _loss(student: TrainableNetwork, batch: Sequence[Lesson], settings: Settings) -> Tensor:
    examples = [one.example for one in batch]
    inputs = to_tensors(make_batch([w for e in examples for w in e.windows], student.marks))
    pool = inputs.pop("pool")
    with half():
        states = student.run_lower(**inputs, n_layers=len(student.bert.encoder.layer))
    vectors = pool @ states.float()
    logits = student.heads(vectors)
    return teaching_loss(logits, vectors, batch) + label_loss(logits, examples, settings)


def teaching_loss(logits: Tensor, vectors: Tensor, batch: Sequence[Lesson]) -> Tensor:
    """Loss against the teachers: segments' logits, articles' scores, directions of vectors."""
    wanted = torch.cat([one.logits for one in batch])
    weight = 1 + 8 * torch.sigmoid(wanted + 1)  # of some thirty segments, one carries a theme
    gap = functional.smooth_l1_loss(logits, wanted.clamp(LOWEST, HIGHEST), reduction="none")
    counts = [len(one.logits) for one in batch]
    pooled, wanted_pooled = (
        torch.stack([pool_article(part[:, :-1]) for part in torch.split(rows, counts)])
        for rows in (logits, wanted)
    )
    by_article = functional.binary_cross_entropy_with_logits(pooled, torch.sigmoid(wanted_pooled))
    known = torch.cat([one.vectors for one in batch])
    turned = 1 - functional.cosine_similarity(vectors, known, dim=1)
    return (weight * gap).mean() + 2 * by_article + 2 * turned.mean()


def run(
    start: Path,
    out: Path,
    texts: Sequence[Path],
    teachers: Sequence[Path],
    layers: Sequence[int],
    settings: Settings,
    console: Console,
) -> Manifest:
    """Distil a student of `start` and put its model folder, with its record, at `out`.

    Raises:
        InputError: too few labelled articles are at hand, or `out` holds something else.
        ModelError: a teacher is no model.
    """
    check_target(out)
    set_seed(settings.seed, settings.threads)
    manifest = Manifest.load(start)
    told = {"layers": list(layers), "teachers": [Manifest.load(t).version for t in teachers]}
    settings = replace(settings, window_tokens=manifest.window_tokens)
    data = load_training_data(UserData(()), settings, console)
    tokenizer = Tokenizer.from_file(str(start / TOKENIZER_NAME))
    student = make_student(unpack(start / ENCODER_NAME, manifest.marks), layers)
    record = RunFolder.beside(out)
    digest = record.write_inputs(str(start), settings, data.train, data.held_out)
    readers = [Encoder.load(t, settings.window_tokens, student.marks) for t in teachers]
    keys = [theme.key for theme in data.themes]
    with Progress(console=console) as progress:
        articles = progress.track(list(_articles(data, texts)), description="教师打分")
        lessons = list(_gather(articles, keys, tokenizer, readers, settings))
        fitting = progress.add_task("蒸馏", total=None)
        losses = distil(
            student, lessons, settings,
            lambda step, n, _: progress.update(fitting, completed=step, total=n),
        )  # fmt: skip
    held_out = [make_example(a, keys, tokenizer, settings.window_tokens) for a in data.held_out]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        made = make_model(
            student, tokenizer, data, held_out, folder, base=manifest.base, settings=settings,
            digest=digest, told=told,
        )  # fmt: skip
        record.write_results(made.metrics, losses, student)
        replace_model(folder, out)
    console.print(f"完成：{out}（{made.version}）；训练记录：{record.path}")
    return made


def _gather(
    articles: Iterable[tuple[LabelledArticle, bool]],
    themes: Sequence[str],
    tokenizer: Tokenizer,
    teachers: Sequence[Encoder],
    settings: Settings,
) -> Iterator[Lesson]:
    for article, is_labelled in articles:
        with suppress(InputError):  # a text too short to be read teaches nothing
            yield make_lesson(
                article, themes, tokenizer, teachers, settings, is_labelled=is_labelled
            )


def _articles(data: TrainingData, texts: Sequence[Path]) -> Iterator[tuple[LabelledArticle, bool]]:
    """Give what may be learned from, and whether it is labelled; what is held out is left out."""
    yield from ((article, True) for article in data.train)
    known = {article.id for article in (*data.train, *data.held_out)}
    unlabelled = [(name, text) for name, text in read_texts(tuple(texts)) if name not in known]
    held_out = [article.text for article in data.held_out]
    told = find_known([text for _, text in unlabelled], held_out)
    for (name, text), twin in zip(unlabelled, told, strict=True):
        if twin is None:
            yield LabelledArticle(name, text, "unlabelled", frozenset()), False


def main(
    start: Annotated[Path, typer.Argument(help="学生从哪个模型取层。")],
    out: Annotated[Path, typer.Argument(help="模型文件夹写到哪里。")],
    texts: Annotated[list[Path], typer.Argument(help="没有标注的真实文章，JSON Lines。")],
    teacher: Annotated[list[Path] | None, typer.Option(help="教师模型，可给多个。")] = None,
    layers: Annotated[str, typer.Option(help="留下哪几层。")] = ",".join(map(str, LAYERS)),
    settings: Annotated[Path | None, typer.Option(help="TOML 设置文件，覆盖默认设置。")] = None,
) -> None:
    """Distil a student."""
    run(
        start, out, texts, teacher or [start], [int(i) for i in layers.split(",")],
        read_settings(settings, DEFAULTS), Console(),
    )  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
