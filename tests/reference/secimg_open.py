#!/usr/bin/env python3
"""Opens secimg/1 streams: a second implementation, from src/format/SPEC.md alone, to be read beside it.

    secimg_open.py --vectors DIR                    answers every vector of DIR/index.json, receipts too
    secimg_open.py -i KEY.pem SEALED -O DIR         opens a stream and writes its items
    secimg_open.py -i KEY.pem SEALED --receipt R    says what the stream's sender makes of the receipt R

It needs Python 3.10 and the package `cryptography` 44 or later. It holds the whole stream in memory, it
does not wipe secrets, and its time depends on them: it is for tests and for readers.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat, load_der_public_key, load_pem_private_key)

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
import mlkem768  # noqa: E402

MAGIC = bytes.fromhex("8953494D470D0A1A")
RECEIPT_MAGIC = bytes.fromhex("8953494D520D0A1A")
QUERY_MAGIC, HELD_MAGIC = bytes.fromhex("8953494D510D0A1A"), bytes.fromhex("8953494D480D0A1A")
CORE, RECIPIENTS, CHUNK, FINAL = 1, 2, 3, 4
MANIFEST, PREVIEW, DATA, DIGEST, INDEX, CLOSE = 1, 2, 3, 4, 5, 6
RSA_OAEP, XWING, PASSPHRASE, RAW_KEY, EXTERNAL = 1, 2, 3, 4, 5


class Refused(Exception):
    """A stream that is refused: a class of section 12, the rule, and for `format` the place."""

    def __init__(self, kind, rule, offset=None):
        super().__init__(f"{kind} [{rule}]" + ("" if offset is None else f" at {offset}"))
        self.kind, self.rule, self.offset = kind, rule, offset


def check(condition, kind, rule, offset=None):
    if not condition:
        raise Refused(kind, rule, offset)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hmac_sha256(key, *parts):
    return hmac.digest(key, b"".join(parts), "sha256")


def hkdf_expand(prk, info):
    """RFC 5869 section 2.3, for 32 bytes."""
    return hmac_sha256(prk, info, b"\1")


def number(data):
    return int.from_bytes(data, "big")


class Bytes:
    """Bytes that are read from left to right; `Short` where there are not enough."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, length):
        if length > len(self.data) - self.at:
            raise Short
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, length):
        return number(self.take(length))

    def prefixed(self, length):
        return self.take(self.number(length))

    def rest(self):
        return self.data[self.at:]


class Short(Exception):
    pass


# Section 2: the frames.

def take_whole(stream, length):
    """Takes what a stream must still have."""
    check(length <= len(stream.data) - stream.at, "format", "M-STREAM-4", len(stream.data))
    return stream.take(length)


def frame_header(stream, *kinds):
    at = stream.at
    header = take_whole(stream, 4)
    check(1 <= header[0] <= 4, "format", "M-FRAME-1", at)
    check(header[0] in kinds, "format", "M-STREAM-3", at)
    return header[0], number(header[1:])


# Section 3: CORE.

@dataclass
class Core:
    suite: int
    signed: bool
    chunk_log2: int
    salt: bytes
    commitment: bytes
    core_hash: bytes
    transfer_id: bytes

    @property
    def chunk_size(self):
        return 1 << self.chunk_log2

    @property
    def tag_length(self):
        return {1: 32, 2: 16}[self.suite]


def read_core(stream):
    start = stream.data
    check(start[:8] == MAGIC[:len(start)], "format", "M-STREAM-1", 0)
    take_whole(stream, 8)
    _, length = frame_header(stream, CORE)
    check(length == 69, "format", "M-CORE-1", 8)
    body = take_whole(stream, length)
    suite = number(body[1:3])
    check(body[0] == 1, "format", "M-CORE-2", 12)
    check(body[3] & 0xFE == 0, "format", "M-CORE-4", 15)
    check(12 <= body[4] <= 23, "format", "M-CORE-5", 16)
    check(suite in (1, 2), "format", "M-CORE-3", 13)
    return Core(suite, body[3] & 1 == 1, body[4], body[5:37], body[37:],
                core_hash=sha256(start[:49]), transfer_id=sha256(start[:81]))


# Section 4: RECIPIENTS.

@dataclass
class Entry:
    kind: int
    key_id: bytes
    body: bytes


