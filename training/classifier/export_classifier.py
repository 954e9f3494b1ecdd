"""`yiwen export`: a `transformers` classifier made from a model, and how far both agree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress
from sklearn.metrics import f1_score
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

from data.corpus.duplicates import find_known
from data.corpus.loader import load_labelled
from data.corpus.texts import read_texts
from data.themes import read_themes
from model import Analyzer, Article, InputError
from model.arrays import BoolArray, FloatArray
from model.manifest import ENCODER_NAME, TOKENIZER_NAME
from training.classifier.fit_classifier import (
    BATCH_TEXTS,
    ScoredText,
    fit_classifier,
    make_classifier,
    score_texts,
    wrap_tokenizer,
)
from training.encoder.unpack import unpack

AGREEMENT_NAME = "agreement.json"
_CARD = """\
# {name}：纯 transformers 分类器 · a plain multi-label classifier

```python
from transformers import pipeline

classify = pipeline("text-classification", "{folder}", top_k=None, truncation=True)
classify("县医院和乡镇卫生院结成医共体，派驻医师每周坐诊三天。")
```

它学的是医闻完整模型 `{version}` 对一窗以内文字（{window} 个词元，约 180 字）给出的校准概率；
更长的文字会被截断。主题成立的阈值 thresholds（也在 `config.yiwen_thresholds`）：{thresholds}。
文字最好先照医闻的办法清理：`model.Article.from_raw(text).text`。

It learned the full model's calibrated probabilities on texts of one window; what is longer is cut
off. A theme holds from its threshold on.

在两者都没学过的文章上与完整模型一致 agreement on articles that neither learned from:

| | 个数 n | 判断一致 decisions alike | 判为有的 F1 of the yes |
| --- | ---: | ---: | ---: |
| 窗口 windows | {n_windows} | {windows} | {windows_f1} |
| 一窗读完的文章 articles of one window | {n_articles} | {articles} | {articles_f1} |
"""


@dataclass(frozen=True)
class Agreement:
    """Agreement of two classifiers on `n` texts, label by label.

    `decisions` is the share of labels with the same decision. As most decisions are no, `f1` is the
    F1 of one's positive decisions against the other's. None without decisions to compare.
    """

    n: int
    decisions: float | None
    f1: float | None

    @classmethod
    def of(cls, expected: BoolArray, predicted: BoolArray) -> Agreement:
        """Compare decisions, shape (texts, themes)."""
        if not expected.size:
            return cls(0, None, None)
        f1 = None
        if expected.any():
            f1 = f1_score(expected, predicted, average="micro", zero_division=0.0)
        return cls(len(expected), float((expected == predicted).mean()), f1)


def export_classifier(
    model: Path, out: Path, console: Console, more: Sequence[Path] = ()
) -> dict[str, Agreement]:
    """Write a classifier to `out`, fitted on a model's scores of the available articles.

    Args:
        model: a model folder.
        out: folder of the classifier.
        console: for progress and messages.
        more: JSON Lines of further articles to learn from; they need no labels.

    Raises:
        InputError: `out` holds something else, or no article is available.
        ModelError: `model` is no model folder.
    """
    if out.exists() and any(out.iterdir()) and not (out / AGREEMENT_NAME).is_file():
        raise InputError(f"{out} 已存在且不是导出的分类器，请换一个文件夹")
    analyzer = Analyzer.load(model)
    manifest = analyzer.manifest
    tokenizer = Tokenizer.from_file(str(model / TOKENIZER_NAME))
    train, held_out = _load_articles(frozenset(manifest.held_out), more)
    classifier = make_classifier(unpack(model / ENCODER_NAME, manifest.marks), manifest)
    wrapped = wrap_tokenizer(tokenizer, manifest.marks, manifest.window_tokens)
    with Progress(console=console) as progress:
        shown = progress.track(train, description="完整模型打分")
        texts = list(score_texts(analyzer, shown, tokenizer))
        if not texts:
            raise InputError("手边没有可学的文章，无法导出", code="no_articles")
        fitting = progress.add_task("训练分类器", total=None)
        fit_classifier(
            classifier, texts, manifest.marks, seed=int(manifest.settings.get("seed", 0)),
            on_step=lambda step, n: progress.update(fitting, completed=step, total=n),
        )  # fmt: skip
    found = measure_agreement(analyzer, classifier, wrapped, held_out, tokenizer)
    _save(classifier, wrapped, analyzer, found, out)
    windows, articles = found["windows"], found["articles"]
    console.print(
        f"完成：{out}。与完整模型一致：{windows.n} 个窗口 {_percent(windows.decisions)}"
        f"（判为有的 F1 {_percent(windows.f1)}），一窗读完的 {articles.n} 篇 "
        f"{_percent(articles.decisions)}（{_percent(articles.f1)}）",
        highlight=False,
    )
    return found


def measure_agreement(
    analyzer: Analyzer,
    classifier: BertForSequenceClassification,
    wrapped: PreTrainedTokenizerFast,
    articles: Iterable[Article],
    tokenizer: Tokenizer,
) -> dict[str, Agreement]:
    """Compare decisions on windows of articles, and on articles that fit one window."""
    texts: list[ScoredText] = []
    whole: list[bool] = []
    for article in articles:
        own = list(score_texts(analyzer, [article], tokenizer))
        texts += own
        whole += [one.text == article.text.strip() for one in own]
    thresholds = [theme.threshold for theme in analyzer.manifest.themes]
    shape = (len(texts), len(thresholds))
    expected = np.array([one.scores for one in texts]).reshape(shape) >= thresholds
    scores = classify([one.text for one in texts], classifier, wrapped).reshape(shape)
    predicted = scores >= thresholds
    is_whole = np.array(whole, dtype=bool)
    return {
        "windows": Agreement.of(expected, predicted),
        "articles": Agreement.of(expected[is_whole], predicted[is_whole]),
    }


def classify(
    texts: Sequence[str],
    classifier: BertForSequenceClassification,
    wrapped: PreTrainedTokenizerFast,
) -> FloatArray:
    """Return the classifier's scores, shape (texts, themes)."""
    rows = []
    for start in range(0, len(texts), BATCH_TEXTS):
        batch = list(texts[start : start + BATCH_TEXTS])
        inputs = wrapped(batch, padding=True, truncation=True, return_tensors="pt")
        inputs.pop("token_type_ids", None)
        with torch.inference_mode():
            rows.append(torch.sigmoid(classifier(**inputs).logits).numpy())
    return np.concatenate(rows) if rows else np.zeros((0, 0))


