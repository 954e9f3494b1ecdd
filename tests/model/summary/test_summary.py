from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from model import Analyzer, Article, InputError, Span, Summary, Theme
from model.figures import find_figures
from model.summary import NO_SUMMARY, default_chars, summarise
from model.summary.check import find_faults
from model.summary.choice.chooser import Told, lay_out
from model.summary.choice.clauses import Clause
from model.summary.rules import find_cuts
from model.summary.shorten import list_versions

TEXT = (
    "近日，云岭县派出12支医疗队到乡镇坐诊，看病1200人次。此外，他们还送了药。"
    "院长表示。县医院新添床位300张，投入2.1亿元，明年启用。天气一直很好，大家都很高兴。"
)


def told_of(article: Article, likely: list[float]) -> Told:
    """Each sentence as likely told as the list says; those beyond it, not at all."""
    clauses = [Clause(span, row, opening=False) for row, span in enumerate(article.sentences)]
    shares = np.zeros(len(clauses), np.float32)
    shares[: len(likely)] = likely[: len(clauses)]
    return lay_out(article, clauses, shares)


def summary_of(
    text: str, likely: list[float], max_chars: int = 150, evidence: tuple[int, ...] = ()
) -> tuple[Article, Summary]:
    article = Article.from_raw(text)
    themes = [
        Theme(f"t{i}", f"主题{i}", 0.9, (article.sentences[row],)) for i, row in enumerate(evidence)
    ]
    figures = find_figures(article)
    return article, summarise(article, told_of(article, likely), themes, figures, max_chars)


def shorten(sentence: str, *, near_head: bool = False) -> str:
    cuts = [span for span, _ in find_cuts(sentence, near_head=near_head)]
    return "".join(c for i, c in enumerate(sentence) if not any(s.start <= i < s.end for s in cuts))


@pytest.mark.parametrize("max_chars", [20, 40, 60, 150])
def test_the_budget_is_never_passed_and_text_is_the_articles(max_chars: int) -> None:
    article, summary = summary_of(TEXT, [1, 0, 0, 1, 0], max_chars)
    assert 0 < len(summary.text) <= max_chars
    kept = [span for excerpt in summary.sentences for span in excerpt.kept]
    assert summary.text == "".join(s.of(article.text) for s in kept)
    assert kept == sorted(kept, key=lambda s: s.start)


def test_likely_sentences_are_chosen_and_openings_dropped() -> None:
    _, summary = summary_of(TEXT, [0.9, 0, 0, 0.9, 0], 60)
    assert summary.text.startswith("云岭县派出12支医疗队")
    assert "新添床位300张" in summary.text


def test_a_sentence_longer_than_the_budget_is_cut_at_a_clause() -> None:
    clauses = [f"磐安县派出了{n}名医生到乡镇坐诊" for n in range(11, 41)]
    _, summary = summary_of(f"{'，'.join(clauses)}，大家都说好。", [1.0], 100)
    assert 60 < len(summary.text) <= 100
    assert summary.text.endswith("名医生到乡镇坐诊。")


def test_where_no_sentence_may_stand_the_summary_is_empty() -> None:
    text = (
        "双方表示还要继续合作，其中有许多事要做。他说很高兴，也很感谢大家。该院也派了医生去坐诊。"
    )
    article, summary = summary_of(text, [0.9, 0.9, 0.9], evidence=(1,))
    assert (summary.text, summary.sentences) == ("", ())
    assert summary.by_theme["t0"].text == ""
    assert find_faults(article, summary) == []


def test_a_theme_is_told_only_where_it_is_the_news() -> None:
    article, summary = summary_of(TEXT, [0.9, 0, 0, 0.9, 0], 150, evidence=(0, 4))
    taken = [excerpt.sentence for excerpt in summary.sentences]
    assert article.sentences[0] in taken
    assert article.sentences[4] not in taken
    assert [e.sentence for e in summary.by_theme["t1"].sentences] == [article.sentences[4]]


def test_each_theme_has_a_summary_from_its_own_evidence() -> None:
    article, summary = summary_of(TEXT, [0.9, 0, 0, 0.9, 0], 150, evidence=(0, 3))
    assert list(summary.by_theme) == ["t0", "t1"]
    assert [e.sentence for e in summary.by_theme["t1"].sentences] == [article.sentences[3]]


def test_the_main_figure_is_one_of_the_summary() -> None:
    text = "全县有12家医院联网，乡镇全覆盖。云岭县看病的人多起来，一年达3万人次。天气好，人人高兴。"
    _, summary = summary_of(text, [0.3, 0.9, 0], 60)
    assert summary.main_figure is not None
    assert summary.main_figure.text == "3万人次"
    assert "3万人次" in summary.text