def read_recipients(stream):
    """The entries, what the MAC is over, and the MAC; all that needs no key is checked."""
    at = stream.at
    _, length = frame_header(stream, RECIPIENTS)
    check(length % 256 == 0 and 256 <= length <= 65536, "format", "M-RCPT-1", at)
    start = stream.at
    body = take_whole(stream, length)
    before_mac, mac = body[:-32], body[-32:]
    rest = Bytes(before_mac)
    count = rest.number(1)
    check(1 <= count <= 32, "format", "M-RCPT-2", start)
    entries = []
    for _ in range(count):
        at = start + rest.at
        try:
            entry = Entry(rest.number(2), rest.take(16), rest.prefixed(2))
        except Short:
            raise Refused("format", "M-RCPT-4", at) from None
        check(RSA_OAEP <= entry.kind <= EXTERNAL, "format", "M-RCPT-3", at)
        check(body_can_be(entry), "format", "M-RCPT-4", at)
        same = [e for e in entries if (e.kind, e.key_id) == (entry.kind, entry.key_id)]
        check(not same, "format", "M-RCPT-5", at)
        entries.append(entry)
    alone = count == 1 or all(entry.kind != PASSPHRASE for entry in entries)
    check(alone, "format", "M-PASS-2", start)
    check(not any(rest.rest()), "format", "M-RCPT-6", start + rest.at)
    return entries, before_mac, mac


def body_can_be(entry):
    """Whether a body has a length and form that its type can have."""
    body, length = entry.body, len(entry.body)
    if entry.kind == RSA_OAEP:
        return 256 <= length <= 512
    if entry.kind == XWING:
        return length == 1160
    if entry.kind == RAW_KEY:
        return length == 40
    if entry.kind == PASSPHRASE:  # M-PASS-3
        if length == 69 and body[0] == 1:
            memory, passes, lanes = (number(body[at:at + 4]) for at in (1, 5, 9))
            return 19456 <= memory <= 1048576 and 2 <= passes <= 16 and 1 <= lanes <= 16
        return length == 61 and body[0] == 2 and 600000 <= number(body[1:5]) <= 10000000
    try:  # M-EXT-1
        return len(Bytes(body).prefixed(1).decode("utf-8")) > 0
    except (Short, UnicodeDecodeError):
        return False


# Identities, and sections 4.1 to 4.5: a way to the CEK for each kind of key.

class RawKey:
    kind, spki = RAW_KEY, None

    def __init__(self, key):
        self.key = key
        self.id_input = key

    def unwrap(self, core, body):
        return aes_key_unwrap(self.key, body)


class Passphrase:
    kind, spki, id_input = PASSPHRASE, None, b""

    def __init__(self, text):
        self.text = unicodedata.normalize("NFC", text).encode()  # M-PASS-1

    def unwrap(self, core, body):
        salt, wrapped = body[-56:-40], body[-40:]
        if body[0] == 1:
            memory, passes, lanes = (number(body[at:at + 4]) for at in (1, 5, 9))
            kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
            key = kdf.derive(self.text)
        else:
            key = hashlib.pbkdf2_hmac("sha256", self.text, salt, number(body[1:5]), 32)
        return aes_key_unwrap(key, wrapped)


class RsaKey:
    kind = RSA_OAEP

    def __init__(self, key):
        self.key = key
        self.spki = self.id_input = spki_of(key.public_key())

    def unwrap(self, core, body):
        if not rsa_allowed(self.key.public_key()):
            raise ValueError
        mgf = padding.MGF1(hashes.SHA256())
        return self.key.decrypt(body, padding.OAEP(mgf, hashes.SHA256(), label=None))


class XWingKey:
    kind = XWING
    # SEQUENCE { OBJECT IDENTIFIER 1.3.6.1.4.1.62253.25722 }
    ALGORITHM = bytes.fromhex("300D060B2B0601040183E62D81C87A")

    def __init__(self, seed):
        self.seed = seed
        # SEQUENCE of 1236 bytes { algorithm, BIT STRING of 1217 bytes }
        head = bytes.fromhex("308204D4") + self.ALGORITHM + bytes.fromhex("038204C100")
        self.spki = self.id_input = head + mlkem768.xwing_public_key(seed)

    def unwrap(self, core, body):
        shared = mlkem768.xwing_decapsulate(self.seed, body[:1120])
        prk = hmac_sha256(core.salt, shared)
        kek = hkdf_expand(prk, b"secimg/1 xwing\0" + core.core_hash)
        return aes_key_unwrap(kek, body[1120:])


def rsa_allowed(public_key):
    """M-RSA-1, M-SIG-2"""
    e = public_key.public_numbers().e
    return 2048 <= public_key.key_size <= 4096 and 65537 <= e < 2**32 and e % 2 == 1


def spki_of(public_key):
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def der_of_pem(pem):
    body = re.search(rb"-----BEGIN [^-]+-----(.*?)-----END", pem, re.S).group(1)
    return base64.b64decode(body)


def private_key(pem):
    """An identity from a PKCS#8 file."""
    der = der_of_pem(pem)
    # X-Wing: SEQUENCE { INTEGER 0, algorithm, OCTET STRING of 32 bytes }
    head = bytes.fromhex("3034020100") + XWingKey.ALGORITHM + bytes.fromhex("0420")
    if der.startswith(head) and len(der) == len(head) + 32:
        return XWingKey(der[len(head):])
    return RsaKey(load_pem_private_key(pem, None))


