"""Furniture: what a page or portal puts around an article."""

from __future__ import annotations

import re

from model.cleaning.mapped import MappedText

# Glued to the text on one line, wherever they stand.
_GLUED = re.compile(
    r"返回搜狐，查看更多|责任编辑[：:]?[ \n]*$|(?<=[。！？”）])责任编辑[：:].{0,12}$"
    r"|^(?:原标题[：:])+|流程编辑[：:][ ]*\w{2,8}[ ]*"
    r"|如遇作品内容、版权等问题，请在相关文章刊发之日起30日内与本网联系。"
    r"|(?:新闻线索)?(?:报料|爆料)(?:通道|热线|电话)?[：:][^。！\n]{0,80}[。！]?"
    r"|[^。！？\n]{0,20}搜索微信小程序[^。！\n]{0,60}[。！]"
    r"|版权侵权联系电话[：:][\d\- ]*",
    re.MULTILINE,
)
# Lines that are furniture from end to end; a longer line is a paragraph.
LINE_MAX_CHARS = 160
_LINE = re.compile(
    rf"^(?=.{{0,{LINE_MAX_CHARS}}}$)[ ]*(?:"
    r"第?[ ]?[A-Z]?\d{1,3}[ ]?版[：: ].*|第[A-Z]?\d{1,3}版"
    r"|(?:[^\d \n]{0,4}(?:上一[篇版页条]|下一[篇版页条])[ \d]*+)+"
    r"|(?:首页|当前位置|您的位置|您现在的位置)[ ]*[>：:»].*"
    r"|(?:放大|缩小|默认|打印|关闭|分享|字号|字体|大|中|小|\||[ ])+"
    r"|\d{4}[ ]?年[ ]?\d{1,2}[ ]?月[ ]?\d{1,2}[ ]?日[ ]*(?:星期.{0,2})?(?:[ ]*(?:放大|缩小|默认))*"
    r"|\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?[ ]*\d{1,2}:\d{2}.{0,40}"
    r"|.{2,12}报[ ]?\|[ ]?.{2,12}报|.{2,10}(?:报业集团|日报社)主办"
    r"|(?:来源|编辑|责编|责任编辑|校对|审核|作者|记者|通讯员|摄影|供图|图片来源)[：:].{0,30}"
    r"|[（(]?(?:完|本文完|全文完)[)）]?|[#*=_\-—]{2,}"
    r"|\[(?:查看原文|阅读原文)\].*|(?:查看原文|阅读原文|点击.{2,8}查看.*)"
    r"|央视网消息|[（(]新闻联播[)）][：:]?"
    r"|.*版权(?:与免责声明|所有|声明).{0,30}|.*(?:未经.{0,10}授权|转载请注明).*"
    r"|.{0,14}(?:联系电话|联系方式|新闻热线|投稿邮箱)[：:].*|地址[：:].*|技术支持[：:].*"
    r")[ ]*$",
    re.MULTILINE,
)
# The numbered clauses of a copyright notice, however long.
_NOTICE = re.compile(r"^[ ]*[①②③④⑤].{0,40}(?:本网|版权|转载).*$", re.MULTILINE)
_HEADING_MARK = re.compile(r"^[ ]*#+[ ]+", re.MULTILINE)
# A caption: a short line of its own with its photographer.
_CAPTION = re.compile(
    r"^[ ]*(?:[^\n。！？]{2,40}[。 ]?[ ]*(?:摄/?[ ]?\S{1,4}|\S{2,4}[ ]?摄影?|供图|资料图)[ ]*"
    r"|.{0,6}(?:受访者|医院|通讯员|图).{0,6}供图)$",
    re.MULTILINE,
)


def drop_furniture(mapped: MappedText) -> MappedText:
    """Drop navigation, page heads, bylines on lines of their own, copyright and portal ends."""
    before = None
    while mapped is not before:  # what stood behind furniture may be furniture too
        before = mapped
        for pattern in (_HEADING_MARK, _LINE, _NOTICE, _CAPTION, _GLUED):
            mapped = mapped.delete_matches(pattern)
    return mapped
