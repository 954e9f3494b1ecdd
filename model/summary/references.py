"""References: what a sentence leaves to those before it to say."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_TIME = (
    r"(?:(?:目前|如今|近年来|今年以来|同时|此外|另外|未来|今后|下一步|据悉|据了解|据介绍|其间|\d{4}年|今年|去年|当前"
    r"|截至目前|随后|接下来|近日|日前|\d{1,2}月(?:\d{1,2}日)?(?:上午|下午|晚)?)，?)?"
)
# Words that need the sentence before.
_DEPENDENT = re.compile(
    rf"^{_TIME}(?:其中|该(?!市|县|区|省|州|院)|他|她|它|这(?!几年|些年)|那|其(?!他|余|实)|此(?!次|外|前|后)|并(?!购)|而|还|也|则|后者|前者|两人"
    r"|二者|两者|双方|三方|比如|例如|再|接着|之后|当日|当天|会上|会后|会议(?!由|在)|期间|另一|另有|[二三四五]是|其[二三四]|第[二三四][，、]|要(?![求素闻])"
    r"|现场|活动现场|活动中|活动当天|仪式上|启动仪式上|培训现场|义诊现场|随后|但|不过|然而|因此|所以|由此|为此|对此|据此|结果|最终|最后|后来)"
)
# A verb at the start: its subject stands in the sentence before.
_VERB = re.compile(
    rf"^{_TIME}(?:共同|并|已|将|要)?(?:提醒|引导|组织|开展|推进|加强|建立|完善|实施|强化|推动|积极|不断|进一步|继续|努力|切实|通过(?!率)|提[高升]"
    r"|落实|打造|构建|聚焦|围绕|坚持|充分|依托|利用|采取|邀请|选派|派出|投入|引进|成立|组建|建成|完成|实现|累计|共(?!同|产|青|享|有)|共有"
    r"|现有|健全|优化|深化|创新|探索|制定|出台|印发|举办|召开|开设|开通|设立|设置|配备|配齐|整合|统筹|做[好实优]|抓[好实]|严格|全面|大力"
    r"|保持|避免|注意(?!力)|选择|养成|控制|适[当量时度]|尽[量早快]|及时|合理|规律|循序渐进|因地制宜|坚决|牢[固牢]|紧[盯紧扣]|瞄准|立足|锚定|突出|夯实|筑牢|搭建|开辟|畅通|打通|压实|激发|培[育养]|鼓励|支持|倡导|提倡|号召|呼吁|防[止范]|杜绝|减轻|缓解|满足|解决|破解|补齐|缩短|节[约省]|收集|采集|排查|走访|慰问|选[拔送聘]|招[聘募]|聘请|柔性引进|荣?获(?!批)|入选|当选|担任|整体|全力|奋力|切实|有力|真正|着力|持续|深入|同步|统一|定期|主动|认真|扎实|有效|有序|重点|确保|力争|争取|促进|增强|发挥|发放|接待|覆盖|惠及|测量|收治|接诊"
    r"|为(?!了|期|何)[^，。]{2,16}(?:提供|开展|进行|送|做)|对[^，。]{2,16}进行|从而|使|让|希望|感谢|表示|指出|要求|强调|增设|新增|扩大|与[^，。]{2,30}(?:签|合作|联合))"
)
# `该项目`, `此次活动`, `上述平台`: which one is said by a sentence that names it.
_REFERS = re.compile(
    r"(?:该(?!市|县|区|省|州|院|公司)|这[一家个所支栋座项次场位款种类批]|这些|这样的|此次|本次|此项|上述|本届)(?P<kind>镇|乡|街道|村|社区|医院|校|中心|集团|局|协会|学会"
    r"|科室|科|团队|平台|系统|项目|计划|活动|会议|培训|义诊|论坛|大会|比赛|竞赛|工程|方案|办法|通知|意见|政策|手术|药|患者"
    r"|疫情|调查|研究|技术|设备|病|[\u4e00-\u9fff]{2})"
)
# `《通知》明确`: which one is said where its whole title stands.
_TITLE = re.compile(
    r"《(?P<kind>通知|意见|方案|办法|规定|决定|计划|规划|条例|标准|指南|举措|措施|公报)》"
)
# What comes on top of something that was said before.
_ALSO = re.compile(
    r"^[^，。“]{2,24}(?<![一再])也(?![门许是])|^[^，。]{0,6}(?:会|活动|仪式|现场)上，还"
)
# A bare noun for a subject: which one is said before.
_BARE = re.compile(
    rf"^{_TIME}(?P<kind>项目|活动|仪式|会议|培训|医院|中心|卫生院|社区|学校|公司|集团|平台|系统|医疗队|专家组|团队|工程|计划|方案|办法|意见"
    r"|通知|条例|患者|专家|论坛|大会|手术|医联体|医共体|联盟)们?(?=[将已共在从于由对为以与还也拟先均可实年，]|邀请|组织|开展|现有"
    r"|累计|执行|决定|指出|明确|提出|强调|要求|启动|打通|通过)"
)
_CLAUSE = re.compile(rf"[，；]{_TIME}")
_NAMED = r"[^，。：；、该这此本\s]{2,}"
_PERSON = re.compile(r"^[^，。：“”]{0,24}，?[^，。：“”]{0,4}(?<![其])[他她]们?")


def find_supports(
    words: str, row: int, sentences: Sequence[str], names: Collection[str] = ()
) -> frozenset[int] | None:
    """Return the sentences of which one must stand before these words; None where none need.

    The result is empty where the words refer to something and no sentence stands before them.

    Args:
        words: a sentence as a summary would take it.
        row: its number.
        sentences: the article's sentences.
        names: names in the sentence; one that opens a clause is its subject.
    """
    for pattern in (_REFERS, _TITLE, _BARE):
        refers = pattern.search(words)
        if refers is None:
            continue
        named = re.compile(_NAMED + re.escape(refers["kind"]))
        if not named.search(words[: refers.start()]):
            found = frozenset(j for j in range(row) if named.search(sentences[j]))
            return found or _before(row, sentences)
    if any(pattern.match(words) for pattern in (_DEPENDENT, _PERSON, _ALSO)):
        return _before(row, sentences)
    if _VERB.match(words) and not _has_subject(words, names):
        return _before(row, sentences)
    return None


def _has_subject(words: str, names: Collection[str]) -> bool:
    """Whether a later clause opens with a name: `通过培训，县医院……`."""
    return any(
        words.startswith(name, clause.end()) for clause in _CLAUSE.finditer(words) for name in names
    )


def _before(row: int, sentences: Sequence[str]) -> frozenset[int]:
    """The sentence before one; where that hangs on another as well, the one before it too."""
    rows = []
    for other in range(row - 1, max(row - 4, -1), -1):
        rows.append(other)
        if not (_DEPENDENT.match(sentences[other]) or _VERB.match(sentences[other])):
            break
    return frozenset(rows)