# Section 5: key schedule and unlocking.

class Keys:
    def __init__(self, cek, core, context):
        self.cek = cek
        self.prk = hmac_sha256(core.salt, cek)
        self.bound = core.core_hash + sha256(context)

    def __getitem__(self, label):
        return hkdf_expand(self.prk, b"secimg/1 " + label.encode() + b"\0" + self.bound)


def unlock(core, recipients, identities, context):
    """M-KEY-5: the keys, and the identity that opened the stream."""
    entries, before_mac, mac = recipients
    matched = False
    for identity in identities:
        key_id = sha256(b"secimg/1 key id", core.salt, identity.id_input)[:16]
        for entry in entries:
            if (entry.kind, entry.key_id) != (identity.kind, key_id):  # M-RCPT-8
                continue
            matched = True
            try:
                cek = identity.unwrap(core, entry.body)
            except (ValueError, InvalidUnwrap):
                cek = b""
            if len(cek) != 32:
                cek = os.urandom(32)
            keys = Keys(cek, core, context)
            if hmac.compare_digest(keys["commit"], core.commitment):  # M-KEY-3
                right = hmac_sha256(keys["recipients"], core.core_hash, before_mac)
                check(hmac.compare_digest(right, mac), "not-authentic", "M-RCPT-7")
                return keys, identity
    check(matched, "no-match", "M-RCPT-8")
    raise Refused("not-authentic", "M-KEY-3")


# Section 6: chunks.

class Chunks:
    """The content, opened chunk by chunk and read from left to right."""

    def __init__(self, core, keys, stream):
        self.core, self.stream = core, stream
        self.enc, self.iv, self.mac = keys["enc"], keys["iv"], keys["mac"]
        self.index, self.start, self.leaves = 0, 0, b""
        self.open_next()

    def open_next(self):
        at = self.stream.at
        kind, length = frame_header(self.stream, CHUNK, FINAL)
        size, tag = self.core.chunk_size, self.core.tag_length
        if kind == CHUNK:
            check(length == size + tag, "format", "M-CHUNK-1", at)
        elif self.core.suite == 1:
            sound = (length - tag) % 16 == 0 and 16 <= length - tag <= size
            check(sound, "format", "M-CHUNK-2", at)
        else:
            check(tag <= length < size + tag, "format", "M-CHUNK-2", at)
        check(self.index < 1 << 36 - (self.core.chunk_log2 - 4), "format", "M-LIMIT-1", at)
        body = take_whole(self.stream, length)
        self.final = kind == FINAL
        self.piece, self.leaf = (self.open_cbc if self.core.suite == 1 else self.open_gcm)(body)
        self.read = 0

    def open_cbc(self, body):
        ciphertext, tag = body[:-32], body[-32:]
        place = self.index.to_bytes(8, "big") + bytes([self.final])
        right = hmac_sha256(self.mac, place, len(ciphertext).to_bytes(4, "big"), ciphertext)
        check(hmac.compare_digest(right, tag), "not-authentic", "M-CBC-1")
        iv = Cipher(algorithms.AES(self.iv), modes.ECB()).encryptor().update(place + bytes(7))
        plain = Cipher(algorithms.AES(self.enc), modes.CBC(iv)).decryptor().update(ciphertext)
        if self.final:  # M-CBC-2
            length = plain[-1]
            sound = 1 <= length <= 16 and plain.endswith(bytes([length]) * length)
            check(sound, "not-authentic", "M-CBC-2")
            plain = plain[:-length]
        return plain, tag

    def open_gcm(self, body):
        nonce = bytes([self.final, 0, 0, 0]) + self.index.to_bytes(8, "big")
        try:
            return AESGCM(self.enc).decrypt(nonce, body, None), sha256(body)
        except InvalidTag:
            raise Refused("not-authentic", "M-GCM-1") from None

    @property
    def offset(self):
        """Where the next byte stands in the content."""
        return self.start + self.read

    def some(self):
        """What is left of this chunk; of the next one where this one is used up."""
        while self.read == len(self.piece):
            check(not self.final, "content", "M-REC-4")
            self.start += len(self.piece)
            self.leaves += self.leaf
            self.index += 1
            self.open_next()
        return self.piece[self.read:]

    def pieces(self, length):
        while length > 0:
            some = self.some()[:length]
            self.read += len(some)
            length -= len(some)
            yield some

    def take(self, length):
        return b"".join(self.pieces(length))


# Section 7.2: the manifest.

class NotDeterministic(Exception):
    pass


