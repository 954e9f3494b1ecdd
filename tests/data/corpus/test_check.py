from __future__ import annotations

from pathlib import Path

import pytest
import typer

from data.corpus.annotated import parse_annotated
from data.corpus.check import check_corpus, main
from data.corpus.loader import CORPUS_FOLDER
from data.labelled import LabelledArticle

HEAD = "title: 题\ndate: 2022-03-04\ngenre: notice\n"
GOOD = (
    "*[smart] 县医院把{12家|卫生院|12|家|level||2022}卫生院的片子连到一个平台上看。\n天亮得很早。\n"
)


def parse(*articles: str) -> list[LabelledArticle]:
    text = "\n".join(f"# a-{n}\n{article}" for n, article in enumerate(articles))
    return list(parse_annotated(text, "x.txt", frozenset({"smart", "talent"})))


def complain(*articles: str) -> str:
    return "\n".join(map(str, check_corpus(parse(*articles))))


def test_a_good_article_passes() -> None:
    bounded = complain(f"{HEAD}\n{GOOD}")
    assert "a-0" not in bounded


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (GOOD.replace("|12|家", "|13|家"), "标为 (13.0,)，读作 (12.0,)"),
        (GOOD.replace("|12|家", "|12|"), "没有单位"),
        (GOOD.replace("|卫生院|", "|镇卫生所|"), "指标不是原文"),
        (GOOD.replace("level", "target"), "没有说到将来"),
        (GOOD.replace("*", ""), "没有标摘要句"),
        (GOOD.replace("天亮", "天亮了" * 70).replace("天", "*天", 1), "摘要句共"),
    ],
)
def test_what_breaks_the_definitions_is_named(body: str, message: str) -> None:
    assert message in complain(f"{HEAD}\n{body}")


def test_a_target_with_a_plan_passes() -> None:
    planned = GOOD.replace("level||2022", "target||2025").replace("把", "计划把")
    assert "将来" not in complain(f"{HEAD}\n{planned}")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (HEAD.replace("notice", "novel"), "genre 不在清单里"),
        (HEAD.replace("2022-03-04", "昨天"), "date 不是"),
        (HEAD + "near: smart\n", "既标了主题又标为近似"),
    ],
)
def test_what_is_wrong_in_a_head_is_named(head: str, message: str) -> None:
    assert message in complain(f"{head}\n{GOOD}")


def test_copies_are_found() -> None:
    other = "*村里来了一台会走路的车，孩子们追着看。\n天亮得很早，车还没有开进村口的那条土路。\n"
    copied = other + GOOD.splitlines()[0].replace("*", "") + "\n"
    assert "与 a-0 有同一句" in complain(f"{HEAD}\n{GOOD}", f"{HEAD}\n{copied}")
    assert "与 a-0 近乎相同" in complain(f"{HEAD}\n{GOOD}", f"{HEAD}\n{GOOD}")


def test_alike_articles_are_found() -> None:
    named = [
        f"*临江县人民医院昨天来了第{n}批人。\n院长王守成说，人够了{'。' * n}\n" for n in range(8)
    ]
    found = complain(*(f"{HEAD}\n{body}" for body in named))
    assert "篇以“临江县人”开头" in found
    assert "“临江县人民医院”见于 8 篇" in found
    assert "“王守成”见于 8 篇" in found
    assert "“临江县人民”见于 8 篇" in found


def test_the_corpus_passes(capsys: pytest.CaptureFixture[str]) -> None:
    main(CORPUS_FOLDER)
    assert "问题 0 处" in capsys.readouterr().out


def test_a_broken_corpus_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text(f"# a-1\n{HEAD}\n{GOOD.replace('|12|家', '|12|')}")
    with pytest.raises(typer.Exit):
        main(tmp_path)
    assert "没有单位" in capsys.readouterr().out
