from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model import Article, InputError
from model.analyzer import DEFAULT_MODEL
from serving.archive.rewriting import RewritingAnalyzer, SequenceRewriter, identify, open_rewriter
from serving.archive.task import make_task
from serving.cli.main import app
from tests.serving.archive.quick import QuickAnalyzer

TEXT = "云岭县派出12支医疗队到乡镇坐诊，看病1200人次。群众看病不用再跑远路，都说方便。"


@dataclass(frozen=True)
class Says:
    """A rewriter that says one thing, and keeps what it was given."""

    words: str
    given: list[str]

    def rewrite(self, source: str, max_chars: int) -> str:
        self.given.append(source)
        return self.words[:max_chars]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sequence-to-sequence model with two layers that has learned nothing."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split
    from torch import manual_seed
    from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("rewriter")
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *sorted(set(TEXT))]
    tokenizer = Tokenizer(WordLevel({piece: i for i, piece in enumerate(pieces)}, "<unk>"))
    tokenizer.pre_tokenizer = Split("", "isolated")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
    ).save_pretrained(folder)
    manual_seed(8)
    config = BartConfig(
        vocab_size=len(pieces), d_model=16, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32,
        decoder_ffn_dim=32, max_position_embeddings=256, bos_token_id=0, pad_token_id=1,
        eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2,
    )  # fmt: skip
    BartForConditionalGeneration(config).save_pretrained(folder)
    return folder


def test_a_rewrite_that_says_what_the_source_says_is_taken() -> None:
    words = "云岭县12支医疗队下乡坐诊，看病1200人次。"
    says = Says(words, [])
    report = RewritingAnalyzer(QuickAnalyzer(), says, 150).analyze(Article.from_raw(TEXT))
    assert report.to_dict()["summary"]["rewritten"] == words
    assert report.summary.text == says.given[0]
    assert not any("改写" in warning for warning in report.warnings)


def test_a_rewrite_with_another_number_is_refused_and_the_reader_told_why() -> None:
    says = Says("云岭县派出21支医疗队。", [])
    report = RewritingAnalyzer(QuickAnalyzer(), says, 150).analyze(Article.from_raw(TEXT))
    assert report.summary.rewritten is None
    assert report.summary.text
    assert "改写的摘要未采用：改写里的数字“21支”不在原文中" in report.warnings


def test_a_models_folder_rewrites_the_same_way_every_time(folder: Path) -> None:
    first = SequenceRewriter(folder).rewrite(TEXT, 20)
    assert first == SequenceRewriter(folder).rewrite(TEXT, 20)
    assert len(first) <= 20
    assert set(first) <= set(TEXT)


def test_the_command_rewrites_or_says_why_not(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(app, ["tag", str(source), "--rewriter", str(folder)])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    refused = any("改写的摘要未采用" in warning for warning in report["warnings"])
    assert refused == (report["summary"]["rewritten"] is None)


def test_a_folder_that_is_no_model_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="不是改写模型"):
        open_rewriter(tmp_path)
    with pytest.raises(InputError, match="不是改写模型"):
        make_task((), tmp_path / "out.jsonl", "jsonl", DEFAULT_MODEL, rewriter=tmp_path)


def test_another_rewriter_makes_another_engine(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    plain = make_task((), out, "jsonl", DEFAULT_MODEL).fingerprint
    rewritten = make_task((), out, "jsonl", DEFAULT_MODEL, rewriter=folder).fingerprint
    assert rewritten == f"{plain} {identify(folder)}"
