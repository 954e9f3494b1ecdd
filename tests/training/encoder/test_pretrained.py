from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from model import ModelError
from tests.training.tiny import TINY
from training.encoder.pretrained import load_base, prepare


def test_a_base_without_marks_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_base, tmp_path, dirs_exist_ok=True)
    (tmp_path / "vocab.txt").unlink()
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "医": 1}, unk_token="<unk>"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>").save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="起始、填充、结束标记"):
        load_base(str(tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"frozen_layers": 2}, "没有可训练的层"), ({"window_tokens": 65}, "一次最多读 64 个词元")],
)
def test_settings_that_do_not_go_with_the_base_are_refused(
    tiny_base: Path, tmp_path: Path, changes: dict[str, int], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        prepare(load_base(str(tiny_base), tmp_path), replace(TINY, **changes))


def test_a_base_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="底座"):
        load_base(str(tmp_path), tmp_path)
