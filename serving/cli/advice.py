"""What the command line advises on an error: the command or option that helps, by the code."""

from __future__ import annotations

from model import YiwenError
from serving import codes

ADVICE = {
    codes.LEDGER_DAMAGED: "，请运行 yiwen runs forget 后重新标注",
    codes.OUTPUT_CHANGED: (
        "：要留着改动，请给它改名，或用 -o 换一个结果文件；不要了，请先 yiwen runs forget 再运行，"
        "结果会从头重写"
    ),
    codes.NO_LEDGER: "；运行 yiwen runs 可列出当前文件夹的",
    codes.RUN_UNDER_WAY: "，请先 yiwen runs cancel",
    codes.RAY_MISSING: "，或去掉 --engine ray",
    codes.DUCKDB_MISSING: "；请先运行 pip install duckdb，或直接用报告文件（jsonl）",
    codes.RAY_WORKER_LOST: "：去掉 --engine ray 再运行一次即接着做，出问题的文章会被搁置",
    codes.NO_SUCH_USER: "；用 yiwen users list 查看",
    codes.NO_USERS: "：yiwen users add 名字",
    codes.NO_SUCH_KEY: "；用 yiwen keys list 查看",
    codes.NO_KEYS: "：yiwen keys add 名字",
    codes.CURRENT_MODEL_UNUSABLE: "；要退回上一个模型，请用 yiwen models rollback",
    codes.LABELS_CHANGED: "；请用 --data 给出标注文件，或用 --why 写明理由直接启用",
    codes.BACKUP_EXISTS: "；请换一个文件名，或用 --force 换掉它",
    # Raised in model, data, training and eval, which know no command.
    "drift_too_large": (
        "；请升级 openvino，或设 YIWEN_RUNTIME=onnxruntime 换用另一个运行库，"
        "或用 yiwen train 在本机重新训练"
    ),
    "folder_taken": "，或用 --out 指定别处",
    "no_labels": "；用 --data 给出标注，或用 --from base 从头训练",
    "not_continuable": "；请用 --from base 从头训练",
    "settings_do_not_fit": "；请用 --settings 改小",
    "no_held_out": "；请用 --data 给出标注",
    "too_few_to_judge": "；请用 --data 多给一些，或用 --why 写明理由直接启用",
    "no_articles": "；请用 YIWEN_TEXTS 或 --texts 指明原文所在的文件",
    "classifier_disagrees": "；请用 --texts 或 --data 多给些有这些主题的文章再导出",
    "package_missing": "；请运行 make install",
}


def explain(error: YiwenError) -> str:
    """Return an error's message with the advice on it."""
    return f"{error}{ADVICE.get(error.code, '')}"