def cbor_head(data):
    """Major type and argument, in the shortest form; no indefinite length."""
    first = data.number(1)
    extra = first & 31
    if extra < 24:
        return first >> 5, extra
    if extra > 27:
        raise NotDeterministic
    argument = data.number(1 << extra - 24)
    if argument < {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}[extra]:
        raise NotDeterministic
    return first >> 5, argument


def cbor_value(data):
    major, argument = cbor_head(data)
    if major == 0:
        return argument
    if major == 1:
        return -1 - argument
    if major == 2:
        return data.take(argument)
    if major == 3:
        return data.take(argument).decode("utf-8")
    if major == 5:
        return cbor_words(data, argument)
    raise NotDeterministic


def cbor_words(data, count):
    """{ 1*64 (tstr => tstr) }, the names in the order of their encodings."""
    words, before = {}, b""
    for _ in range(count if 1 <= count <= 64 else 0):
        start = data.at
        name = cbor_value(data)
        encoding = data.data[start:data.at]
        text = cbor_value(data)
        if not isinstance(name, str) or not isinstance(text, str) or encoding <= before:
            raise NotDeterministic
        words[name], before = text, encoding
    return words


def word(value):
    return isinstance(value, str) and re.fullmatch(r"[\x21-\x7E]{1,127}", value) is not None


def between(least, most):
    return lambda value: isinstance(value, int) and least <= value <= most


SIGNED_64 = between(-2**63, 2**63 - 1)
NUMBER_32 = between(0, 2**32 - 1)
MANIFEST_KEYS = {
    1: word, 2: word, 3: NUMBER_32, 4: NUMBER_32, 5: NUMBER_32, 6: between(0, 255), 7: between(0, 255),
    8: lambda value: isinstance(value, str) and 1 <= len(value.encode()) <= 1024,
    9: SIGNED_64,
    10: lambda value: isinstance(value, dict) and len(value) > 0,
    11: lambda value: isinstance(value, bytes) and len(value) == 32,
}


MEANINGS = {
    "MONOCHROME1": [1], "MONOCHROME2": [1], "RGB": [3], "YBR_FULL": [3], "BGR": [3], "RGBA": [4], "BGRA": [4],
    "UNSPECIFIED": [1, 2, 3, 4],
}
BITS = {"u8": 8, "u16": 16, "i16": 16, "f32": 32}
LAYOUT_KEYS = {
    1: lambda value: value in BITS,
    2: between(1, 32),
    3: lambda value: value in MEANINGS,
    4: lambda value: value in ("little", "big"),
    5: SIGNED_64,
    6: word,
    7: lambda value: isinstance(value, bytes) and len(value) == 32,
}


def cbor_layout(data):
    """M-SAMPLE-1: key 12, whose keys are numbers too."""
    major, count = cbor_head(data)
    layout = {}
    for _ in range(count if major == 5 else 0):
        major, key = cbor_head(data)
        value = cbor_value(data)
        sound = major == 0 and key in LAYOUT_KEYS and key > max(layout, default=-1)
        if not sound or isinstance(value, (dict, list)) or not LAYOUT_KEYS[key](value):
            raise NotDeterministic
        layout[key] = value
    if not {1, 2, 3, 4} <= layout.keys() or (6 in layout) != (7 in layout):
        raise NotDeterministic
    return layout


def sound_frame(manifest):
    """M-SAMPLE-2: the manifest says the same as key 12, where that is there."""
    if 12 not in manifest:
        return True
    layout = manifest[12]
    bits, samples = BITS[layout[1]], manifest.get(6)
    size = manifest.get(3, 0) * manifest.get(4, 0) * (samples or 0) * bits // 8
    return (layout[2] <= bits and samples in MEANINGS[layout[3]] and manifest.get(7) == bits
            and not (bits == 8 and layout[4] == "big") and 0 < size <= 1 << 40)


def other_key(value):
    """M-MAN-3: keys from 128 on."""
    return isinstance(value, (str, bytes)) or SIGNED_64(value)


def read_manifest(body):
    manifest, data = {}, Bytes(body)
    try:
        major, count = cbor_head(data)
        sound = major == 5 and count <= 64
        for _ in range(count if sound else 0):
            major, key = cbor_head(data)
            value = cbor_layout(data) if key == 12 else cbor_value(data)
            allowed = (lambda _: True) if key == 12 else MANIFEST_KEYS.get(key, other_key if key >= 128 else lambda _: False)
            sound = sound and major == 0 and key > max(manifest, default=-1) and allowed(value)
            manifest[key] = value
        sound = sound and not data.rest() and 1 in manifest and 2 in manifest and sound_frame(manifest)
    except (NotDeterministic, Short, UnicodeDecodeError):
        sound = False
    check(sound, "content", "M-MAN-1")
    return manifest


# Section 8: CLOSE and signatures.

