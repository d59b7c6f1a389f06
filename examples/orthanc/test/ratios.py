#!/usr/bin/env python3
"""ratios.py PLAIN SEALED: medians of two files of load.py's lines, and what one is of the other."""
import json
import statistics
import sys


def medians(path):
    with open(path) as file:
        runs = [json.loads(line) for line in file]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def main():
    plain, sealed = medians(sys.argv[1]), medians(sys.argv[2])
    count = plain["files"]
    words = []
    for key in ("store", "read", "tags"):
        cpu = f"{key}_cpu"
        words.append(f"{key} {sealed[key] / count:.2f} ms a file ({sealed[cpu] / count:.2f} of the processor), "
                     f"plain {plain[key] / count:.2f} ({plain[cpu] / count:.2f}), ratio {sealed[key] / plain[key]:.2f}")
    memory = sealed["memory"] / plain["memory"]
    words.append(f"memory {sealed['memory'] / 1024:.0f} MiB, {memory:.2f} of plain's {plain['memory'] / 1024:.0f}")
    print("; ".join(words))
    # Files are streamed: one that was held a second time would show here.
    sys.exit(0 if memory < 1.5 else "the plugin takes more memory than it should")


main()
