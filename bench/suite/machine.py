"""Describes the machine, without which a measurement is meaningless."""

import json
import os
import platform
import re
import subprocess

PACKAGES = ("librocksdb-dev", "libboost1.81-dev", "libsimdjson-dev", "libsodium-dev", "libssl-dev", "libjemalloc-dev",
            "postgresql-15", "nodejs")


def first_match(path, pattern):
    with open(path, encoding="utf-8") as file:
        found = re.search(pattern, file.read())
    return found[1].strip() if found else "unknown"


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def describe(root, folder):
    """The machine, the tools and the state of the sources, as names and texts in the order of the report."""
    peers = json.loads((root / "bench/peers/package.json").read_text())["dependencies"]
    memory_kib = int(first_match("/proc/meminfo", r"MemTotal:\s*(\d+)"))
    disk = output_of("findmnt", "--noheadings", "--output", "SOURCE,FSTYPE", "--target", str(folder)).split()
    return {
        "CPU": first_match("/proc/cpuinfo", r"model name\s*:\s*(.+)"),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_kib / 1024 / 1024:.1f} GiB",
        "disk": " ".join(disk) or "unknown",
        "kernel": platform.release(),
        "compiler": output_of("g++", "--version").splitlines()[0],
        "packages": output_of("dpkg-query", "--show", "--showformat=${Package} ${Version}, ", *PACKAGES).strip(", "),
        "peers": ", ".join(f"{name} {version}" for name, version in peers.items()),
        "sources": output_of("git", "-C", str(root), "describe", "--always", "--dirty"),
    }