@dataclass
class Close:
    index_offset: int
    algorithm: int
    time: int = 0
    spki: bytes = b""
    intended: list = field(default_factory=list)
    signature: bytes = b""


def read_close(record):
    """A CLOSE from its kind to the end of its chunk."""
    check(len(record) >= 21, "content", "M-CLOSE-1")
    check(number(record[1:8]) == len(record) - 8, "content", "M-CLOSE-1")
    check(number(record[-4:]) == len(record), "content", "M-CLOSE-3")
    parts = Bytes(record[8:-4])
    close = Close(parts.number(8), parts.number(1))
    check(close.algorithm <= 2, "content", "M-CLOSE-5")
    if close.algorithm:
        try:
            close.time, close.spki = parts.number(8), parts.prefixed(2)
            close.intended = [parts.take(32) for _ in range(parts.number(1))]
            close.signature = parts.prefixed(2)
        except Short:
            raise Refused("content", "M-CLOSE-3") from None
        ascending = all(a < b for a, b in zip(close.intended, close.intended[1:]))
        check(ascending and len(close.intended) <= 32, "content", "M-CLOSE-6")
        check(len(close.spki) <= 600 and 1 <= len(close.signature) <= 512, "content", "M-CLOSE-6")
    check(not parts.rest(), "content", "M-CLOSE-3")
    return close


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def edwards_y(encoded):
    return number(bytes(reversed(encoded))) % 2**255 % P


def small_order(encoded):
    """Whether eight times the point is the neutral element; the sign of x does not matter for that.

    y of the double of a point is (y² + x²) / (1 − d x² y²), and x² = (y² − 1) / (d y² + 1).
    """
    y = edwards_y(encoded)
    for _ in range(3):
        yy = y * y % P
        xx = (yy - 1) * pow(D * yy + 1, -1, P) % P
        y = (yy + xx) * pow(1 - D * xx * yy, -1, P) % P
    return y == 1


def signature_holds(algorithm, spki, message, signature):
    """M-SIG-1 to M-SIG-3."""
    try:
        key = load_der_public_key(spki)
        if spki_of(key) != spki:
            return False
        if algorithm == 1 and isinstance(key, rsa.RSAPublicKey) and rsa_allowed(key):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
            key.verify(signature, message, pss, hashes.SHA256())
            return True
        if algorithm == 2 and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)  # the scalar is checked there
            return not small_order(spki[-32:]) and not small_order(signature[:32])
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        pass
    return False


# Sections 7 and 8: from records to items.

@dataclass
class Item:
    manifest: dict
    offset: int
    original: bytearray = field(default_factory=bytearray)
    preview: bytes | None = None
    digest: bytes = b""

    def index_line(self):
        media_type, name = self.manifest[2].encode(), self.manifest.get(8, "").encode()
        return b"".join([
            self.offset.to_bytes(8, "big"), len(self.original).to_bytes(8, "big"),
            bytes([len(self.digest) > 0]), self.digest,
            bytes([len(media_type)]), media_type, len(name).to_bytes(2, "big"), name])


# The table in section 7.5; a CLOSE behind INDEX must be in FINAL.
MAY_FOLLOW = {
    "beginning": {MANIFEST, INDEX, CLOSE},
    MANIFEST: {PREVIEW, DATA},
    PREVIEW: {DATA},
    DATA: {MANIFEST, DATA, DIGEST, INDEX, CLOSE},
    DIGEST: {MANIFEST, INDEX, CLOSE},
    INDEX: {CLOSE},
}


