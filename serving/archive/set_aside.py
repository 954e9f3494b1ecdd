"""What an output says of an article or file that was set aside, and how it is done again.

The lines of an output name options of the command line whichever face began the run; they are part
of the output's format and stay as they are from release to release.
"""

from __future__ import annotations

from data.readers import Problem
from model import YiwenError

READ_TIMEOUT = "read_timeout"
READER_LOST = "reader_lost"
_RETRY = "可用 --retry-failed 重试"
_ENDINGS = {
    READ_TIMEOUT: "，已搁置；可用 --time-limit 放宽，再用 --retry-failed 重试",
    READER_LOST: "，文件已搁置；修好后用 --retry-failed 重试",
}


def output_message(problem: Problem) -> str:
    """Return a problem's message as the output has it."""
    return problem.message + _ENDINGS.get(problem.code, "")


def describe_lost_analysis(error: YiwenError) -> str:
    """Return the output's message on an article whose analysis killed or blocked its process."""
    return f"分析时{error}，文章已搁置；{_RETRY}"


def describe_failed_analysis(error: Exception) -> str:
    """Return the output's message on an article whose analysis raised an error."""
    return f"分析出错，文章已搁置（{type(error).__name__}：{error}）；{_RETRY}"
