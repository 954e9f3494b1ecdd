"""Rewriting: a summary in the words of a model that the user supplies, if it passes the gate.

Off by default. The model is a local folder that `transformers` reads as a sequence-to-sequence
model; its input is the whole sentences from which the summary is made.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from model import Article, InputError, ModelError, Report, Summary
from model.summary.gate import find_objection
from serving.archive.analysis_queue import ArticleAnalyzer

MAX_SOURCE_TOKENS = 1024
N_BEAMS = 4
_CONFIG = "config.json"
_WEIGHTS = "*.safetensors"
# Word-piece tokenizers put spaces between Chinese characters.
_SPACE = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


class Rewriter(Protocol):
    """What puts a source in other words."""

    def rewrite(self, source: str, max_chars: int) -> str:
        """Return the source in at most so many characters."""


@dataclass(frozen=True)
class SequenceRewriter:
    """A sequence-to-sequence model in a local folder, loaded at its first use."""

    folder: Path

    def rewrite(self, source: str, max_chars: int) -> str:
        """Rewrite with beam search, the same way every time.

        Args:
            source: Chinese text; what is beyond the model's length is not read.
            max_chars: about as many tokens are written at most.

        Raises:
            ModelError: the folder cannot be read as such a model.
        """
        tokenizer, network = self._parts
        longest = min(tokenizer.model_max_length, MAX_SOURCE_TOKENS)
        batch = tokenizer(source, truncation=True, max_length=longest, return_tensors="pt")
        found = network.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            max_new_tokens=max_chars,
            num_beams=N_BEAMS,
            do_sample=False,
        )
        text: str = tokenizer.decode(found[0], skip_special_tokens=True)
        return _SPACE.sub("", text).strip()

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            network = AutoModelForSeq2SeqLM.from_pretrained(
                self.folder, local_files_only=True, use_safetensors=True
            )
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"改写模型文件夹 {self.folder} 无法载入：{error}") from error
        return tokenizer, network.eval()


@dataclass(frozen=True)
class RewritingAnalyzer:
    """An analyzer whose summaries are rewritten as well."""

    analyzer: ArticleAnalyzer
    rewriter: Rewriter
    max_chars: int

    def analyze(self, article: Article) -> Report:
        """Analyse an article; what the gate refuses becomes a warning."""
        report = self.analyzer.analyze(article)
        if not report.summary.text:  # nothing to reword; the report says why
            return report
        source = _source(report.article, report.summary)
        rewrite = self.rewriter.rewrite(source, self.max_chars)
        objection = find_objection(rewrite, source, self.max_chars)
        if objection:
            warning = f"改写的摘要未采用：{objection}"
            return replace(report, warnings=(*report.warnings, warning))
        return replace(report, summary=replace(report.summary, rewritten=rewrite))


def open_rewriter(folder: Path) -> SequenceRewriter:
    """Return the rewriter of a folder, having looked whether it can be one.

    Raises:
        InputError: `transformers` is not installed, or the folder lacks a file.
    """
    try:
        import transformers  # noqa: F401
    except ImportError:
        raise InputError(
            "改写摘要要用 transformers，请先安装：pip install 'yiwen[train]'"
        ) from None
    if not (folder / _CONFIG).is_file() or not list(folder.glob(_WEIGHTS)):
        raise InputError(
            f"{folder} 不是改写模型的文件夹：里面要有 {_CONFIG} 和 safetensors 格式的权重"
        )
    return SequenceRewriter(folder)


def identify(folder: Path) -> str:
    """Return the hash of a rewriter's folder: of names, sizes and times of its files."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    marks = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(marks).encode()).hexdigest()


def _source(article: Article, summary: Summary) -> str:
    """The whole sentences from which a summary is made."""
    return "".join(excerpt.sentence.of(article.text) for excerpt in summary.sentences)
