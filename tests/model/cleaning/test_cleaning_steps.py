from __future__ import annotations

import time

import pytest

from model import Article, Span
from model.article import removed_spans
from model.cleaning.furniture import drop_furniture
from model.cleaning.mapped import MappedText

BODY = "县人民医院的大夫每周二到镇卫生院坐诊，今年共看了三百多位病人。"


def clean(raw: str) -> str:
    return Article.from_raw(raw).text


@pytest.mark.parametrize(
    "line",
    [
        "河湾日报记者 王小明", "本报记者 王小明 通讯员 李小红 赵大力",
        "王小明 李小红 图片除署名外由县卫健局提供",
        "3上一篇  下一篇4", "首页 > 健康 > 正文", "首页 | 新闻 | 健康 | 视频", "08/16 14:21",
        "2024年05月16日 21:22 来源：某网",
        "- 12 -", "第 3 页 共 8 页", "联系电话：0123-4567890", "A03 健康", "阅读 1203",
        "扫一扫关注我们的公众号",
        "某ICP备12345678号", "分享到：微信 微博", "本版编辑 王小明 美编 李小红",
        "镇卫生院外景。王小明 摄", "凡本网注明来源的作品均属本网",
    ],
)  # fmt: skip
def test_lines_around_the_article_go(line: str) -> None:
    assert clean(f"{BODY}\n{line}\n{BODY}") == f"{BODY}\n{BODY}"


@pytest.mark.parametrize(
    "tail",
    [
        "记者 王小明 通讯员 李小红", "河湾晚报记者 王小明校对 李小红", "（王小明 李小红）",
        "来源：河湾发布", "（完）【编辑：王小明】",
        "编辑 王小明二审 李小红三审 赵大力", "来源：某网版权归原作者所有", "文/图 王小明",
        "猜你喜欢五件小事让你健康 十个习惯要改",
    ],
)  # fmt: skip
def test_credits_behind_the_last_sentence_go(tail: str) -> None:
    assert clean(f"{BODY}{tail}") == BODY


@pytest.mark.parametrize(
    "text",
    [
        f"{BODY}他说自己主摄像头坏了。", f"{BODY}（注：数据截至六月底）",
        "据网友爆料：那家医院关了门，大家都很着急。",
        f"{BODY}其中妇产科、儿科最多", f"{BODY}\n#医改话题#大家怎么看？",
        f"{BODY}\n专家 张大夫 每周三坐诊",
        "他的来源：乡村。后来做了编辑，写了不少医院的文章。", f"广告业务增长 两成，{BODY}",
    ],
)  # fmt: skip
def test_what_looks_like_furniture_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"{BODY}广告 便宜好用快来看 ×{BODY}", f"{BODY}{BODY}"),
        (f"广告 便宜好用！ ×{BODY}", BODY),
        (f"{BODY}县医院门诊楼。新华社记者 王小明 摄{BODY}", f"{BODY}{BODY}"),
        (
            f"县里建起医共体 小病不出镇 县里建起医共体 小病不出镇 {BODY}",
            f"县里建起医共体 小病不出镇 {BODY}",
        ),
        (f"县里建起了医共体\n第03版：要闻\n县里建起了医共体\n{BODY}", f"县里建起了医共体\n{BODY}"),
        (f"河湾新闻网\n县里建起了医共体\n{BODY}", f"县里建起了医共体\n{BODY}"),
    ],
)
def test_adverts_captions_and_second_titles_go(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def slipped(text: str) -> str:
    """Damage a text as a reader does that loses the first byte and reads on one byte late."""
    return text.encode("gbk")[1:].decode("gbk")


@pytest.mark.parametrize("hidden", ["”朱大爺說", "”村醫小陸說"])
def test_slipped_bytes_are_put_right(hidden: str) -> None:
    before = "“現在看病方便多了,醫藥費也省下不少!"
    article = Article.from_raw(f"{before}{slipped(hidden)}(shuō)。鄉親們都點頭。")
    assert article.text.startswith("“现在看病方便多了，医药费也省下不少！”")
    assert "说。乡亲们都点头。" in article.text
    at = article.text.index("”")
    assert article.to_raw(Span(at, at + 1)) == Span(len(before), len(before) + 1)


@pytest.mark.parametrize(
    "text",
    [
        "他喊：！龘龖a，大家都到县医院里来看病吧。",
        "大家说好！甭管B超还是CT，县医院都能做，很方便。",
    ],
)
def test_rare_characters_that_hide_nothing_stay(text: str) -> None:
    assert clean(text).count("B") == text.count("B")
    assert not any(sign in clean(text) for sign in "”“")


FIRST = "去年，县医院通过了评审，新添了两个科室。经过改造，县医院"
REST = "住院部的床位从五百张添到了一千张。县医院还添了科室，通过了省里的评审。"
OTHER = "打开手机，扫一扫就能挂号付款，老人也学会了。如今到镇卫生院看病，不用再排队。"


def test_a_sentence_torn_between_two_lines_is_joined() -> None:
    left = "去年以来，县里陆续把专家派到镇上，老百姓在家门口就能享受到省市"
    right = "级的医疗服务，大家都说方便。市级医院的专家每周都来，省市级名医也来。"
    assert clean(f"{left}\n{right}\n{BODY}") == f"{left}{right}\n{BODY}"


def test_what_may_be_a_heading_is_not_joined() -> None:
    right = "级的医疗服务，大家都说方便。市级医院的专家每周都来。"
    raw = f"专家下沉到乡镇，享受省市\n{right}\n{BODY}"
    assert clean(raw) == raw


def test_a_sentence_torn_across_a_heading_is_joined_and_said() -> None:
    raw = f"{FIRST}\n{OTHER}\n一 专家下沉到乡镇\n{REST}\n{BODY}"
    article = Article.from_raw(raw)
    assert article.text == f"{FIRST}{REST}\n{OTHER}\n一 专家下沉到乡镇\n{BODY}"
    assert any("跨段接回" in warning for warning in article.warnings)
    assert [raw[i] for i in article.offsets[:-1]] == list(article.text)


def test_a_quote_left_open_finds_the_line_that_closes_it() -> None:
    left, right = "“您好，我是镇上的家庭医生，本周为65", "岁以上的老人体检，您能来吗？”她问。"
    raw = f"{left}\n专家下沉到乡镇\n{BODY}\n{right}"
    assert "本周为65岁以上的老人体检，您能来吗？”" in clean(raw)


def test_a_sentence_that_breaks_off_is_left_with_a_warning() -> None:
    raw = f"{FIRST}\n近日，天气转凉，大家注意保暖。\n{BODY}"
    article = Article.from_raw(raw)
    assert article.text == raw
    assert any("似乎没有完" in warning for warning in article.warnings)


def test_lines_cut_at_a_fixed_width_become_paragraphs() -> None:
    body = (BODY + OTHER + REST).replace("\n", "")
    raw = "\n".join(body[i : i + 18] for i in range(0, len(body), 18))
    assert clean(raw).replace("\n", "") == body
    assert clean(raw).count("\n") <= 3


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        (f"小病在镇上看\n2025年04月07日 21:22 来源：某网\n{BODY}", "2025-04-07"),
        (f"小病在镇上看\n08/16 14:21\n2023年8月16日，{BODY}", "2023-08-16"),
        (f"小病在镇上看\n08/16 14:21\n{BODY}", ""),
        (f"发表时间：2023-08-09 06:33，正文：{BODY}", "2023-08-09"),
        (f"23-08-14 06:06，正文：{BODY}", "2023-08-14"),
        (f"{BODY}《 人民日报 》（ 2023年08月02日 第 14 版）分享让更多人看到", "2023-08-02"),
        (f"{BODY}《云岭日报》创刊（2003年8月2日）以来一直报道此事。", ""),
    ],
)
def test_dates_of_every_form_are_read(raw: str, date: str) -> None:
    assert Article.from_raw(raw).date == date


