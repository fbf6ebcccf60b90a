"""Invented files as citizens send them: photographs that tell too much, documents, and things that are neither."""

import io
import zipfile
from collections.abc import Callable

import pikepdf
from PIL import Image

NAME = b"Siti Rekaan"


def photograph(*, width: int = 640, height: int = 480, colour: str = "green", kind: str = "JPEG") -> bytes:
    """A picture whose metadata name its owner and place, lying on its side."""
    told = Image.Exif()
    told[0x010E] = NAME.decode()
    told[0x8825] = {1: "S", 2: (6.0, 53.0, 0.0)}
    told[0x0112] = 6
    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, kind, exif=told)
    return written.getvalue()


def noise(side: int) -> bytes:
    """A photograph that no encoder makes small."""
    written = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(written, "JPEG", quality=98)
    return written.getvalue()


def letter(change: Callable[[pikepdf.Pdf], None] = lambda _: None, **options: object) -> bytes:
    """A PDF of one empty page that names its author."""
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Author"] = NAME.decode()
    change(document)
    written = io.BytesIO()
    document.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate, **options)
    return written.getvalue()


def with_script(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    document.Root.OpenAction = document.make_indirect(action)


def word(**more: bytes) -> bytes:
    """A Word document; `more` are parts by their names, `__` standing for `/` and `_DOT_` for a dot."""
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": b'<w:document><w:ins w:author="Siti Rekaan"/><w:t>Jalan rusak</w:t></w:document>',
        "docProps/core.xml": b"<cp:coreProperties><dc:creator>Siti Rekaan</dc:creator></cp:coreProperties>",
    }
    parts |= {name.replace("__", "/").replace("_DOT_", "."): content for name, content in more.items()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return written.getvalue()
