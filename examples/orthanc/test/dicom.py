#!/usr/bin/env python3
"""dicom.py OUT NUMBER BYTES [PATIENT]: writes a valid Secondary Capture image of about BYTES bytes.
dicom.py FOLDER/ NUMBER BYTES COUNT: writes COUNT of them, 1.dcm and on, with numbers from NUMBER.

NUMBER makes its UIDs and its pixels, so that the same arguments always give the same file.
"""
import random
import struct
import sys
import uuid

SC = "1.2.840.10008.5.1.4.1.1.7"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
LONG = {"OB", "OW", "SQ", "UN", "UT"}


def uid(what, number):
    """An UID that needs no registered root, from a UUID (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{what} {number}').int}"


def element(group, number, vr, value):
    if isinstance(value, str):
        value = value.encode("ascii")
    if isinstance(value, int):
        value = struct.pack("<H", value)
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB") else b" "
    head = struct.pack("<HH2s", group, number, vr.encode("ascii"))
    size = struct.pack("<HI", 0, len(value)) if vr in LONG else struct.pack("<H", len(value))
    return head + size + value


def meta(instance):
    body = b"".join([
        element(0x0002, 0x0001, "OB", b"\0\1"),
        element(0x0002, 0x0002, "UI", SC),
        element(0x0002, 0x0003, "UI", instance),
        element(0x0002, 0x0010, "UI", EXPLICIT_LE),
        element(0x0002, 0x0012, "UI", uid("writer", 0)),
    ])
    return element(0x0002, 0x0000, "UL", struct.pack("<I", len(body))) + body


def dataset(number, patient, size):
    columns = 1024
    rows = max(1, size // (2 * columns))
    pixels = random.Random(number).randbytes(2 * rows * columns)
    return b"".join([
        element(0x0008, 0x0016, "UI", SC),
        element(0x0008, 0x0018, "UI", uid("instance", number)),
        element(0x0008, 0x0020, "DA", "20260101"),
        element(0x0008, 0x0060, "CS", "OT"),
        element(0x0008, 0x0064, "CS", "WSD"),
        element(0x0010, 0x0010, "PN", patient),
        element(0x0010, 0x0020, "LO", f"ID{number:06}"),
        element(0x0020, 0x000D, "UI", uid("study", number)),
        element(0x0020, 0x000E, "UI", uid("series", number)),
        element(0x0020, 0x0013, "IS", "1"),
        element(0x0028, 0x0002, "US", 1),
        element(0x0028, 0x0004, "CS", "MONOCHROME2"),
        element(0x0028, 0x0010, "US", rows),
        element(0x0028, 0x0011, "US", columns),
        element(0x0028, 0x0100, "US", 16),
        element(0x0028, 0x0101, "US", 16),
        element(0x0028, 0x0102, "US", 15),
        element(0x0028, 0x0103, "US", 0),
        element(0x7FE0, 0x0010, "OW", pixels),
    ])


def write(out, number, size, patient):
    with open(out, "wb") as file:
        file.write(b"\0" * 128 + b"DICM" + meta(uid("instance", number)) + dataset(number, patient, size))


def main():
    out, number, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if not out.endswith("/"):
        write(out, number, size, sys.argv[4] if len(sys.argv) > 4 else f"PATIENT^{number}")
        return
    for file in range(int(sys.argv[4])):
        write(f"{out}{file + 1}.dcm", number + file, size, f"PATIENT^{number + file}")


main()
