"""What a file says of its lines: it outlives cleaning and yields where words speak against it."""

from __future__ import annotations

import pytest

from model import Article, Span
from model.outline import Block, Hint

TITLE = "云岭县：医共体让村民在家门口看好病"
FIRST = "云岭县位于滇西，全县有乡镇卫生院12家、村卫生室148个，去年起派驻医师83名到乡镇坐诊。"
SECOND = "县医院每周派出专家到卫生院坐诊，手把手带教当地医生，患者不出乡镇就能看专家，药也配齐。"
THIRD = "检查结果在县里的平台上互认，卫生院拍片，县医院出报告，一张片子只拍一次，群众少跑冤枉路。"


def read(*lines: str | tuple[str, Hint]) -> dict[str, Block]:
    """Read lines, some with a hint, whose span is set here; return the blocks by their words."""
    raw, hints = "", []
    for line in lines:
        words, hint = line if isinstance(line, tuple) else (line, None)
        if hint:
            span = Span(len(raw), len(raw) + len(words))
            hints.append(Hint(span, hint.kind, hint.level, hint.origin, hint.is_sure))
        raw += words + "\n"
    article = Article.from_raw(raw, hints=hints)
    return {block.span.of(article.text): block for block in article.blocks}


def say(kind: str, level: int = 0, *, is_sure: bool = True) -> Hint:
    return Hint(Span(0, 0), kind, level, "word", is_sure)


def test_a_hint_names_what_shape_does_not() -> None:
    item = "每个乡镇派驻三名医师，每周坐诊两天，带教当地医生，把常见病、多发病留在乡镇看。"
    blocks = read(TITLE, FIRST, SECOND, (item, say("list_item")), (THIRD, say("quote")))
    assert (blocks[item].kind, blocks[item].origin) == ("list_item", "word")
    assert blocks[THIRD].kind == "quote"
    assert (blocks[FIRST].kind, blocks[FIRST].origin) == ("paragraph", "learned")


def test_levels_of_the_file_count_among_each_other() -> None:
    blocks = read(
        TITLE, FIRST,
        ("人往下走", say("heading", 2)), SECOND,
        ("八十名医师到乡镇", say("heading", 4)), THIRD,
        ("信息往上传", say("heading", 2)), FIRST.replace("83", "84"),
    )  # fmt: skip
    levels = {words: block.level for words, block in blocks.items() if block.level}
    assert levels == {"人往下走": 1, "八十名医师到乡镇": 2, "信息往上传": 1}
    assert blocks[THIRD].parent == 4


def test_a_hint_outlives_cleaning() -> None:
    blocks = read(
        "首页 > 新闻 > 正文", TITLE, "责任编辑：张三", FIRST,
        ("８０名 醫師到鄉鎮坐診", say("caption")), SECOND, THIRD,
    )  # fmt: skip
    assert blocks["80名 医师到乡镇坐诊"].kind == "caption"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (SECOND, say("heading", 2)),
        ("本报记者 张三 李四", say("heading", 2)),
        ("2024-03-05 08:17 来源：云岭日报", say("list_item")),
        ("村医在家中为老人量血压。（张三 摄）", say("heading", is_sure=False)),
        ("老人在家门口看病，药也配得齐。", say("heading", is_sure=False)),
    ],
)
def test_a_line_s_own_words_and_shape_say_more_than_a_hint(words: str, hint: Hint) -> None:
    blocks = read(TITLE, FIRST, (words, hint), THIRD, SECOND.replace("县", "市"))
    assert all(block.kind != hint.kind for block in blocks.values() if words in blocks), blocks
    assert all(block.origin != "word" for block in blocks.values())


def test_what_marks_most_of_a_text_says_nothing() -> None:
    heads = [f"{n}个乡镇有了新的卫生院和医生" for n in "三四五六七"]
    prose = "县医院每周派出专家，到卫生院坐诊两天，群众都说方便。"
    blocks = read(TITLE, *((head, say("heading", 3)) for head in heads), prose)
    assert {block.origin for block in blocks.values()} <= {"learned", "shape"}


def test_a_line_above_what_is_set_as_a_list_opens_it() -> None:
    items = [(item, say("list_item")) for item in ("每个乡镇派驻三名医师", "每个村配一名乡村医生")]
    blocks = read(TITLE, FIRST, "要做好几件事：", *items, THIRD)
    assert blocks["要做好几件事："].kind == "paragraph"
    assert blocks["每个乡镇派驻三名医师"].parent == blocks["每个村配一名乡村医生"].parent == 2


def test_a_title_that_the_file_names_is_one() -> None:
    above = "增进民生福祉 护佑群众康宁"
    blocks = read(above, ("村民在家门口看好病", say("title")), FIRST, SECOND, THIRD)
    assert (blocks[above].kind, blocks["村民在家门口看好病"].kind) == ("kicker", "title")
