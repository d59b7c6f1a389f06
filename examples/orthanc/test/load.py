#!/usr/bin/env python3
"""load.py URL PID FOLDER: stores every file of FOLDER, reads each and its tags, one client after another.

Prints milliseconds for storing, reading and tags, and the peak of Orthanc's memory in KiB, as one JSON object.
"""
import http.client
import json
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


def timed(work):
    begin = time.perf_counter()
    result = work()
    return result, 1000 * (time.perf_counter() - begin)


def peak(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    sys.exit("no VmHWM")


def main():
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(sys.argv[1]).netloc)
    files = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[3]).glob("*.dcm"))]
    ids, store = timed(lambda: [json.loads(request(connection, "POST", "/instances", f))["ID"] for f in files])
    got, read = timed(lambda: [request(connection, "GET", f"/instances/{i}/file") for i in ids])
    if got != files:
        sys.exit("other bytes")
    _, tags = timed(lambda: [request(connection, "GET", f"/instances/{i}/tags") for i in ids])
    size = sum(len(f) for f in files)
    print(json.dumps({"files": len(files), "bytes": size, "store": store, "read": read, "tags": tags,
                      "memory": peak(sys.argv[2])}))


main()
