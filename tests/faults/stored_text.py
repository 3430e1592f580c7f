"""Reads the content of files by their format: decompresses blocks of table files, and joins records of write-ahead logs
and manifests. A search of the raw bytes would miss a text that is compressed or split between records.
"""

import contextlib
import os
import re
import shutil
import subprocess

SST_DUMP = shutil.which("sst_dump")
BLOCK = 32_768
HEADER = 7
ZERO, FULL, FIRST, MIDDLE, LAST = range(5)
ENTRY = re.compile(rb"(?m)^'([0-9A-F]*)' seq:\d+, type:\d+ => ([0-9A-F]*)$")


class Unreadable(AssertionError):
    """A file does not have the format that its name says."""


def of_table(path):
    """Keys and values of a table file, including deleted and replaced ones, a line feed after each."""
    done = subprocess.run([SST_DUMP, "--file=" + path, "--command=scan", "--output_hex"], capture_output=True,
                          check=False)
    if done.returncode != 0 or b"not a valid" in done.stdout + done.stderr or b"Corruption" in done.stderr:
        raise Unreadable(f"{path}: {(done.stdout + done.stderr).decode(errors='replace')[-300:]}")
    return b"".join(bytes.fromhex(part.decode()) + b"\n" for entry in ENTRY.findall(done.stdout) for part in entry)


def of_records(data):
    """The records of a write-ahead log or a manifest, each joined; from the first invalid record on the raw bytes."""
    records, parts, at = [], [], 0
    while at + HEADER <= len(data):
        if BLOCK - at % BLOCK < HEADER:
            at += BLOCK - at % BLOCK
            continue
        length, kind = int.from_bytes(data[at + 4:at + 6], "little"), data[at + 6]
        if kind == ZERO and length == 0:
            break  # room that was taken beforehand
        if kind > LAST or at + HEADER + length > len(data):
            break
        parts.append(data[at + HEADER:at + HEADER + length])
        if kind in (FULL, LAST):
            records.append(b"".join(parts))
            parts = []
        at += HEADER + length
    return b"\n".join([*records, *parts, data[at:]])


def in_file(path):
    """The content of the file by its format, followed by its raw bytes."""
    with open(path, "rb") as file:
        raw = file.read()
    name = os.path.basename(path)
    if name.endswith(".sst"):
        return of_table(path) + raw
    if name.endswith(".log") or name.startswith("MANIFEST-"):
        return of_records(raw) + b"\n" + raw
    return raw


def below(folder, leave_out=(), running=False):
    """Name and content of each file below the folder. Files of a running server may vanish or be incomplete."""
    for here, folders, names in os.walk(folder):
        if here == folder:
            folders[:] = [each for each in folders if each not in leave_out]
        for name in names:
            path = os.path.join(here, name)
            with contextlib.suppress(FileNotFoundError):
                try:
                    yield os.path.relpath(path, folder), in_file(path)
                except Unreadable:
                    if not running:
                        raise
                    with open(path, "rb") as file:
                        yield os.path.relpath(path, folder), file.read()
