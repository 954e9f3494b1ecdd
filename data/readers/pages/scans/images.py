"""Pictures of pages: decoded from files of every kind, upright, of bounded size."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

MAX_PAGES = 20
# 200 dots an inch: the strokes of 9-point signs stay apart.
_DPI, _POINTS_PER_INCH = 200, 72
_MAX_SIDE = 5_000
MAX_PIXELS = 120_000_000
MIN_SIDE = 200


class PictureError(Exception):
    """The picture cannot be read; `args[0]` is the code of the reason."""


def open_pictures(content: bytes) -> Iterator[Any]:
    """Yield the pages of a picture file as arrays, shape (height, width, 3), blue first.

    Raises:
        PictureError: it is damaged, too small, too large, or has too many pages.
    """
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # what is too large has a message of its own
    try:
        with Image.open(io.BytesIO(content)) as picture:
            n_pages = getattr(picture, "n_frames", 1)
            if n_pages > MAX_PAGES:
                raise PictureError("too many pages")
            for number in range(n_pages):
                picture.seek(number)
                _check_size(picture.size)
                yield _to_array(picture)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureError("damaged") from error


def render_pages(content: bytes) -> Iterator[Any]:
    """Yield the pages of a PDF file as arrays, shape (height, width, 3), blue first.

    Raises:
        PictureError: it is damaged or has too many pages.
    """
    import pypdfium2 as pdfium

    try:
        with pdfium.PdfDocument(content) as pdf:
            if len(pdf) > MAX_PAGES:
                raise PictureError("too many pages")
            for page in pdf:
                longest = max(page.get_size())
                scale = min(_DPI / _POINTS_PER_INCH, _MAX_SIDE / max(longest, 1.0))
                yield page.render(scale=scale).to_numpy()
    except pdfium.PdfiumError as error:
        raise PictureError("damaged") from error


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise PictureError("too large")
    if min(size) < MIN_SIDE:
        raise PictureError("too small")


def _to_array(picture: Any) -> Any:
    """Turn a picture upright as its camera says, shrink one that is larger than needed."""
    import numpy as np
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture)
    if upright.mode in {"RGBA", "LA", "PA", "P"}:  # what is clear lies on white paper
        layer = upright.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        upright = Image.alpha_composite(paper, layer)
    plain = upright.convert("RGB")
    # A long picture of a screen keeps its width.
    scale = _MAX_SIDE / plain.width
    if scale < 1:
        plain = plain.resize((round(plain.width * scale), round(plain.height * scale)))
    return np.ascontiguousarray(np.asarray(plain)[:, :, ::-1])
