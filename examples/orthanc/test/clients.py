#!/usr/bin/env python3
"""clients.py URL FILE...: eight clients read files and tags, while four store and delete others."""
import http.client
import json
import sys
import threading
import urllib.parse

READERS = 8
ROUNDS = 25
WRITERS = 4

address = urllib.parse.urlsplit(sys.argv[1]).netloc
failures = []
counts = {"files": 0, "tags": 0, "stored": 0}
lock = threading.Lock()


def request(connection, method, path, body=None):
    connection.request(method, path, body)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{method} {path}: {answer.status}")
    return content


def counted(what):
    with lock:
        counts[what] += 1


def upload(connection, content):
    return json.loads(request(connection, "POST", "/instances", content))["ID"]


def reader(number, stored):
    connection = http.client.HTTPConnection(address)
    for turn in range(ROUNDS):
        instance, content = stored[(number + turn) % len(stored)]
        if request(connection, "GET", f"/instances/{instance}/file") != content:
            raise RuntimeError(f"{instance}: other bytes")
        counted("files")
        request(connection, "GET", f"/instances/{instance}/tags")
        counted("tags")


def writer(number, content):
    connection = http.client.HTTPConnection(address)
    for _ in range(ROUNDS):
        instance = upload(connection, content)
        if request(connection, "GET", f"/instances/{instance}/file") != content:
            raise RuntimeError(f"{instance}: other bytes")
        request(connection, "DELETE", f"/instances/{instance}")
        counted("stored")


def run(work, *arguments):
    try:
        work(*arguments)
    except Exception as failure:  # any of them is the test's
        failures.append(f"{work.__name__}: {failure}")


def main():
    contents = [open(path, "rb").read() for path in sys.argv[2:]]
    connection = http.client.HTTPConnection(address)
    stored = [(upload(connection, content), content) for content in contents]
    threads = [threading.Thread(target=run, args=(reader, number, stored)) for number in range(READERS)]
    for number in range(WRITERS):
        content = open(f"load/{number + 1}.dcm", "rb").read()
        threads.append(threading.Thread(target=run, args=(writer, number, content)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{READERS} clients read {counts['files']} files and {counts['tags']} times tags, identical, "
          f"while {WRITERS} stored, read and deleted {counts['stored']}")
    sys.exit("\n".join(failures) if failures else 0)


main()
