"""Read one article: `python examples/read_article.py [FILE]`."""

import sys
from pathlib import Path

from model import Analyzer, Article

EXAMPLE = """云岭县：小病在镇上看
2024年5月16日 云岭县融媒体中心

2022年起，云岭县把县人民医院和16家乡镇卫生院编成一个紧密型医共体，总院统一派驻医师。
去年，总院向乡镇派驻医师83名，双向转诊3260人次，下转病人比2021年增长41.5%。
县域内就诊率由2021年的82.3%提高到90.6%。
"""

text = Path(sys.argv[1]).read_text(encoding="utf-8") if len(sys.argv) > 1 else EXAMPLE
report = Analyzer.load().analyze(Article.from_raw(text))

print("主题：", "、".join(theme.name for theme in report.themes) or "无")
print("摘要：", report.summary.text)
for figure in report.figures:
    print(f"{figure.text}\t{figure.indicator}\t{figure.kind}\t{figure.year or ''}")