def test_what_a_statement_starts_from_is_not_the_main_figure() -> None:
    _, summary = summary_of("县医院床位从500张增至1000张，群众看病方便了许多。", [1.0])
    assert summary.main_figure is not None
    assert summary.main_figure.text == "1000张"


def test_without_figures_there_is_no_main_figure() -> None:
    _, summary = summary_of("县医院派驻医师到乡镇坐诊，群众看病方便了许多。", [1.0])
    assert summary.main_figure is None


def test_a_sentence_that_hangs_on_the_one_before_comes_with_it_or_not_at_all() -> None:
    text = "云岭县人民医院开了新门诊楼，病人很多。双方还派医生下乡，带教村医。天气好，人人都高兴。"
    article, summary = summary_of(text, [0.1, 0.9, 0], 60)
    taken = [e.sentence for e in summary.sentences]
    assert article.sentences[1] not in taken or article.sentences[0] in taken


def test_a_sentence_on_this_hospital_comes_with_one_that_names_it_or_with_its_name() -> None:
    text = (
        "云岭县人民医院是县里最大的医院。门诊楼外种着许多树。该院去年派出12名医生下乡坐诊。"
        "天气好，人人都高兴。"
    )
    _, beside = summary_of(text, [0.3, 0, 0.9, 0], 60)
    assert beside.text == "云岭县人民医院是县里最大的医院。该院去年派出12名医生下乡坐诊。"
    article, alone = summary_of(text, [0, 0, 0.9, 0], 60)
    assert alone.text == "该院（云岭县人民医院）去年派出12名医生下乡坐诊。"
    (insertion,) = alone.sentences[0].inserted
    assert insertion.text == "（云岭县人民医院）"
    assert article.text[: insertion.at].endswith("该院")


def test_our_county_is_named_even_where_the_name_comes_later() -> None:
    text = "我县已有12家医院联网，乡镇全覆盖。云岭县卫健局的人说，明年再添3家。天气好，都高兴。"
    _, summary = summary_of(text.replace("云岭县", "磐安县"), [0.9, 0, 0], 60)
    assert summary.text == "我县（磐安县）已有12家医院联网，乡镇全覆盖。"


def test_a_missing_subject_is_put_in_brackets_where_it_is_sure() -> None:
    text = (
        "磐安县人民医院是县里最大的医院，楼外种着许多树。积极派出12名医生下乡坐诊，看病1200人次。"
        "天气一直很好，人人都高兴。"
    )
    article, summary = summary_of(text, [0, 0.9, 0], 60)
    assert summary.text == "（磐安县人民医院）积极派出12名医生下乡坐诊，看病1200人次。"
    (insertion,) = summary.sentences[0].inserted
    assert (insertion.at, insertion.text) == (article.sentences[1].start, "（磐安县人民医院）")
    assert find_faults(article, summary) == []


def test_a_person_comes_with_the_sentence_that_introduces_them() -> None:
    text = (
        "急诊科主任周明在磐安县人民医院坐诊，很受欢迎。天气一直很好，人人都高兴。"
        "周明去年救治了260名患者，都康复了。"
    )
    article, summary = summary_of(text, [0.1, 0, 0.9], 60)
    taken = [excerpt.sentence for excerpt in summary.sentences]
    assert article.sentences[2] not in taken or article.sentences[0] in taken


def test_a_pointer_is_named_once() -> None:
    text = "我县已有12家医院联网，明年我县再添3家。磐安县卫健局的人很高兴。天气好，都高兴。"
    _, summary = summary_of(text, [0.9, 0, 0], 60)
    assert summary.text == "我县（磐安县）已有12家医院联网，明年我县再添3家。"


def test_a_summary_names_somebody_where_it_costs_little() -> None:
    text = (
        "磐安县建起了影像中心，乡镇都能拍片。医生们轮流坐诊，一天看六十个病人。"
        "许多病人不用再跑远路，都说方便。"
    )
    _, summary = summary_of(text, [0.85, 0.9, 0.9], 60)
    assert "磐安县" in summary.text


def test_clauses_before_a_name_may_go() -> None:
    text = "经过一段时间的努力和各方的支持，磐安县人民医院新添了床位，能住更多病人。大家都很高兴。"
    article = Article.from_raw(text)
    name = article.text.index("磐安县")
    names = [Span(name, name + 7)]
    found = [
        v.excerpt.read(article.text) for v in list_versions(text, article.sentences[0], (), names)
    ]
    assert "磐安县人民医院新添了床位，能住更多病人。" in found


