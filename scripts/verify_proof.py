#!/usr/bin/env python3
"""Memeriksa bukti pengaduan dari lapor-gateway / Checks proofs of complaints from lapor-gateway.

    python3 verify_proof.py bukti.json [--key KUNCI] [--witness witness.log]

Needs Python 3.8 or newer and nothing else: neither lapor-gateway nor any library. A proof (`lapor-gateway ledger
proof`, or a line of `ledger sample`) is good when

1. its checkpoint is signed (Ed25519) by the key given with --key, else by the key that the proof itself names;
2. every entry's hash, from its own values and the hash of the entry before it, leads through its path to the root
   of that checkpoint (RFC 9162); so entries 1 to n are all there, in order, and as they were written;
3. with --witness, the checkpoint is among those that the file holds: a witness's log, a saved mail, a published list.

Without --key and --witness it shows only that the proof fits itself. Exit code: 0 good, 1 not good, 2 wrong usage.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path

FORMAT = "lapor-gateway/proof/1"
DASH = "\u2014 "
BODY = re.compile(
    "(lapor-gateway/[0-9a-zA-Z._-]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n"
    "epoch [1-9][0-9]{0,17}\nnumber ([1-9][0-9]{0,17}) time (0|[1-9][0-9]{0,17})\n"
)


class NotProvenError(Exception):
    """Why a proof is not good."""


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("proof", nargs="+", help="file with one proof, or with one a line")
    words.add_argument("--key", help="the book's public key, NAME+HASH+BASE64, had from elsewhere")
    words.add_argument("--witness", help="file that holds checkpoints which a witness has seen")
    asked = words.parse_args()
    try:
        seen = None if asked.witness is None else bodies_in(read(asked.witness))
        proofs = [proof for path in asked.proof for proof in proofs_in(read(path))]
    except (OSError, ValueError) as error:
        print("verify_proof:", error, file=sys.stderr)
        return 2
    if not proofs:
        print("verify_proof: no proof in these files", file=sys.stderr)
        return 2
    good = 0
    for number, proof in enumerate(proofs, 1):
        try:
            print("OK   ", told(verify(proof, asked.key, seen)))
            good += 1
        except NotProvenError as why:
            name = proof.get("complaint") if isinstance(proof, dict) else None
            print("WRONG", name or f"proof {number}", "-", why)
    if asked.key is None:
        print("note: without --key, whoever made the proof may also have made its key")
    if asked.witness is None:
        print("note: without --witness, nobody outside has confirmed the checkpoint")
    print(f"{good} of {len(proofs)} proofs are good")
    return 0 if good == len(proofs) else 1


def told(verified):
    complaint, entries, state, number, size = verified
    return f"{complaint}: entries 1-{entries}, last state {state}; checkpoint {number} over {size} entries"


def read(path):
    return Path(path).read_text("utf-8")


def proofs_in(text):
    try:
        whole = json.loads(text)
        return whole if isinstance(whole, list) else [whole]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def bodies_in(text):
    """The texts of all checkpoints in what a witness keeps: lines of JSON with a `note`, or notes themselves."""
    found = []
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                found.append(str(json.loads(line).get("note", "")))
            except ValueError:
                continue
    whole = "\n".join([text.replace("\r\n", "\n"), *found])
    return {match.group(0) for match in BODY.finditer(whole)}


def verify(proof, key=None, seen=None):
    """(complaint, entries, last state, checkpoint's number, its size) of a good proof. Raises NotProvenError."""
    try:
        if proof["format"] != FORMAT:
            raise NotProvenError("not a proof of the form " + FORMAT)
        if key is not None and key.strip() != proof["key"].strip():
            raise NotProvenError("it names another key than the one given")
        body, number, size, root = signed(proof["checkpoint"], proof["key"])
        state = followed(proof["complaint"], proof["entries"], size, root)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise NotProvenError(f"cannot be read: {type(error).__name__}") from None
    if seen is not None and body not in seen:
        raise NotProvenError(f"the witness has not seen checkpoint {number}")
    return proof["complaint"], len(proof["entries"]), state, number, size


def signed(note, key):
    """The checkpoint's text, number, size and root, if `key` signed it."""
    body, gap, signatures = note.partition("\n\n")
    body += "\n"
    read_body = BODY.fullmatch(body)
    name, key_id, public = read_key(key)
    if not gap or read_body is None or read_body.group(1) != name:
        raise NotProvenError("the checkpoint is none of this key's")
    for line in signatures.splitlines():
        who, _, value = line[len(DASH) :].partition(" ")
        if line.startswith(DASH) and who == name:
            signature = decoded(value)
            if signature[:4] == key_id and ed25519_verifies(public, body.encode(), signature[4:]):
                root = decoded(read_body.group(3))
                return body, int(read_body.group(4)), int(read_body.group(2)), root
    raise NotProvenError("the checkpoint is not signed by this key")


def decoded(text):
    """The bytes that base64 spells, in the one spelling that they have."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise NotProvenError("base64 that spells its last bits in another way")
    return value


def read_key(key):
    """Name, id and 32 public bytes of `NAME+HASH+BASE64`."""
    name, key_id, encoded = key.strip().split("+", 2)
    value = decoded(encoded)
    if len(value) != 33 or value[0] != 1:
        raise NotProvenError("not a public key of the form NAME+HASH+BASE64")
    expected = hashlib.sha256(name.encode() + b"\n" + value).digest()[:4]
    if expected.hex() != key_id:
        raise NotProvenError("the key's hash does not fit the key")
    return name, expected, value[1:]


def followed(complaint, entries, size, root):
    """The state after the last entry, if every entry leads to the root."""
    if not isinstance(complaint, str) or not entries:
        raise NotProvenError("there is no entry in it")
    previous, state, place = bytes(32), None, -1
    for seq, entry in enumerate(entries, 1):
        if entry["seq"] != seq or type(entry["seq"]) is not int:
            raise NotProvenError(f"entry {seq} is missing")
        if entry["from"] != state:
            raise NotProvenError(f"entry {seq} does not follow the one before")
        previous, state = entry_hash(complaint, entry, previous), entry["to"]
        if type(entry["leaf"]) is not int or entry["leaf"] <= place:
            raise NotProvenError(f"entry {seq} does not stand behind the one before")
        place = entry["leaf"]
        leaf = hashlib.sha256(b"\0" + previous).digest()
        if root_of(leaf, place, size, [bytes.fromhex(step) for step in entry["path"]]) != root:
            raise NotProvenError(f"entry {seq} does not lead to the checkpoint's root")
    return state


def entry_hash(complaint, entry, previous):
    """Encoding 1: the fields, each with its length in four bytes before it, 0xFFFFFFFF for an absent one."""
    if entry["encoding"] != 1 or type(entry["at"]) is not int:
        raise NotProvenError("an encoding that this program does not know")
    values = [complaint, str(entry["seq"]), entry["kind"], entry["from"], entry["to"]]
    values += [str(entry["at"]), entry["actor"], entry["facts"]]
    fields = [None if value is None else value.encode() for value in values] + [previous]
    packed = [b"\xff\xff\xff\xff" if one is None else len(one).to_bytes(4, "big") + one for one in fields]
    return hashlib.sha256(b"lapor-gateway/entry\0\x01" + b"".join(packed)).digest()


def root_of(leaf, place, size, path):
    """The root that a path leads to (RFC 9162, 2.1.3.2); None where it has not the form of one."""
    if not 0 <= place < size:
        return None
    last, result = size - 1, leaf
    for step in path:
        if last == 0 or len(step) != 32:
            return None
        if place & 1 or place == last:
            result = hashlib.sha256(b"\1" + step + result).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            result = hashlib.sha256(b"\1" + result + step).digest()
        place, last = place >> 1, last >> 1
    return result if last == 0 else None


# Ed25519 (RFC 8032), verification only: nothing in it is secret, so it need not be constant in time.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recovered_x(y, sign):
    """The x of a point, None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point_of(encoded):
    """The point that 32 bytes encode, in extended coordinates; None for bytes that are none."""
    value = int.from_bytes(encoded, "little")
    y, sign = value & (2**255 - 1), value >> 255
    x = recovered_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def added(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor, point):
    result = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = added(result, point)
        point, factor = added(point, point), factor >> 1
    return result


def ed25519_verifies(public, message, signature):
    """Whether `signature` (64 bytes) of `message` is by the holder of `public` (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = point_of(public), point_of(signature[:32])
    answer = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or answer >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(answer, BASE), added(commitment, times(challenge, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


if __name__ == "__main__":
    sys.exit(main())
