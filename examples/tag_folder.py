"""Tag every file of a folder and print themes by file: `python examples/tag_folder.py FOLDER`."""

import sys

from data.readers import Problem, read_inputs
from model import Analyzer

analyzer = Analyzer.load()
for item in read_inputs(sys.argv[1:]):
    if isinstance(item, Problem):
        print(f"{item.id}\t读不了：{item.message}")
        continue
    report = analyzer.analyze(item)
    print(f"{item.id}\t{'、'.join(theme.name for theme in report.themes) or '无主题'}")