def test_what_is_said_in_the_same_words_is_said_once() -> None:
    text = (
        "云岭县派出12支医疗队到乡镇坐诊，看病1200人次。群众看病不用再跑远路，都说方便。"
        "据统计，云岭县派出12支医疗队，看病1200人次。"
    )
    _, summary = summary_of(text, [0.9, 0.1, 0.8], 150)
    assert summary.text.count("12支医疗队") == 1


def test_a_headline_glued_to_the_news_goes_with_its_figures() -> None:
    text = (
        "云岭12支医疗队下乡暖人心本报讯（记者 周明）5月6日，云岭县派出12支医疗队到乡镇坐诊，"
        "看病1200人次。天气好，人人都高兴。"
    )
    _, summary = summary_of(text, [0.9, 0], 150)
    assert summary.text == "5月6日，云岭县派出12支医疗队到乡镇坐诊，看病1200人次。"
    assert summary.main_figure is not None
    assert summary.main_figure.span.start > text.index("讯")


def test_points_are_single_facts_with_their_place_and_figure() -> None:
    text = (
        "磐安县人民医院新添床位300张，投入2.1亿元。该院去年还派医生下乡坐诊。天气一直很好，人人高兴。\n"
        "磐安县派出12支医疗队到乡镇坐诊，看病1200人次。双方都说好，还会继续合作下去。"
    )
    article, summary = summary_of(text, [0.9, 0.8, 0, 0.9, 0.9])
    first, second, third = summary.points
    assert first.text == "磐安县人民医院新添床位300张，投入2.1亿元。"
    assert first.figure is not None
    assert first.figure.text == "300张"
    assert first.stretch.of(article.text) == first.text
    assert second.text == "该院（磐安县人民医院）去年还派医生下乡坐诊。"  # a line stands alone
    assert third.text.startswith("磐安县派出12支医疗队")


def test_a_page_gets_a_longer_summary_unless_a_budget_is_asked(analyzer: Analyzer) -> None:
    page, news = Article.from_raw(TEXT * 40), Article.from_raw(TEXT * 20)
    assert (len(page.text) > 2_000, len(news.text) < 2_000) == (True, True)
    assert (default_chars(page), default_chars(news)) == (250, 150)
    assert len(analyzer.analyze(page, summary_chars=60).summary.text) <= 60


def test_kept_and_cut_make_up_the_sentence() -> None:
    _, summary = summary_of(TEXT, [0.9, 0, 0, 0.9, 0], 60)
    for excerpt in summary.sentences:
        pieces = sorted([*excerpt.kept, *(c.span for c in excerpt.cuts)], key=lambda s: s.start)
        assert pieces[0].start == excerpt.sentence.start
        assert pieces[-1].end == excerpt.sentence.end
        assert all(a.end == b.start for a, b in pairwise(pieces))
    assert summary.sentences[0].cuts[0].rule == "承接语"


@pytest.mark.parametrize(
    ("sentence", "short"),
    [
        ("5月6日，记者从云岭县卫健局获悉，全县新增床位300张。", "全县新增床位300张。"),
        ("二是全县有12家医院联网。", "全县有12家医院联网。"),
        ("报道称，全县有12家医院联网。", "全县有12家医院联网。"),
        ("据介绍，全县有12家医院联网。", "全县有12家医院联网。"),
        ("据介绍，我国新增床位300张。", "我国新增床位300张。"),
        ("云岭新闻网2023年5月6日讯近日，云岭县医院正式开诊。", "云岭县医院正式开诊。"),
        ("云岭社云岭5月6日电 (周明 李想)云岭县医院正式开诊。", "云岭县医院正式开诊。"),
        ("据县医院院长周明介绍，门诊楼已经启用。", "门诊楼已经启用。"),
        ("此外，据了解，全县有12家医院联网。", "全县有12家医院联网。"),
        ("本报讯（记者 周明）云岭县医院开诊。", "云岭县医院开诊。"),
        ("院长周明说：“医院去年派出12名医生。", "院长周明说：医院去年派出12名医生。"),
        ("“医院去年派出12名医生。”", "医院去年派出12名医生。"),
        ("“医院已派出12名医生，”院长周明说。", "医院已派出12名医生。"),
        ("“医院已派出12名医生。”院长周明说。", "医院已派出12名医生。"),
        ("云岭县医院（以下简称县医院）新添床位300张。", "云岭县医院新添床位300张。"),
        ("学员练习了急救，如心肺复苏、止血包扎等，人人过关。", "学员练习了急救，人人过关。"),
        ("医院派医生下乡坐诊，为健康云岭建设贡献力量。", "医院派医生下乡坐诊。"),
        ("为弘扬医者精神，激发干劲，5月6日，县医院开展培训。", "5月6日，县医院开展培训。"),
    ],
)
def test_rules_drop_whole_clauses(sentence: str, short: str) -> None:
    assert shorten(sentence) == short


