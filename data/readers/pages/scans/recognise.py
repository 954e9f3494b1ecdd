"""Text recognition of one page: RapidOCR finds the lines and reads them.

Lines are found on a smaller picture and read on the full one, made level first, so that layout
meets upright boxes and small print keeps its strokes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from data.readers.pages.scans.doubt import reserve_signs

# Longest side of the picture on which lines are found, in dots.
_FIND_SIDE = 2_400
# A line this many times as long as high tells the slant of the page.
_TELLING = 6.0
_LEVEL_DEGREES = 0.15
_TALL = 1.5
_TURNED_SHARE = 0.7
_N_TURN_LINES = 12
_UPSIDE_DOWN = "180"
# Less sure lines are seals, photographs and stains.
_MIN_LINE_SCORE = 0.5
# Higher pictures are read in pieces.
_MAX_RATIO = 2.5
_PIECE_RATIO = 2.0
_CUT_WITHIN = 0.2

Image = npt.NDArray[np.uint8]
Quads = npt.NDArray[np.float32]


@dataclass(frozen=True)
class RecognisedLine:
    """A line of print, its box in dots of the level page, a score for each character."""

    text: str
    scores: tuple[float, ...]
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True)
class RecognisedPage:
    """Lines in no order, and how many were left out: unreadable, or set vertically."""

    lines: tuple[RecognisedLine, ...]
    width: int
    n_unreadable: int
    n_vertical: int


def recognise(image: Image) -> list[RecognisedPage]:
    """Recognise a picture, shape (height, width, 3); a long one as several pages."""
    return [_recognise_piece(piece) for piece in _cut_long(image)]


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _FIND_SIDE,
            "Global.return_word_box": True,
        }
    )


def _recognise_piece(image: Image) -> RecognisedPage:
    image, quads = _turn_upright(image)
    image, quads = _level(image, quads)
    boxes = _to_boxes(quads, image.shape)
    sides = boxes[:, 2:] - boxes[:, :2]
    is_vertical = sides[:, 1] > _TALL * sides[:, 0]
    boxes = boxes[~is_vertical]
    lines: list[RecognisedLine] = []
    n_unreadable = 0
    for box, (text, scores) in zip(boxes, _read(image, boxes), strict=True):
        if text.strip() and np.mean(scores) >= _MIN_LINE_SCORE:
            lines.append(RecognisedLine(reserve_signs(text), scores, *map(float, box)))
        else:
            n_unreadable += bool(text.strip())
    return RecognisedPage(tuple(lines), image.shape[1], n_unreadable, int(is_vertical.sum()))


def _cut_long(image: Image) -> list[Image]:
    """Cut a picture much higher than wide, such as one of a screen, where rows are blank."""
    height, width = image.shape[:2]
    pieces = []
    while height > _MAX_RATIO * width:
        end = int(_PIECE_RATIO * width)
        start = int(end * (1 - _CUT_WITHIN))
        ink = image[start:end].std(axis=(1, 2))
        cut = start + int(ink.argmin())
        pieces.append(image[:cut])
        image = image[cut:]
        height = image.shape[0]
    return [*pieces, image]


def _find(image: Image) -> Quads:
    """Return the corners of lines, shape (lines, 4, 2), clockwise from the top left one."""
    found = _engine()(image, use_det=True, use_cls=False, use_rec=False).boxes
    return np.zeros((0, 4, 2), np.float32) if found is None else np.asarray(found, np.float32)


def _turn_upright(image: Image) -> tuple[Image, Quads]:
    """Turn a page that lies on its side or stands on its head."""
    quads = _find(image)
    if len(quads) and _share_of_tall(quads) > _TURNED_SHARE:
        image = np.ascontiguousarray(np.rot90(image))
        quads = _find(image)
    if _is_upside_down(image, quads):
        height, width = image.shape[:2]
        image = np.ascontiguousarray(image[::-1, ::-1])
        quads = np.roll(np.array([width, height], np.float32) - quads, 2, axis=1)
    return image, quads


def _share_of_tall(quads: Quads) -> float:
    width, height = _sides(quads)
    area = width * height
    return float(area[height > _TALL * width].sum() / max(area.sum(), 1.0))


def _is_upside_down(image: Image, quads: Quads) -> bool:
    """Ask the classifier of directions about the longest lines."""
    longest = np.argsort(-_sides(quads)[0])[:_N_TURN_LINES]
    crops = _crop(image, _to_boxes(quads[longest], image.shape))
    if not crops:
        return False
    _, found = _engine().cls_and_rotate(crops)
    n_upside_down = sum(label == _UPSIDE_DOWN for label, _ in found.cls_res)
    return bool(2 * n_upside_down > len(crops))


def _level(image: Image, quads: Quads) -> tuple[Image, Quads]:
    """Turn a slanted page so that its lines are level."""
    import cv2

    degrees = _find_slant(quads)
    if abs(degrees) < _LEVEL_DEGREES:
        return image, quads
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    level = cv2.warpAffine(
        image, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(level, np.uint8), (quads @ turn[:, :2].T + turn[:, 2]).astype(np.float32)


def _find_slant(quads: Quads) -> float:
    """Return the slant of the lines in degrees, positive where they fall to the right."""
    width, height = _sides(quads)
    telling = quads[width > _TELLING * height]
    if not len(telling):
        return 0.0
    across = telling[:, 1] - telling[:, 0]
    return math.degrees(float(np.median(np.arctan2(across[:, 1], across[:, 0]))))


def _sides(quads: Quads) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the widths and the heights of quads."""
    return (
        np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1),
        np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1),
    )


def _to_boxes(quads: Quads, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return the boxes (left, top, right, bottom) of level quads: the means of opposite corners."""
    left, right = quads[:, [0, 3], 0].mean(axis=1), quads[:, [1, 2], 0].mean(axis=1)
    top, bottom = quads[:, [0, 1], 1].mean(axis=1), quads[:, [2, 3], 1].mean(axis=1)
    boxes = np.stack([left, top, right, bottom], axis=1)
    return boxes.clip(0, [shape[1], shape[0], shape[1], shape[0]]).astype(np.float32)


def _crop(image: Image, boxes: npt.NDArray[np.float32]) -> list[Image]:
    rounded = np.stack([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])], axis=1).astype(int)
    return [
        image[top : max(bottom, top + 1), left : max(right, left + 1)]
        for (left, top), (right, bottom) in rounded
    ]


def _read(image: Image, boxes: npt.NDArray[np.float32]) -> list[tuple[str, tuple[float, ...]]]:
    """Return the text in each box and the score of each of its characters."""
    crops = _crop(image, boxes)
    if not crops:
        return []
    found = _engine().recognize_txt(crops)
    return [
        (text, tuple(info.confs) if text else ())
        for text, info in zip(found.txts, found.word_results, strict=True)
    ]
