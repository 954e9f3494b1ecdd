"""Readings of the figure cases by JioNLP and Microsoft's Recognizers-Text, as JSON Lines.

Run this file with the interpreter of a virtual environment that has the rivals and not Yiwen:

    python -m venv /tmp/rivals
    /tmp/rivals/bin/pip install jionlp==1.5.31 recognizers-text-number==1.0.2a2 \
        recognizers-text-number-with-unit==1.0.2a2 'emoji<2'
    /tmp/rivals/bin/python eval/studies/rival_readings.py tests/model/figure_cases.txt rivals.jsonl
    python -m eval.studies.figures_rivals --rivals rivals.jsonl

The command line is argparse's, since typer is not in that environment.

Each line: `text`, and for every installed rival a list of `[values, unit]`. JioNLP reads money
only; Recognizers-Text reads numbers, percentages, currencies and dimensions. A number without a
unit has the unit "".
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

Readings = list[tuple[list[float], str]]
_CURRENCIES = {
    "Chinese yuan": "元", "United States dollar": "美元", "Dollar": "美元", "Euro": "欧元",
    "Hong Kong dollar": "港元", "British pound": "英镑", "New Taiwan dollar": "新台币",
    "Mu": "亩", "Square meter": "平方米", "Square kilometer": "平方公里", "Metric ton": "吨",
    "Milliliter": "毫升", "Day": "天", "Hour": "小时", "Minute": "分钟",
}  # fmt: skip


def load_jionlp() -> Callable[[str], Readings]:
    """Return a reader over JioNLP's money extractor.

    Raises:
        ImportError: the package is missing.
    """
    import jionlp

    def read(text: str) -> Readings:
        found = jionlp.ner.extract_money(text, with_parsing=True)
        return [(_floats(m["detail"]["num"]), m["detail"]["case"]) for m in found]

    return read


def load_recognizers() -> Callable[[str], Readings]:
    """Return a reader over Recognizers-Text: numbers with a unit first, then bare numbers.

    Raises:
        ImportError: a package is missing or of another version.
    """
    from recognizers_number import recognize_number, recognize_percentage
    from recognizers_number_with_unit import recognize_currency, recognize_dimension
    from recognizers_text import Culture

    models = (recognize_percentage, recognize_currency, recognize_dimension, recognize_number)

    def read(text: str) -> Readings:
        taken: list[tuple[int, int]] = []
        readings: Readings = []
        for model in models:
            for result in model(text, Culture.Chinese):
                if any(start <= result.end and result.start <= end for start, end in taken):
                    continue
                taken.append((result.start, result.end))
                readings += _read_result(result.resolution or {})
        return readings

    return read


def _read_result(resolution: dict[str, str]) -> Iterator[tuple[list[float], str]]:
    value = resolution.get("value") or ""
    unit = "%" if value.endswith("%") else resolution.get("unit", "")
    try:
        yield [float(value.removesuffix("%"))], _CURRENCIES.get(unit, unit)
    except ValueError:
        return


def _floats(numbers: str | list[str]) -> list[float]:
    return [float(n) for n in (numbers if isinstance(numbers, list) else [numbers])]


RIVALS = {"JioNLP": load_jionlp, "Recognizers-Text": load_recognizers}


def main() -> None:
    """Write one line a case; name rivals that cannot be imported on standard error."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("cases", type=Path, help="cases: lines of text and figures")
    parser.add_argument("out", type=Path, help="file to write")
    paths = parser.parse_args()
    cases, out = paths.cases, paths.out
    readers: dict[str, Callable[[str], Readings]] = {}
    for name, load in RIVALS.items():
        try:
            readers[name] = load()
        except ImportError as error:
            print(f"{name} 没有装好：{error}", file=sys.stderr)
    with out.open("w", encoding="utf-8") as file:
        for line in cases.read_text(encoding="utf-8").splitlines():
            if " => " in line and not line.startswith("#"):
                text = line.partition(" => ")[0]
                row = {name: read(text) for name, read in readers.items()}
                file.write(json.dumps({"text": text, **row}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