@pytest.mark.parametrize(
    ("sentence", "short"),
    [
        ("云岭县开展义诊云岭新闻网5月6日讯（通讯员 周明）县医院开诊。", "县医院开诊。"),
        ("守护光明 情暖云岭本报讯（记者 周明）县医院开诊。", "县医院开诊。"),
        ("医生走进乡村云岭晚报记者 周明 通讯员 李想5月6日，县医院开诊。", "5月6日，县医院开诊。"),
        ("云岭县医院新门诊楼启用近日，云岭县医院搬进新楼。", "云岭县医院搬进新楼。"),
        ("医院里的一天，从清晨开始5月6日，云岭县开展义诊。", "5月6日，云岭县开展义诊。"),
        ("云岭县“健康夜市”开张5月6日，云岭县医院搬进新楼。", "5月6日，云岭县医院搬进新楼。"),
        ("云岭县医院组织体检 为进一步做好关爱工作，县医院开诊。", "县医院开诊。"),
        ("情暖百姓在云岭大地为大力弘扬医德，5月6日，县医院开诊。", "5月6日，县医院开诊。"),
        ("多名居民被安全转移据云岭新闻消息，5月6日，县里启用安置点。", "5月6日，县里启用安置点。"),
        ("县医院的事，县里回应：已调查 据省卫健委网站消息，县医院开诊。", "县医院开诊。"),
        ("看病更近了红云客户端8月10日消息，县医院开诊。", "县医院开诊。"),
        ("PausePlay%buffered00:0001:19Exit fullscreenPlay18日，县医院开诊。", "18日，县医院开诊。"),
        ("云岭县医院供图 云岭县医院派出12名医生下乡坐诊。", "云岭县医院派出12名医生下乡坐诊。"),
    ],
)
def test_a_headline_glued_to_the_first_sentence_is_dropped(sentence: str, short: str) -> None:
    assert shorten(sentence, near_head=True) == short


@pytest.mark.parametrize(
    "sentence",
    [
        "云岭县卫健局于近日，在县医院召开会议。",
        "省卫健委公布，截至2023年5月6日，全省已有12家医院联网。",
        "会议从5月6日，云岭县医院开诊之日算起。",
        "县医院床位从2022年12月6日，县里建起医共体时增加。",
    ],
)
def test_a_day_inside_a_sentence_does_not_make_a_headline(sentence: str) -> None:
    assert shorten(sentence, near_head=True) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "他说，我们医院一年看了3万人次。",
        "据云岭县人民医院介绍，该院一年看了3万人次。",
        "“我们派出了12名医生，”院长周明说。",
        "县域内就诊率达到95%（较上年提高2个百分点）以上。",
        "床位使用率超过（同比口径统计下）90%，走在全市前列。",
        "县里印发《乡村医生管理办法（试行版本）》，提高待遇。",
        "如今，县里12家医院已联网。",
        "一是建平台，二是派医生。",
        "一、二级医院都已联网。",
        "根据有关消息，县医院将开诊。",
        "为300名老人体检后，医院建了档案。",
    ],
)
def test_rules_leave_alone_what_would_lose_its_meaning(sentence: str) -> None:
    assert shorten(sentence) == sentence


def test_no_version_parts_a_number_from_its_bound() -> None:
    text = "全县派出医生约1200人次，覆盖95%以上的村，投入2.1亿元（含设备购置费用），群众都说好。"
    article = Article.from_raw(text)
    spans = [figure.span for figure in find_figures(article)]
    assert spans
    versions = list_versions(article.text, article.sentences[0], spans)
    assert len(versions) > 1
    for version in versions:
        for span in spans:
            touching = [k for k in version.excerpt.kept if _overlap(k, span)]
            assert all(k.start <= span.start and span.end <= k.end for k in touching)


def test_a_report_warns_of_an_empty_summary(analyzer: Analyzer) -> None:
    text = (
        "双方表示还要继续合作，其中有许多事要做。他说很高兴，也很感谢大家。该院也派了医生去坐诊。"
    )
    report = analyzer.analyze(Article.from_raw(text))
    assert report.summary.text == ""
    assert NO_SUMMARY in report.warnings
    assert NO_SUMMARY not in analyzer.analyze(Article.from_raw(TEXT)).warnings


@pytest.mark.parametrize("max_chars", [59, 501])
def test_a_budget_out_of_range_is_refused(analyzer: Analyzer, max_chars: int) -> None:
    with pytest.raises(InputError, match="60 到 500"):
        analyzer.analyze(Article.from_raw(TEXT), summary_chars=max_chars)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
