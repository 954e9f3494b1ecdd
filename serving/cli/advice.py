"""What the command line advises on an error: the command or option that helps, by the code."""

from __future__ import annotations

from model import YiwenError
from serving import codes

ADVICE = {
    codes.LEDGER_DAMAGED: "，请运行 yiwen runs forget 后重新标注",
    codes.NO_LEDGER: "；运行 yiwen runs 可列出当前文件夹的",
    codes.RUN_UNDER_WAY: "，请先 yiwen runs cancel",
    codes.RAY_MISSING: "，或去掉 --engine ray",
    codes.RAY_WORKER_LOST: "：去掉 --engine ray 再运行一次即接着做，出问题的文章会被搁置",
    codes.NO_SUCH_USER: "；用 yiwen users list 查看",
    codes.NO_USERS: "：yiwen users add 名字",
    codes.CURRENT_MODEL_UNUSABLE: "；要退回上一个模型，请用 yiwen models rollback",
}


def explain(error: YiwenError) -> str:
    """Return an error's message with the advice on it."""
    return f"{error}{ADVICE.get(error.code, '')}"
