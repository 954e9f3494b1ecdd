"""References: what a sentence leaves to those before it to say."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from model.summary.starts import opens_midway
from model.summary.times import TIME

# Words that need the sentence before.
_DEPENDENT = re.compile(
    rf"^{TIME}(?:其中|该(?!市|县|区|省|州|院)|他|她|它|这(?![几些十两]年)|那|其(?!他|余|实)|此(?!次|外|前|后)|并(?!购)|而|还|也|则|后者|前者|两人"
    r"|二者|两者|双方|三方|比如|例如|再|接着|之后|当日|当天|会上|会后|会议(?!由|在)|期间|另一|另有|[二三四]是|其[二三四]|第[二三四][，、]|要(?![求素闻])"
    r"|现场|活动现场|活动中|活动当天|仪式上|启动仪式上|培训现场|义诊现场|随后|但|不过|然而|因此|所以|由此|为此|对此|据此|结果|最终|最后|后来)"
)
# Words that join a sentence to the one before, whatever follows.
_CONNECTIVE = re.compile(
    rf"^{TIME}(?:首先|其次|再次|再者|再加上|相反|反之|否则|于是|因而|因为|故此|鉴于此|与此|如此|同样|可见|毕竟|总之|换句话说|也就是说|由此可见"
    r"|[从自至]此(?=，)|甚至|尤其是?|特别是|加之|随即|紧接着|然后|当时|当晚|此时|这时|届时|不久|事后|事实上|实际上|在此(?:期间|基础|背景|之前|之后|次)"
    r"|(?:以上|上面|上述|前述|前文|上文|如上)(?!海)|除此|不仅如此|更(?!多|年|新|名)|就在|为何|究竟|的确|确实|当然|显然|看来|如果说|说到|谈到|至于|对于)"
)
# A verb at the start that `starts.tsv` does not have: its subject stands in the sentence before.
_VERB = re.compile(
    rf"^{TIME}(?:并|已|将|要)?(?:提醒|完善|实施|强化|通过(?!率)|落实|聚焦|围绕|依托|选派|投入|引进|成立|组建|建成|共(?!同|产|青|享|有)"
    r"|健全|优化|深化|创新|出台|印发|举办|召开|开设|开通|设立|配齐|做[好实优]|抓[好实]|严格|注意(?!力)|选择|养成|控制|适[当量时度]|尽早|规律"
    r"|循序渐进|因地制宜|牢[固牢]|紧[盯紧扣]|瞄准|立足|锚定|筑牢|开辟|畅通|压实|鼓励|提倡|号召|杜绝|破解|补齐|缩短|节约|收集|采集|排查|走访"
    r"|慰问|选[拔送聘]|招[聘募]|聘请|柔性引进|荣?获(?!批)|入选|当选|整体|奋力|同步|接待|惠及|测量|收治|接诊"
    r"|为(?!了|期|何)[^，。]{2,16}(?:提供|开展|进行|送|做)|对[^，。]{2,16}进行|使|让|希望|感谢|指出|增设|新增"
    r"|与[^，。]{2,30}(?:签|合作|联合))"
)
# Words of a closed class before a verb: what does or is so stands in the sentence before.
_BARE_VERB = re.compile(
    rf"^{TIME}(?:已(?!故)|将(?!军)|应(?!急|用|届|对|聘)|均|都(?![江匀昌兰安])|才(?!能|华)|就(?!业|医|诊|读|任)|且|仍|便(?!民|利|秘|血)"
    r"|曾(?=[是在任获于经被有])|正(?=在|[是由以])|可(?=[以使让为在由])|能(?=[够使让在])|会(?=[在对使让导])|把|被|给|请(?![愿假客教求示辞战缨])|看到|赶到|来到|住院)"
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
    rf"^{TIME}(?P<kind>项目|活动|仪式|会议|培训|医院|中心|卫生院|社区|学校|公司|集团|平台|系统|医疗队|专家组|团队|工程|计划|方案|办法|意见"
    r"|通知|条例|患者|专家|论坛|大会|手术|医联体|医共体|联盟)们?(?=[将已共在从于由对为以与还也拟先均可实年，]|邀请|组织|开展|现有"
    r"|累计|执行|决定|指出|明确|提出|强调|要求|启动|打通|通过)"
)
# `纪委监委正对其进行审查`: whom, the first clause leaves to the sentence before.
_OF_ANOTHER = re.compile(r"^[^，。；]{0,30}[对为将给让由向把令与]其(?![他余实中])")
_CLAUSE = re.compile(rf"[，；]{TIME}")
_NAMED = r"[^，。：；、该这此本\s]{2,}"
_PERSON = re.compile(
    r"^(?:[^，。：“”]{0,24}，?[^，。：“”]{0,4}|(?:[^，。：“”]{0,20}[时后前间年月日]，){1,2})(?<![其])[他她]们?"
)


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
            return found or _before(row)
    if any(
        pattern.match(words) for pattern in (_DEPENDENT, _CONNECTIVE, _PERSON, _ALSO, _OF_ANOTHER)
    ):
        return _before(row)
    if lacks_subject(words, names):
        return _before(row)
    return None


def lacks_subject(words: str, names: Collection[str] = ()) -> bool:
    """Whether words begin with a verb, or as a later clause does, and name nobody before one.

    Args:
        words: a sentence as a summary would take it.
        names: names in it; one that opens a clause is its subject.
    """
    if any(words.startswith(name) for name in names):
        return False
    opens = opens_midway(words) or _VERB.match(words) or _BARE_VERB.match(words)
    return bool(opens) and not _has_subject(words, names)


def _has_subject(words: str, names: Collection[str]) -> bool:
    """Whether a later clause opens with a name: `通过培训，县医院……`."""
    return any(
        words.startswith(name, clause.end()) for clause in _CLAUSE.finditer(words) for name in names
    )


def _before(row: int) -> frozenset[int]:
    """The sentence before one: what stands further off may be about somebody else."""
    return frozenset({row - 1} if row else ())
