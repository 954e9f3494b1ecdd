"""Names of persons: what sets `张某 摄` apart from `主摄`."""

from __future__ import annotations

from model.cleaning.characters import HAN

COMMON_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭田董袁潘于蒋蔡余杜"
    "叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛阎段雷侯龙史"
    "陶黎贺顾毛郝龚邵万钱严武戴莫孔汤温康施牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁翟殷申欧耿"
    "关焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕季裴霍苗曲盛冉骆蓝路靳管柴蒙鲍华喻祁蒲房滕"
    "屈解艾尤穆司卓古吉项褚娄窦戚岑景党费卜席卫米柏瞿桂臧闵邬边卞姬师仇刁荣寇桑郎甄仲"
    "明池麻封谈匡乐胥班储燕奚皮满花强屠廉禹"
)
# Surnames beside what a credit says; many are other words in a sentence.
_BESIDE_CREDITS = (
    "曾肖付闫覃向文岳詹兰单涂成谷游辛饶牟阳时农缪简车连芦麦宫冷晏宗全佟应苟和栾隋商沙"
    "巫丛虞敖巩佘查苑迟邝官鞠惠荆冀郁南原栗楚鄢劳谌粟冼蔺楼盘闻厉伊仝区郜海阚帅豆朴盖"
    "练井祖漆巴丰支降"
)
SURNAMES = COMMON_SURNAMES + _BESIDE_CREDITS
# Mostly other words, beside credits as well; a strict check of names takes them for surnames.
DOUBTFUL_SURNAMES = "水云凤常元平萧狄贝干洪翁宓秋薄印鄂索赖习容慎戈衡步广沃利"
# Two to four characters, a space where a short name is set wide: `张某某`, `李 某`.
FULL_NAME = rf"(?:[{SURNAMES}][ ]?[{HAN}]{{1,2}}|(?:欧阳|上官|司马|诸葛|慕容)[{HAN}]{{1,2}})"