def _load_articles(
    held_out: frozenset[str], more: Sequence[Path]
) -> tuple[list[Article], list[Article]]:
    """Return articles to learn from, and held-out ones, with no near-duplicates between them."""
    labelled = load_labelled(read_themes()).articles
    held_out_texts = [a.text for a in labelled if a.id in held_out]
    texts = [a.text for a in labelled if a.id not in held_out]
    texts += [text for _, text in read_texts(tuple(more))]
    known = find_known(texts, held_out_texts)
    train = (text for text, twin in zip(texts, known, strict=True) if twin is None)
    return list(_clean(dict.fromkeys(train))), list(_clean(held_out_texts))


def _clean(texts: Iterable[str]) -> Iterator[Article]:
    for text in texts:
        with suppress(InputError):  # texts that cannot be an article
            yield Article.from_raw(text)


def _save(
    classifier: BertForSequenceClassification,
    wrapped: PreTrainedTokenizerFast,
    analyzer: Analyzer,
    found: dict[str, Agreement],
    out: Path,
) -> None:
    """Write the files of `AutoModelForSequenceClassification` and `AutoTokenizer`, and a card."""
    out.mkdir(parents=True, exist_ok=True)
    classifier.save_pretrained(out)
    wrapped.save_pretrained(out)
    rows = {name: asdict(one) for name, one in found.items()}
    (out / AGREEMENT_NAME).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    manifest = analyzer.manifest
    windows, articles = found["windows"], found["articles"]
    card = _CARD.format(
        name=manifest.name,
        folder=out.name,
        version=manifest.version,
        window=manifest.window_tokens,
        thresholds="、".join(f"`{s.key}`（{s.name}）{s.threshold:.2f}" for s in manifest.themes),
        n_windows=windows.n,
        windows=_percent(windows.decisions),
        windows_f1=_percent(windows.f1),
        n_articles=articles.n,
        articles=_percent(articles.decisions),
        articles_f1=_percent(articles.f1),
    )
    (out / "README.md").write_text(card, encoding="utf-8")


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
