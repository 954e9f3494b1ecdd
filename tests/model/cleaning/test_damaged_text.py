"""Text that was opened in the wrong encoding, and characters that could not be read."""

from __future__ import annotations

import pytest

from model import Article, InputError, Span
from model.cleaning.garbled import RARE_SHARE

LINES = (
    "县医院派出十二支医疗队，专家每周到镇上坐诊，",
    "专家每周到镇上坐诊，县医院派出十二支医疗队，",
)


def misread(text: str, errors: str = "strict") -> str:
    """Open UTF-8 as GBK, as an editor does that asks nobody."""
    return text.encode().decode("gb18030", errors)


def test_utf8_read_as_gbk_is_restored_where_nothing_was_lost() -> None:
    raw = "\n".join(misread(line) for line in LINES)
    article = Article.from_raw(raw)
    assert article.text.replace("\n", "") == "".join(LINES)
    assert not any("乱码" in warning for warning in article.warnings)
    at = article.text.index("坐诊")
    assert raw[article.offsets[at] :].startswith(misread(LINES[0])[-5:-4])
    assert article.to_raw(Span(0, at)).start == 0


def test_garbled_text_with_losses_is_said() -> None:
    raw = misread(f"{LINES[0]}接诊5260人次，{LINES[1]}就诊率91.4%。", "replace")
    warnings = Article.from_raw(raw).warnings
    assert any("乱码" in warning for warning in warnings)


def test_text_with_rare_characters_is_not_called_garbled() -> None:
    text = "睢县、盱眙县、邳州市、郫都区、亳州市的医院派出医疗队，给老人看病送药，大家说很方便。"
    assert Article.from_raw(text).warnings == ()
    assert 0 < RARE_SHARE < 1


def test_a_broken_character_stays_visible_and_is_said() -> None:
    article = Article.from_raw(f"{LINES[0]}派驻医师1\ufffd2名，{LINES[1]}")
    assert "1\ufffd2" in article.text
    assert any("1 处字符损坏" in warning for warning in article.warnings)


def test_utf8_read_as_latin_is_refused() -> None:
    raw = "河湾县组建了医疗集团，由县人民医院统一管理。".encode().decode("latin-1")
    with pytest.raises(InputError, match="不是中文"):
        Article.from_raw(raw)
