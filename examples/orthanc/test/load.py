#!/usr/bin/env python3
"""load.py URL PID FOLDER: stores every file of FOLDER, reads each and its tags, one client after another.

Prints milliseconds for storing, reading and tags, by the clock and of Orthanc's processor time, and the peak of its
memory in KiB, as one JSON object.
"""
import http.client
import json
import os
import pathlib
import sys
import time
import urllib.parse


def request(connection, method, path, body=None):
    connection.request(method, path, body)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        sys.exit(f"{method} {path}: {answer.status}")
    return content


def processor(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(pid, work):
    used, begin = processor(pid), time.perf_counter()
    result = work()
    return result, 1000 * (time.perf_counter() - begin), processor(pid) - used


def peak(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    sys.exit("no VmHWM")


def main():
    url, pid, folder = sys.argv[1:]
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)
    files = [path.read_bytes() for path in sorted(pathlib.Path(folder).glob("*.dcm"))]

    def get(ids, what):
        return [request(connection, "GET", f"/instances/{instance}/{what}") for instance in ids]

    run = {"files": len(files)}
    ids, run["store"], run["store_cpu"] = timed(
        pid, lambda: [json.loads(request(connection, "POST", "/instances", file))["ID"] for file in files])
    got, run["read"], run["read_cpu"] = timed(pid, lambda: get(ids, "file"))
    if got != files:
        sys.exit("other bytes")
    _, run["tags"], run["tags_cpu"] = timed(pid, lambda: get(ids, "tags"))
    run["memory"] = peak(pid)
    print(json.dumps(run))


main()
