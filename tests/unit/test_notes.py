"""Checkpoints as signed notes: what is written is read again, and nothing else is."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lapor_gateway.book.signing import Signer, is_by, is_signed
from lapor_gateway.domain.notes import (
    COSIGNATURE,
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
    notes_in,
    parse_key,
    parse_note,
    signatures_in,
)

SIGNER = Signer("0123456789abcdef", 1, bytes(range(32)))
CHECKPOINT = Checkpoint("0123456789abcdef", 1, 7, 1234, bytes(range(32)), 1_772_413_200_000_000)


def test_the_text_of_a_note_is_what_is_written_down_byte_for_byte() -> None:
    """Checkpoints of years ago must verify: the form never changes."""
    text = SIGNER.sign(CHECKPOINT).text
    assert text.startswith(
        "lapor-gateway/0123456789abcdef\n1234\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        "epoch 1\nnumber 7 time 1772413200000000\n\n\u2014 lapor-gateway/0123456789abcdef "
    )
    assert text.endswith("\n")


checkpoints = st.builds(
    Checkpoint,
    book=st.text("0123456789abcdef", min_size=1, max_size=16),
    epoch=st.integers(1, 10**17),
    number=st.integers(1, 10**17),
    size=st.integers(0, 10**17),
    root=st.binary(min_size=32, max_size=32),
    at=st.integers(0, 10**17),
)


@given(checkpoints)
def test_a_note_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    note = SIGNER.sign(checkpoint)
    assert parse_note(note.text) == note
    assert is_signed(note, SIGNER.key)


@given(st.data())
def test_a_note_with_one_other_character_is_no_note_or_not_signed(data: st.DataObject) -> None:
    text = SIGNER.sign(CHECKPOINT).text
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[place]))
    changed = parse_note(text[:place] + other + text[place + 1 :])
    assert changed is None or not is_signed(changed, SIGNER.key)


@given(st.text())
def test_any_text_is_read_without_harm(text: str) -> None:
    assert parse_note(text) is None
    assert list(notes_in(text)) == []
    parse_key(text)
    signatures_in(text)


def test_notes_are_found_in_a_mail_with_its_line_ends() -> None:
    note = SIGNER.sign(CHECKPOINT)
    mail = f"Subject: checkpoint\n\nDengan hormat,\n\n{note.text}\n-- \nlapor-gateway\n{note.text}"
    assert list(notes_in(mail.replace("\n", "\r\n"))) == [note, note]


def test_a_key_is_read_as_it_was_written_and_a_wrong_one_is_none() -> None:
    spelled = str(SIGNER.key)
    assert parse_key(spelled) == SIGNER.key
    assert parse_key(spelled.replace("+", "-")) is None
    name, key_id, value = spelled.split("+", 2)
    assert parse_key(f"{name}x+{key_id}+{value}") is None


def witness_key(kind: int) -> tuple[VerifierKey, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return VerifierKey("inspektorat.example", kind, public), private


def test_a_witness_signs_beside_us_in_either_of_the_two_forms() -> None:
    body = CHECKPOINT.body.encode()
    plain, private = witness_key(1)
    assert is_by(Signature(plain.name, plain.id, private.sign(body)), CHECKPOINT.body, plain)
    stamped, private = witness_key(COSIGNATURE)
    signed = b"cosignature/v1\ntime 1772413260\n" + body
    value = (1_772_413_260).to_bytes(8) + private.sign(signed)
    assert is_by(Signature(stamped.name, stamped.id, value), CHECKPOINT.body, stamped)
    later = (1_772_413_261).to_bytes(8) + value[8:]
    assert not is_by(Signature(stamped.name, stamped.id, later), CHECKPOINT.body, stamped)
    other = replace(CHECKPOINT, size=1235).body
    assert not is_by(Signature(stamped.name, stamped.id, value), other, stamped)


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_a_signature_of_no_or_the_wrong_length_is_refused(name: str) -> None:
    key = SIGNER.key
    note = Note(CHECKPOINT, (Signature(key.name, key.id, name.encode()),))
    assert not is_signed(note, key)
