from __future__ import annotations

import numpy as np
import pytest

from model.outline.classify import Stage, add_kinds, load_classifier
from model.outline.features import read_features
from model.outline.rules import name_kinds
from model.outline.shape import read_lines

TEXT = """老年人冬季保健八个要点
冬季气温低，老年人血管收缩，血压波动大，心脑血管病人要按时吃药，出门注意保暖，适量活动。
保持房间通风
每天上午和下午各开窗一次，每次二十分钟左右，室内温度保持在二十度上下，湿度不要太低。
来源：云岭晚报 标签：保健 冬季"""


def test_the_shipped_weights_name_kinds_of_the_outline() -> None:
    lines = read_lines(TEXT)
    kinds = name_kinds(lines, [False] * len(lines))
    found, scores = load_classifier().classify(read_features(lines, kinds))
    assert found == ["title", "paragraph", "heading", "paragraph", "dateline"]
    assert scores.sum(axis=1) == pytest.approx(np.ones(len(lines)), abs=1e-5)


def test_features_that_were_never_seen_change_nothing() -> None:
    stage = Stage({"a": 0}, np.array([[1.0, -1.0]], dtype=np.float32))
    assert stage.score([["a", "new"]]) == pytest.approx(stage.score([["a"]]))
    assert stage.score([["new"]]) == pytest.approx(np.full((1, 2), 0.5))


def test_the_second_stage_reads_the_kinds_around_a_line() -> None:
    scores = np.array([[0.95, 0.05], [0.4, 0.6]], dtype=np.float32)
    first, second = add_kinds([["x"], ["y"]], scores, ("heading", "paragraph"))
    assert {"x", "kind0=heading", "kind1=paragraph", "kind-1=none", "sure=heading,True"} <= {*first}
    assert {"kind-1=heading", "kind0=paragraph", "sure=paragraph,False"} <= {*second}


def test_nothing_is_classified_where_there_is_nothing() -> None:
    assert load_classifier().classify([])[0] == []
