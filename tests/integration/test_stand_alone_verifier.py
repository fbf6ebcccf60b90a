"""`scripts/verify_proof.py`: accepts what the gateway proves, refuses everything else, needs nothing but Python."""

import copy
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lapor_gateway.book.proofs import prove, sample
from lapor_gateway.domain.notes import VerifierKey
from lapor_gateway.shipped import shipped
from tests.support.sealed import Sealed, sealed_desk

SCRIPT = shipped("scripts") / "verify_proof.py"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_proof", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFIER = loaded()


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    folder = tmp_path_factory.mktemp("sealed")
    with sealed_desk(f"sqlite:///{folder / 'book.db'}", folder / "witness.log") as made:
        yield made


@pytest.fixture(scope="module")
def good(sealed: Sealed) -> dict[str, Any]:
    """A proof of a complaint with many entries, as JSON reads it again."""
    proof: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(prove(sealed.own.book, sealed.own.row(35).id))
    )
    return proof


def is_good(proof: Any, key: str | None = None, seen: set[str] | None = None) -> bool:
    try:
        VERIFIER.verify(proof, key, seen)
    except VERIFIER.NotProvenError:
        return False
    return True


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, words)]  # -I -S: no package can be found
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


def test_it_imports_only_the_standard_library(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "lapor_gateway" not in SCRIPT.read_text("utf-8")


def test_a_good_proof_is_accepted_and_says_what_it_shows(
    sealed: Sealed, good: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "bukti.json"
    path.write_text(json.dumps(good, indent=2), "utf-8")
    done = run(path, "--key", good["key"], "--witness", sealed.witness.name, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(good["entries"])
    assert f"{good['complaint']}: entries 1-{count}, last state held" in done.stdout
    assert "note:" not in done.stdout


def test_it_says_what_a_proof_by_itself_does_not_show(good: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "bukti.json"
    path.write_text(json.dumps(good), "utf-8")
    done = run(path, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.count("note:") == 2


def test_a_whole_sample_is_checked_line_by_line(sealed: Sealed, tmp_path: Path) -> None:
    chosen, known = sample(sealed.own.book, 12, "2026")
    assert known > 100
    path = tmp_path / "sampel.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in chosen))
    done = run(path, cwd=tmp_path)
    assert "12 of 12 proofs are good" in done.stdout


@pytest.mark.parametrize("content", ["", "{", "[]", "not json", "\n"])
def test_a_file_that_holds_no_proof_is_wrong_usage(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content, "utf-8")
    done = run("x.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert run("missing.json", cwd=tmp_path).returncode == 2


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every single value of a proof."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
    else:
        yield path


def changed(value: Any, data: st.DataObject) -> Any:
    """Something of the same kind that is not the same."""
    if isinstance(value, int):
        return value + data.draw(st.sampled_from([-1, 1, 256, -(2**40)]))
    if value is None:
        return data.draw(st.sampled_from(["", "ready", 0]))
    place = data.draw(st.integers(0, len(value) - 1)) if value else 0
    cut = data.draw(st.sampled_from(["change", "drop", "add"])) if value else "add"
    if cut == "drop":
        return value[:place] + value[place + 1 :]
    if cut == "add":
        return value[:place] + "x" + value[place:]
    letter = data.draw(st.characters(codec="ascii", exclude_characters=value[place]))
    return value[:place] + letter + value[place + 1 :]


def held(proof: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        proof = proof[key]
    return proof


IRRELEVANT = {("unsealed",)}
"""It says how much more there is; no proof can."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_a_proof_with_any_one_value_changed_is_refused(good: dict[str, Any], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([one for one in places(good) if one not in IRRELEVANT]))
    other = copy.deepcopy(good)
    value = held(good, path)
    new = changed(value, data)
    held(other, path[:-1])[path[-1]] = new
    if _means_the_same(path, value, new, good):
        return
    assert not is_good(other), (path, value, new)
    assert not is_good(other, good["key"]), (path, value, new)


def _means_the_same(path: tuple[Any, ...], old: Any, new: Any, good: dict[str, Any]) -> bool:
    """Spellings that Python reads alike: hex in capitals or with spaces, white space around the key."""
    if path[-1] == "key":
        return str(new).strip() == str(old)
    if "path" in path:
        try:
            return bytes.fromhex(str(new)) == bytes.fromhex(str(old))
        except ValueError:
            return False
    return False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_proof_with_an_entry_left_out_doubled_or_moved_is_refused(
    good: dict[str, Any], data: st.DataObject
) -> None:
    count = len(good["entries"])
    place = data.draw(st.integers(0, count - 2))  # without its last entries it is a good proof of fewer
    other = copy.deepcopy(good)
    entries = other["entries"]
    what = data.draw(st.sampled_from(["left out", "doubled", "moved"]))
    if what == "left out":
        del entries[place]
    elif what == "doubled":
        entries.insert(place, copy.deepcopy(entries[place]))
    else:
        entries[place], entries[place + 1] = entries[place + 1], entries[place]
    assert not is_good(other)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
            ["format", "complaint", "key", "checkpoint", "entries", "seq", "leaf", "path", "at"]), inner),
    )
)  # fmt: skip
def test_garbage_is_refused_and_nothing_else_happens(garbage: Any) -> None:
    assert not is_good(garbage)


def test_a_checkpoint_that_the_witness_has_not_seen_is_refused(sealed: Sealed, good: dict[str, Any]) -> None:
    kept = Path(sealed.witness.name).read_text("utf-8")
    assert is_good(good, good["key"], VERIFIER.bodies_in(kept))
    earlier = "\n".join(kept.splitlines()[:-1])
    assert not is_good(good, good["key"], VERIFIER.bodies_in(earlier))


def test_a_proof_signed_by_another_key_is_refused_where_the_key_is_known(good: dict[str, Any]) -> None:
    name, _, _ = good["key"].partition("+")
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert not is_good(good, str(VerifierKey(name, 1, other)))


@settings(max_examples=30)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80), data=st.data())
def test_its_ed25519_agrees_with_the_library(seed: bytes, message: bytes, data: st.DataObject) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = private.sign(message)
    assert VERIFIER.ed25519_verifies(public, message, signature)
    which = data.draw(st.integers(0, 63))
    wrong = (
        signature[:which]
        + bytes([signature[which] ^ 1 << data.draw(st.integers(0, 7))])
        + signature[which + 1 :]
    )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(wrong, message)
        agrees = True
    except InvalidSignature:
        agrees = False
    assert VERIFIER.ed25519_verifies(public, message, wrong) is agrees is False
    assert not VERIFIER.ed25519_verifies(public, message + b"x", signature)


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [  # RFC 8032, 7.1, tests 1 to 3
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_its_ed25519_knows_the_vectors_of_the_standard(public: str, message: str, signature: str) -> None:
    key, signed = bytes.fromhex(public), bytes.fromhex(signature)
    assert VERIFIER.ed25519_verifies(key, bytes.fromhex(message), signed)
    assert not VERIFIER.ed25519_verifies(key, bytes.fromhex(message) + b"\0", signed)
