"""Encodes multipart/form-data bodies. Pure: the boundary comes from the content, so equal parts give equal bytes."""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from lapor_gateway.national.port import File


class Form(msgspec.Struct, frozen=True):
    """An encoded form and the media type that tells its boundary."""

    media_type: str
    body: bytes


def encode_form(fields: Iterable[tuple[str, str]], files: Sequence[tuple[str, File]] = ()) -> Form:
    """The fields, then the files, in the order given; names and file names are quoted as browsers do."""
    parts = [
        (f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode(), value.encode())
        for name, value in fields
    ]
    parts += [
        (
            f'Content-Disposition: form-data; name="{_quoted(name)}"; filename="{_quoted(file.name)}"\r\n'
            f"Content-Type: {_quoted(file.media_type)}\r\n\r\n".encode(),
            file.content,
        )
        for name, file in files
    ]
    boundary = _boundary(parts)
    line = b"--" + boundary + b"\r\n"
    body = b"".join(piece for head, content in parts for piece in (line, head, content, b"\r\n"))
    return Form(f"multipart/form-data; boundary={boundary.decode()}", body + b"--" + boundary + b"--\r\n")


def _boundary(parts: Sequence[tuple[bytes, bytes]]) -> bytes:
    """One that occurs in no part: nobody can put a digest of the whole into a piece of it."""
    digest = hashlib.sha256()
    for head, content in parts:
        digest.update(len(content).to_bytes(8))
        digest.update(head)
        digest.update(content)
    return b"lapor-gateway-" + digest.hexdigest()[:40].encode()


def _quoted(value: str) -> str:
    return value.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