class Opened:
    """A stream that is being opened, and when `verify` has returned, one that is verified."""

    def __init__(self, stream, identities, context=b"", trusted=()):
        self.stream, self.identities = Bytes(stream), identities
        self.context, self.trusted = context, list(trusted)
        self.items, self.checkpoints, self.covered = [], 0, 0
        self.close = self.judgement = None
        self.index_offset = 0

    def verify(self):
        self.core = read_core(self.stream)
        recipients = read_recipients(self.stream)
        self.keys, self.identity = unlock(self.core, recipients, self.identities, self.context)
        check(self.core.signed or not self.trusted, "policy", "M-JUDGE-1")
        self.chunks = Chunks(self.core, self.keys, self.stream)
        self.content()
        check(not self.stream.rest(), "format", "M-STREAM-5", self.stream.at)
        return self

    def released(self):
        """The originals so far; where a signer is required, what a verified CLOSE covers."""
        originals = b"".join(item.original for item in self.items)
        return originals[:self.covered] if self.trusted else originals

    def content(self):
        chunks, after = self.chunks, "beginning"
        while True:
            kind, offset = chunks.some()[0], chunks.offset
            if kind == CLOSE:
                ordered = CLOSE in MAY_FOLLOW[after] and (after != INDEX or chunks.final)
                check(ordered, "content", "M-ORDER-1")
                self.read_close()
                if chunks.final:
                    return
                after = "beginning"
                continue
            chunks.read += 1
            if kind == 0:  # M-REC-3
                continue
            check(kind < 7 or kind >= 0x80, "content", "M-REC-1")
            if kind < 7:
                check(kind in MAY_FOLLOW[after], "content", "M-ORDER-1")
                check(kind != INDEX or self.items, "content", "M-INDEX-1")
            length = number(chunks.take(7))
            if kind >= 0x80:  # M-REC-2
                for _ in chunks.pieces(length):
                    pass
                continue
            self.record(kind, offset, length, again=after == kind)
            after = kind

    def record(self, kind, offset, length, again):
        chunks = self.chunks
        if kind == MANIFEST:
            check(length <= 65536, "content", "M-MAN-4")
            self.items.append(Item(read_manifest(chunks.take(length)), offset))
            return
        item = self.items[-1]
        if kind == PREVIEW:
            check(length <= 65536, "content", "M-ITEM-4")
            item.preview = chunks.take(length)
        elif kind == DATA:
            # A second DATA must have bytes, and the first must have had some.
            check(not again or length and item.original, "content", "M-ITEM-1")
            for piece in chunks.pieces(length):
                item.original += piece
        elif kind == DIGEST:
            check(length == 32, "content", "M-ITEM-3")
            item.digest = chunks.take(length)
            check(item.digest == sha256(item.original), "content", "M-ITEM-3")
        else:
            lines = b"".join(item.index_line() for item in self.items)
            check(length == len(lines) and chunks.take(length) == lines, "content", "M-INDEX-1")
            self.index_offset = offset

    def read_close(self):
        chunks = self.chunks
        close = read_close(chunks.some())
        check(close.index_offset == self.index_offset, "content", "M-CLOSE-4")
        check(close.algorithm or not self.core.signed, "signature", "M-CLOSE-7")
        check(not close.algorithm or self.core.signed, "content", "M-CLOSE-7")
        if close.algorithm:
            self.judge(close)
        self.covered = sum(len(item.original) for item in self.items)
        self.checkpoints += not chunks.final
        chunks.read = len(chunks.piece)

    def judge(self, close):
        """Section 8.2 and 8.4."""
        chunks = self.chunks
        up_to_signature = chunks.piece[:-4 - len(close.signature)]
        message = b"".join([
            b"secimg/1 signature\0", self.core.transfer_id, chunks.index.to_bytes(8, "big"),
            bytes([chunks.final]), sha256(chunks.leaves), sha256(up_to_signature)])
        holds = signature_holds(close.algorithm, close.spki, message, close.signature)
        check(holds, "signature", "M-SIG-1")
        check(self.close is None or self.close.spki == close.spki, "signature", "M-SIG-4")
        check(not self.trusted or close.spki in self.trusted, "policy", "M-JUDGE-1")
        self.close = close
        if not close.intended or self.identity.spki is None:  # M-JUDGE-3
            self.judgement = "unlisted"
        else:
            listed = sha256(self.identity.spki) in close.intended
            self.judgement = "intended" if listed else "not_intended"


# Section 10: receipts.

@dataclass
class Receipt:
    verdict: int
    transfer_id: bytes
    proof: bytes  # item count, digest hash and tag
    block: tuple | None = None  # algorithm, SPKI, what is under the signature, signature


def read_receipt(data):
    """A receipt that is the whole of `data` (M-RECEIPT-3); `Short` or None where it is none."""
    rest = Bytes(data)
    magic = rest.take(8)
    receipt = Receipt(rest.number(1), rest.take(32), rest.take(68))
    algorithm = rest.number(1)
    sound = magic == RECEIPT_MAGIC and receipt.verdict <= 4 and algorithm <= 2
    if sound and algorithm:
        rest.take(8)  # the time
        spki, length = rest.prefixed(2), rest.number(2)
        receipt.block = algorithm, spki, data[:rest.at], rest.take(length)
        sound = 1 <= len(spki) <= 600 and 1 <= length <= 512
    return receipt if sound and not rest.rest() else None


def judge_receipt(data, opened, required=()):
    """What the sender of this stream makes of a receipt, in the words of the kit (M-RECEIPT-2 and 4)."""
    try:
        receipt = read_receipt(data)
    except Short:
        receipt = None
    if receipt is None:
        return "false"
    of_this_stream = receipt.transfer_id == opened.core.transfer_id
    if receipt.verdict in (0, 2, 4):
        sound = not any(receipt.proof) and receipt.block is None
        sound = sound and (of_this_stream or receipt.verdict != 2)
    else:
        digests = sha256(*(sha256(item.original) for item in opened.items))
        proof = len(opened.items).to_bytes(4, "big") + digests
        proof += hmac_sha256(opened.keys["receipt"], data[:41], proof)
        sound = of_this_stream and hmac.compare_digest(receipt.proof, proof)
    if sound and receipt.block:
        algorithm, spki, covered, signature = receipt.block
        sound = signature_holds(algorithm, spki, b"secimg/1 receipt\0" + covered, signature)
    if not sound:
        return "false"
    if receipt.verdict in (0, 4):
        return {0: "refused", 4: "not-stored"}[receipt.verdict]
    if required and (receipt.block is None or receipt.block[1] not in required):
        return "policy"
    return {1: "accepted", 2: "stored", 3: "accepted-before"}[receipt.verdict]