TABLE = """县医院开了座谈会，请来几位代表谈医改。
主持人：请各位谈谈看法。
县医院院长王小明：我们派了30名医生下乡。
今年还要再派20名。
县卫健局副局长 李小红：全县建成了3个医共体。
二、怎么留住人才
镇卫生院院长赵大力：我们招了12名大学生。"""


def test_speakers_of_a_round_table_are_known() -> None:
    article = Article.from_raw(TABLE)
    names = [turn.speaker.of(article.text) for turn in article.turns]
    assert names == ["主持人", "县医院院长王小明", "县卫健局副局长 李小红", "镇卫生院院长赵大力"]
    at = article.text.index("20名")
    assert article.speaker_of(Span(at, at + 3)) == "县医院院长王小明"
    at = article.text.index("留住人才")
    assert article.speaker_of(Span(at, at + 4)) is None


INTERVIEW = f"""{BODY}
记者：收入怎么分？秦：先给急诊和儿科。每月都分。
记者：效果如何？秦：儿科月收入到了9200元。"""


def test_an_interview_knows_surnames_as_speakers() -> None:
    article = Article.from_raw(INTERVIEW)
    said = [
        (turn.speaker.of(article.text), turn.stretch.of(article.text)) for turn in article.turns
    ]
    assert said[1] == ("秦", "先给急诊和儿科。每月都分。")
    assert [name for name, _ in said] == ["记者", "秦", "记者", "秦"]


@pytest.mark.parametrize(
    "speech",
    ["县医院院长王小明介绍：我们派了30名医生。", "活动时间：八月十九日。", "责任编辑：王小明"],
)
def test_what_is_no_turn(speech: str) -> None:
    assert Article.from_raw(f"{BODY}\n{speech}\n{BODY}").turns == ()


def test_a_sound_bite_within_a_line_ends_with_its_sentence() -> None:
    article = Article.from_raw(f"{BODY}县医院院长 王小明：我们派了30名医生。随后记者到了镇上。")
    assert [turn.stretch.of(article.text) for turn in article.turns] == ["我们派了30名医生。"]


def test_removed_spans_are_what_cleaning_left_out() -> None:
    raw = f"首页 > 健康\n{BODY}\n编辑：王小明"
    article = Article.from_raw(raw)
    assert [span.of(raw).strip() for span in removed_spans(article)] == [
        "首页 > 健康",
        "编辑：王小明",
    ]


def test_a_rule_of_dashes_before_a_sentence_takes_no_time() -> None:
    started = time.process_time()
    drop_furniture(MappedText.from_raw("-" * 60 + "云岭县人民医院召开会议。"))
    assert time.process_time() - started < 1
