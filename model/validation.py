"""Validation: the content of a file, checked against the types of a frozen dataclass.

One style for manifests, training settings and lists of themes: the dataclass is the schema,
pydantic checks it strictly (no text for a number, no unknown key), and problems read as Chinese.
pydantic is imported when the first file is read, so that `import model` stays light.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

T = TypeVar("T")

SHOWN_PROBLEMS = 3
_SHOWN_CHARS = 40
# Making an adapter takes some ten milliseconds: each is made once.
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
# What is expected where pydantic reports an error of this type.
_EXPECTED = {
    "int_type": " int（整数）",
    "int_from_float": " int（整数）",
    "int_parsing_size": " int（整数），且不能过大",
    "float_type": " float（数）",
    "finite_number": "有限的数",
    "string_type": "文字",
    "bool_type": " true 或 false",
    "tuple_type": "列表",
    "list_type": "列表",
    "dict_type": "对象（键与值）",
    "dataclass_type": "对象（键与值）",
    "dataclass_exact_type": "对象（键与值）",
    "greater_than": "大于 {gt:g} 的数",
    "greater_than_equal": "不小于 {ge:g} 的数",
    "less_than": "小于 {lt:g} 的数",
    "less_than_equal": "不大于 {le:g} 的数",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
}


class ContentError(ValueError):
    """Content that does not match its dataclass; the message lists the first problems."""


def validate(kind: type[T], content: Any) -> T:
    """Make a dataclass from plain values, as JSON, TOML or YAML give them.

    Lists become tuples and whole numbers become floats where the fields say so; nothing else is
    converted.

    Args:
        kind: a dataclass with annotated fields.
        content: the plain values.

    Raises:
        ContentError: a value has another type, or a key is missing or unknown.
    """
    from pydantic import ValidationError

    # In strict mode pydantic takes a list for a tuple from JSON alone.
    try:
        text = json.dumps(content, default=_refuse)
        made: T = _adapter(kind).validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        problems = [_describe(problem) for problem in error.errors()]
        more = f"；等 {len(problems)} 处" if len(problems) > SHOWN_PROBLEMS else ""
        raise ContentError("；".join(problems[:SHOWN_PROBLEMS]) + more) from None
    except ContentError:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise ContentError(f"嵌套过深、自我引用，或键不是文字（{error}）") from None
    return made


def _refuse(value: object) -> Any:
    """Refuse what JSON has no form for, such as the dates of TOML and YAML."""
    raise ContentError(f"{value} 应为文字（加引号）、数或列表")


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    from pydantic import TypeAdapter

    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _describe(problem: ErrorDetails) -> str:
    """Write one problem as `themes.0.slope 应为 float（数），实为 'x'`."""
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] in ("missing", "missing_argument"):
        return f"缺少 {place}"
    if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"没有 {place} 这一项"
    found = repr(problem["input"])
    shown = found if len(found) <= _SHOWN_CHARS else f"{found[:_SHOWN_CHARS]}…"
    expected = _EXPECTED.get(problem["type"], "")
    if not expected:
        return f"{place or '全部内容'} 不合要求（{problem['msg']}），实为 {shown}"
    return f"{place or '全部内容'} 应为{expected.format(**problem.get('ctx', {}))}，实为 {shown}"
