from __future__ import annotations

from model import Article
from model.outline import KINDS

PAGE = """云岭县：医共体让村民在家门口看好病
云岭县人民医院。
村医在家中为老人量血压。
云岭县位于滇西，全县有乡镇卫生院12家、村卫生室148个，去年以来县医院派驻医师83名到乡镇坐诊带教。
一、人往下走
县医院每周派出专家到卫生院坐诊，手把手带教当地医生，患者不出乡镇就能看上专家号，药也配得齐。
重点做好三件事：
1.每个乡镇派驻3名医师。
2.每个村配1名乡村医生。
二、信息往上传
检查结果在县里的平台上互认，卫生院拍片，县医院出报告，一张片子只拍一次，群众少跑许多冤枉路。
"""


def kinds_of(article: Article) -> list[tuple[str, str]]:
    return [(block.kind, block.span.of(article.text)[:6]) for block in article.blocks]


def test_every_line_is_a_block_with_its_kind() -> None:
    article = Article.from_raw(PAGE)
    assert kinds_of(article) == [
        ("title", "云岭县：医共"),
        ("caption", "云岭县人民医"),
        ("caption", "村医在家中为"),
        ("paragraph", "云岭县位于滇"),
        ("heading", "一、人往下走"),
        ("paragraph", "县医院每周派"),
        ("paragraph", "重点做好三件"),
        ("list_item", "1.每个乡镇"),
        ("list_item", "2.每个村配"),
        ("heading", "二、信息往上"),
        ("paragraph", "检查结果在县"),
    ]
    assert {block.kind for block in article.blocks} <= set(KINDS)


def test_a_block_knows_the_heading_or_list_it_stands_under() -> None:
    article = Article.from_raw(PAGE)
    assert [block.parent for block in article.blocks] == [
        None, None, None, None, None, 4, 4, 6, 6, None, 9,
    ]  # fmt: skip


def test_two_headings_one_above_the_other_have_two_levels() -> None:
    prose = (
        "县医院每周派出专家到卫生院坐诊，手把手带教当地医生，患者不出乡镇就能看上专家号，药也配齐。"
    )
    page = [
        "云岭县卫生健康工作综述",
        prose,
        "人往下走",
        "八十名医师到乡镇",
        prose,
        "信息往上传",
        prose,
    ]
    article = Article.from_raw("\n".join(page))
    levels = {block.span.of(article.text): block.level for block in article.blocks}
    assert levels["人往下走"] == levels["信息往上传"] == 1
    assert levels["八十名医师到乡镇"] == 2


def test_captions_headings_and_the_title_may_not_speak() -> None:
    article = Article.from_raw(PAGE)
    silent = [
        sentence.of(article.text)
        for number, sentence in enumerate(article.sentences)
        if not article.may_speak(number)
    ]
    assert silent == [
        "云岭县：医共体让村民在家门口看好病", "云岭县人民医院。", "村医在家中为老人量血压。",
        "一、人往下走", "二、信息往上传",
    ]  # fmt: skip


def test_a_title_from_the_caller_is_found_below_the_kicker() -> None:
    page = "增进民生福祉 护佑群众康宁\n" + PAGE
    article = Article.from_raw(page, title="云岭县：医共体让村民在家门口看好病")
    assert [block.kind for block in article.blocks][:2] == ["kicker", "title"]


def test_the_paper_that_a_text_names_is_where_it_was_published() -> None:
    lines = {
        "2025年04月07日 21:22 来源：滇西日报 编辑：张三": "滇西日报",
        "来源：互联网 标签：养生": "",
        "滇西日报 | 滇西科技报": "滇西日报",
        "滇西新闻网大理4月7日电（记者 张三）看病就医关乎民生。": "滇西新闻网",
    }
    for line, name in lines.items():
        assert Article.from_raw(f"{line}\n{PAGE}").published_in == name