# Section 10: going on.

def chunk_frames(opened):
    """The CHUNK frames of a sound stream, headers included."""
    data, at, frames = opened.stream.data, 8, []
    while at < len(data):
        end = at + 4 + number(data[at + 1:at + 4])
        if data[at] == 3:
            frames.append(data[at:end])
        at = end
    return frames


def answer_query(query, opened, held):
    """The answer of a receiver that holds so many frames of this stream, and which start it takes (M-XFER-3)."""
    magic, named = query[:8], query[8:]
    if magic != QUERY_MAGIC:
        return b"", lambda start: False
    same = named == opened.core.transfer_id
    frames = chunk_frames(opened)[:held if same else 0]
    answer = HELD_MAGIC + named + len(frames).to_bytes(8, "big") + sha256(b"".join(frames))
    return answer, lambda start: same and start in (0, len(frames))


def goes_on_from(answer, opened):
    """Where the sender goes on (M-XFER-2), in the words of the kit."""
    if answer[:8] != HELD_MAGIC or answer[8:40] != opened.core.transfer_id:
        return "false"
    count, frames = number(answer[40:48]), chunk_frames(opened)
    same = count <= len(frames) and sha256(b"".join(frames[:count])) == answer[48:]
    return str(count if same else 0)


# The vectors.

def vector_reader(folder, vector):
    """The arguments with which a vector is to be opened."""
    def identity(key):
        if key["kind"] == "raw":
            return RawKey(bytes.fromhex(key["key"]))
        if key["kind"] == "passphrase":
            return Passphrase(key["text"])
        return private_key((folder / key["file"]).read_bytes())
    trusted = public_keys(folder, vector["trusted_signers"])
    return [identity(key) for key in vector["identities"]], vector["context"].encode(), trusted


def public_keys(folder, files):
    return [der_of_pem((folder / file).read_bytes()) for file in files]


def differences(folder, vector):
    """The stream, opened, and where our answer is not that of the index."""
    stream = (folder / vector["file"]).read_bytes()[vector["stream_at"]:]
    opened = Opened(stream, *vector_reader(folder, vector))
    found = {}
    try:
        opened.verify()
        found["expect"] = "success"
    except Refused as refused:
        found["expect"] = refused.kind
        if refused.offset is not None:
            found["offset"] = refused.offset
    released = hashlib.sha256(opened.released()).hexdigest()
    if found["expect"] == "success":
        found |= {
            "suite": f"{opened.core.suite:04x}",
            "transfer_id": opened.core.transfer_id.hex(),
            "cek": opened.keys.cek.hex(),
            "checkpoints": opened.checkpoints,
            "payload_sha256": released,
            "items": [{
                "name": item.manifest.get(8),
                "media_type": item.manifest[2],
                "bytes": len(item.original),
                "sha256": hashlib.sha256(item.original).hexdigest(),
            } for item in opened.items],
            "signature": opened.close and {
                "algorithm": {1: "rsa-pss-sha256", 2: "ed25519"}[opened.close.algorithm],
                "judgement": opened.judgement,
            },
        }
    elif "released_sha256" in vector:
        found["released_sha256"] = released
    return opened, [f"{key}: expected {vector.get(key)}, found {value}"
                    for key, value in found.items() if vector.get(key) != value]


def receipts_of(folder, vector):
    """Each receipt of a sound stream: its bytes, the required signers, and what is to be made of it."""
    yield bytes.fromhex(vector["receipt"]), [], "accepted"
    if "answer" in vector:
        required = public_keys(folder, vector["receipt_signers"])
        yield bytes.fromhex(vector["answer"]), required, vector["answer_expect"]


def changed_in_one_bit(data):
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


class Count:
    """How many of how many were as they should be; the others are printed."""

    def __init__(self):
        self.agree = self.all = 0

    def add(self, name, wrong):
        self.all += 1
        self.agree += not wrong
        for line in wrong:
            print(f"{name}: {line}")

    def __str__(self):
        return f"{self.agree} of {self.all}"


