"""Pictures, drawn anew from their pixels: what a camera or a program wrote beside them (place, owner) stays behind."""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps

from lapor_gateway.cleaning.files import Cleaned, Unfit

MOST_PIXELS: Final = 60_000_000
"""A telephone's largest picture; more would take gigabytes to draw."""

_STEPS: Final = (
    (2560, 85),
    (1920, 75),
    (1280, 70),
    (800, 60),
)  # longest side, quality of JPEG: until it fits


def clean_picture(content: bytes, kind: str, at_most: int) -> Cleaned | Unfit:
    """The first frame, upright, as JPEG (as PNG where it is transparent), made smaller until it fits."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=[kind]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    return Unfit("picture_too_many_pixels", f"{opened.width} x {opened.height}")
                drawn = _drawn(ImageOps.exif_transpose(opened))
        fitting = (_encoded(drawn, side, quality) for side, quality in _STEPS)
        found = next((one for one in fitting if len(one.content) <= at_most), None)
    except Exception as fault:  # the decoders raise almost anything for broken data
        return Unfit("picture_broken", type(fault).__name__)
    return found or Unfit("too_large")


def _drawn(picture: Image.Image) -> Image.Image:
    """Pixels only: a new picture that never knew of the old one's metadata."""
    is_clear = picture.has_transparency_data
    pixels = picture.convert("RGBA" if is_clear else "RGB")
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels)
    return bare


def _encoded(picture: Image.Image, side: int, quality: int) -> Cleaned:
    if max(picture.size) > side:
        picture = picture.copy()
        picture.thumbnail((side, side))
    written = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(written, "PNG", optimize=True)
        return Cleaned(written.getvalue(), "image/png", "png")
    picture.save(written, "JPEG", quality=quality)
    return Cleaned(written.getvalue(), "image/jpeg", "jpg")