def check_receipts(folder, vector, opened, receipts, changes):
    for receipt, required, expect in receipts_of(folder, vector):
        judged = judge_receipt(receipt, opened, required)
        wrong = [] if judged == expect else [f"receipt: expected {expect}, found {judged}"]
        receipts.add(vector["file"], wrong)
        if expect in ("accepted", "accepted-before"):
            for changed in changed_in_one_bit(receipt):
                judged = judge_receipt(changed, opened, required)
                wrong = [] if judged == "false" else [f"changed receipt {changed.hex()}: {judged}"]
                changes.add(vector["file"], wrong)


def check_going_on(vector, opened, queries):
    """What a receiver answers to a query and then takes, and where a sender goes on from an answer."""
    wrong = []
    if "query" in vector:
        query, held = bytes.fromhex(vector["query"]), int(vector["held_frames"])
        answer, accepts = answer_query(query, opened, held)
        if answer.hex() != vector.get("held", ""):
            wrong.append(f"query: answered {answer.hex()}")
        verdict = "accepted" if accepts(int(vector["start"])) else "refused"
        if verdict != vector["query_expect"]:
            wrong.append(f"query: {verdict}")
    elif "held_answer" in vector:
        start = goes_on_from(bytes.fromhex(vector["held_answer"]), opened)
        if start != vector["goes_on_from"]:
            wrong.append(f"answer to a query: goes on from {start}")
    else:
        return
    queries.add(vector["file"], wrong)


def check_vectors(folder):
    vectors = json.loads((folder / "index.json").read_text("utf-8"))
    streams, receipts, changes, queries = Count(), Count(), Count(), Count()
    for vector in vectors:
        opened, wrong = differences(folder, vector)
        streams.add(vector["file"], wrong)
        if vector["expect"] == "success" and not wrong:
            check_receipts(folder, vector, opened, receipts, changes)
            check_going_on(vector, opened, queries)
    print(f"streams: {streams}")
    print(f"receipts: {receipts}")
    print(f"accepting receipts with a bit changed: {changes} refused")
    print(f"queries and their answers: {queries}")
    counts = streams, receipts, queries
    print(f"agree: {sum(count.agree for count in counts)} of {sum(count.all for count in counts)}")
    return all(count.agree == count.all > 0 for count in (*counts, changes))


# The command line.

def write_items(opened, folder):
    """Names are claims: only the last part of one is used, and never over a file that exists."""
    folder.mkdir(parents=True, exist_ok=True)
    for count, item in enumerate(opened.items, 1):
        name = re.split(r"[/\\]", item.manifest.get(8, ""))[-1]
        if not re.fullmatch(r"[\w][\w .()+,@-]{0,200}", name):
            name = "item"
        if (folder / name).exists():
            name = f"{count}-{name}"
        with open(folder / name, "xb") as file:
            file.write(item.original)
        print(f"{name}: {len(item.original)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--vectors", type=Path, metavar="DIR", help="check every vector of DIR/index.json")
    parser.add_argument("-i", "--identity", type=Path, action="append", default=[], metavar="KEY.pem")
    parser.add_argument("--raw-key", type=Path, action="append", default=[], help="a file of 32 bytes")
    parser.add_argument("--passphrase-file", type=Path, action="append", default=[])
    parser.add_argument("--context", default="", help="the context that the stream was sealed with")
    parser.add_argument("--signer", type=Path, action="append", default=[], metavar="KEY.pub",
                        help="require a signature by this key, or by one of several")
    parser.add_argument("--receipt", type=Path, metavar="RECEIPT", help="judge this receipt; write no items")
    parser.add_argument("--receipt-from", type=Path, action="append", default=[], metavar="KEY.pub",
                        help="require a receipt signed by this key, or by one of several")
    parser.add_argument("-O", "--output-dir", type=Path, default=Path("."), metavar="DIR")
    parser.add_argument("sealed", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.vectors:
        return 0 if check_vectors(arguments.vectors) else 1
    if not arguments.sealed:
        parser.error("name a sealed file, or --vectors")
    identities = [private_key(path.read_bytes()) for path in arguments.identity]
    identities += [RawKey(path.read_bytes()) for path in arguments.raw_key]
    identities += [Passphrase(path.read_text("utf-8").rstrip("\r\n")) for path in arguments.passphrase_file]
    trusted = [der_of_pem(path.read_bytes()) for path in arguments.signer]
    opened = Opened(arguments.sealed.read_bytes(), identities, arguments.context.encode(), trusted)
    try:
        opened.verify()
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 1
    if arguments.receipt:
        required = [der_of_pem(path.read_bytes()) for path in arguments.receipt_from]
        judged = judge_receipt(arguments.receipt.read_bytes(), opened, required)
        print(f"receipt: {judged}")
        return 0 if judged in ("accepted", "accepted-before") else 1
    write_items(opened, arguments.output_dir)
    signature = f"signed, {opened.judgement}" if opened.close else "not signed"
    print(f"verified: {len(opened.items)} items, {signature}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
