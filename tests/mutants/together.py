#!/usr/bin/env python3
"""All mutants of `cargo mutants` in one build: tests/mutants/together.py WORK [--jobs N] [--only REGEX]

`cargo mutants` builds the library anew for each of the two thousand mutants of the floors that
`.cargo/mutants.toml` names. Here it only says which mutants there are. Each function then gets the bodies of
all its mutants beside its own, chosen by $SECIMG_MUTANT when the tests run, and one build serves all. What
does not compile is taken out as the compiler names it. What cannot be chosen at run time (constants, and
functions that return `impl Trait`) is listed at the end, for `cargo mutants` itself.

Mutants that no test can or shall catch are in `survivors.txt`, each under its reason; any other that is
missed is told as MISSED, and the exit status is 1.

Needs `cargo install cargo-mutants`. WORK keeps the changed tree, its build and `outcomes.jsonl`; called
again, it goes on where it stopped. Behind a change of the library begin with an empty WORK: an outcome is
known by its mutant's place.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SURVIVORS = pathlib.Path(__file__).with_name("survivors.txt")
# Integration tests, from the quickest on, for the first that fails ends the run.
QUICK = [
    "freshness", "tracing", "attacks", "recipients", "read_at", "pull", "known_answers", "frames", "io",
    "live", "sealed_size", "vectors", "padding",
]
SLOW = ["preview", "rewrap", "asynchronous", "tamper", "redact", "split"]
# A program, not a test: it looks at memory that was given back, and is the last to be asked.
SEARCH = "secimg-zeroization"
FEATURES = "async,parallel,tracing"
MEMORY = 8 << 30
# Feature gates: a constant function cannot ask the environment; where a constant calls it, it is as it stands.
GATES = "#![feature(core_intrinsics, const_eval_select)]\n#![allow(internal_features)]\n"
CHOICE = '''
/// The number of the mutant that runs; see tests/mutants/together.py.
#[doc(hidden)]
pub const fn chosen_mutant() -> u32 {
    const fn none() -> u32 {
        0
    }
    fn chosen() -> u32 {
        static CHOSEN: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
        *CHOSEN.get_or_init(|| std::env::var("SECIMG_MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0))
    }
    core::intrinsics::const_eval_select((), none, chosen)
}
'''


class Source:
    """A file's text, with offsets for the lines and columns that cargo-mutants gives."""

    def __init__(self, path):
        self.text = (ROOT / path).read_text()
        self.starts = [0]
        for line in self.text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, span):
        at = lambda place: self.starts[place["line"] - 1] + place["column"] - 1
        return at(span["start"]), at(span["end"])


def body_start(text, start, end):
    """The offset of the brace that opens the body of the function in text[start:end], or None."""
    depth = 0
    token = re.compile(r'//[^\n]*|/\*.*?\*/|r#*"|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'|[()\[\]{]', re.S)
    for found in token.finditer(text, start, end):
        if found.group() in "([":
            depth += 1
        elif found.group() in ")]":
            depth -= 1
        elif found.group() == "{" and depth == 0:
            return found.start()
    return None


def list_mutants():
    listed = subprocess.run(
        ["cargo", "mutants", "--list", "--json"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    mutants = json.loads(listed.stdout)
    for number, mutant in enumerate(mutants, 1):
        mutant["number"] = number
    return mutants


def changed_line_agrees(source, mutant):
    """Whether our replacement is the one that cargo-mutants shows in its diff."""
    start, end = source.span(mutant["span"])
    ours = source.text[:start] + mutant["replacement"] + source.text[end:]
    marked = "\n".join(line[1:] for line in mutant["diff"].splitlines()[3:] if line[:1] in "+ ")
    squeeze = lambda text: re.sub(r"\s", "", text)
    return squeeze(re.sub(r"/\* ~ changed by cargo-mutants ~ \*/", "", marked)) in squeeze(ours)


def by_function(mutants, sources):
    """Groups mutants by file and outermost function; returns groups and the mutants outside functions."""
    functions, alone = collections.defaultdict(set), []
    for mutant in mutants:
        if mutant["function"]:
            functions[mutant["file"]].add(sources[mutant["file"]].span(mutant["function"]["span"]))
    groups = collections.defaultdict(list)
    for mutant in mutants:
        source = sources[mutant["file"]]
        place = source.span(mutant["span"])
        around = [span for span in functions[mutant["file"]] if span[0] <= place[0] and place[1] <= span[1]]
        if not mutant["function"] or not around:
            alone.append(mutant)
            continue
        start, end = min(around)
        opens = body_start(source.text, start, end)
        # Bodies of one function that returns an `impl Trait` have each their own type.
        if opens is None or place[0] <= opens or re.search(r"->\s*impl\b", source.text[start:opens]):
            alone.append(mutant)
        else:
            groups[mutant["file"], opens, end].append(mutant)
    return groups, alone


def write_tree(tree, groups, sources, left_out):
    """Writes the files with all bodies; returns, for each file, the lines that belong to a mutant."""
    lines_of, functions = collections.defaultdict(list), collections.defaultdict(list)
    for (file, opens, end), members in groups.items():
        functions[file].append((opens, end, [m for m in members if m["number"] not in left_out]))
    for file, bodies in functions.items():
        text, out, at = sources[file].text, [], 0
        line = lambda: sum(piece.count("\n") for piece in out) + 1
        for opens, end, members in sorted(bodies, key=lambda body: body[0]):
            out.append(text[at:opens])
            if members:
                out.append("{ match crate::chosen_mutant() {\n")
            for mutant in members:
                start, stop = sources[file].span(mutant["span"])
                first = line()
                out.append(f"{mutant['number']} => {text[opens:start]}{mutant['replacement']}{text[stop:end]}\n")
                lines_of[file].append((first, line() - 1, mutant["number"]))
            out.append(("_ => " + text[opens:end] + "\n} }") if members else text[opens:end])
            at = end
        out.append(text[at:])
        (tree / file).write_text("".join(out))
    return lines_of


def cargo(tree, *arguments):
    environment = dict(
        os.environ, RUSTFLAGS="--cap-lints=allow", RUSTC_BOOTSTRAP="secimg", CARGO_PROFILE_DEV_OPT_LEVEL="2",
        CARGO_TARGET_DIR=str(tree.parent / "target"),
    )
    command = ["cargo", *arguments, "--message-format=json"]
    run = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return run, [json.loads(line) for line in run.stdout.splitlines() if line.startswith(b"{")]


def blamed(messages, lines_of):
    """The mutants in whose lines the compiler found errors."""
    numbers, elsewhere = set(), []
    for message in messages:
        inner = message.get("message", {})
        if message.get("reason") != "compiler-message" or inner.get("level") != "error":
            continue
        found = set()
        for span in inner["spans"]:
            for first, last, number in lines_of.get(span["file_name"], []):
                if span["is_primary"] and first <= span["line_start"] <= last:
                    found.add(number)
        numbers |= found
        if not found and inner["spans"]:
            elsewhere.append(inner["rendered"])
    return numbers, elsewhere


def build(work, groups, sources):
    """Builds the tests with all mutants that compile; returns the test programs and what was left out."""
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns("target", ".git", "corpus", "artifacts"))
    library = tree / "src/lib.rs"
    library.write_text(GATES + (ROOT / "src/lib.rs").read_text() + CHOICE)
    left_out = set()
    while True:
        lines_of = write_tree(tree, groups, sources, left_out)
        run, messages = cargo(tree, "check", "--lib", "--features", FEATURES)
        numbers, elsewhere = blamed(messages, lines_of)
        print(f"{len(numbers)} mutants do not compile", flush=True)
        if not numbers:
            break
        left_out |= numbers
    if run.returncode:
        sys.exit("the changed tree does not compile:\n" + "\n".join(elsewhere) + run.stderr.decode())
    tests = [part for name in QUICK + SLOW for part in ("--test", name)]
    run, messages = cargo(tree, "test", "--no-run", "--features", FEATURES, "--lib", *tests)
    if run.returncode:
        sys.exit(run.stderr.decode())
    # In a folder of its own, as in .ci/run: cargo keeps one libsecimg.rlib in a folder, whatever it was built with.
    apart = ["--target-dir", str(work / "search")]
    search, more = cargo(tree, "build", "--manifest-path", "tests/zeroization/Cargo.toml", *apart)
    if search.returncode:
        sys.exit(search.stderr.decode())
    programs = {m["target"]["name"]: m["executable"] for m in messages + more if m.get("executable")}
    return programs, left_out


def compiled(program):
    """The files that the compiler read for a test program: what is for other processors is not among them."""
    rules = pathlib.Path(program + ".d").read_text().splitlines()
    return {file.partition("/tree/")[2] or file for rule in rules for file in rule.partition(": ")[2].split()}


def stages(programs, file, quick):
    """The runs for a mutant of this file, as program and arguments: what is near and quick comes first."""
    own = re.sub(r"(/mod)?\.rs$", "", file).removeprefix("src/").replace("/", "::") + "::"
    floor = own.split("::")[0] + "::"
    yield programs["secimg"], (own,)
    yield programs["secimg"], (floor, "--skip", own)
    for name in QUICK:
        yield programs[name], ()
    if quick:
        return
    yield programs["secimg"], ("--skip", floor)
    for name in SLOW:
        yield programs[name], ()
    yield programs[SEARCH], None


def run_tests(tree, program, filters, number, limit):
    """Runs tests with a mutant chosen and at most `limit` seconds of CPU time: (status, seconds, output).

    The status is that of the program, negative for a signal, None for one that waited for ever.
    """
    environment = dict(os.environ, SECIMG_MUTANT=str(number), RUSTC_BOOTSTRAP="1")
    command = [program]
    if filters is not None:
        command += [*filters, "-q", "--test-threads=1", "-Z", "unstable-options", "--fail-fast"]
    limits = f"ulimit -v {MEMORY >> 10}; ulimit -c 0; ulimit -S -t {limit}; exec \"$@\""
    before = time.monotonic()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            ["bash", "-c", limits, "bash", *command], cwd=tree, env=environment, stdout=output,
            stderr=subprocess.DEVNULL,
        )
        try:
            status = child.wait(timeout=20 + 4 * limit)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            status = None
        output.seek(0)
        return status, time.monotonic() - before, output.read()


class Trial:
    """The test programs of a tree, and how long each run takes without a mutant."""

    def __init__(self, tree, programs, quick):
        self.tree, self.programs, self.quick = tree, programs, quick
        self.limits, self.lock = {}, threading.Lock()

    def limit(self, stage):
        """Three times what the run takes without a mutant, and some seconds."""
        with self.lock:
            if stage not in self.limits:
                status, seconds, output = run_tests(self.tree, *stage, 0, 3600)
                if status != 0:
                    sys.exit(f"the tests fail without a mutant: {stage}\n{output.decode()}")
                self.limits[stage] = 3 + round(3 * seconds)
            return self.limits[stage]

    def attempt(self, mutant):
        """("caught" | "timeout" | "missed", by what)."""
        for stage in stages(self.programs, mutant["file"], self.quick):
            limit = self.limit(stage)
            status, _, output = run_tests(self.tree, *stage, mutant["number"], limit)
            if status is None or status == -signal.SIGXCPU:
                return "timeout", " ".join((pathlib.Path(stage[0]).name, *(stage[1] or ())))
            if status != 0:
                failed = re.findall(rb"^---- (\S+) stdout", output, re.M)
                return "caught", failed[0].decode() if failed else f"{stage[0]}: status {status}"
        return "missed", ""


def survivors():
    """How often each mutant, as `file: change`, is known to survive."""
    lines = SURVIVORS.read_text().splitlines()
    return collections.Counter(line for line in lines if line and not line.startswith("#"))


def without_place(name):
    """A mutant's name without line and column, which change with every line above it."""
    return re.sub(r":\d+:\d+: ", ": ", name, count=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="mutants whose names match")
    parser.add_argument("--quick", action="store_true", help="without the slowest tests")
    parser.add_argument("--again", action="store_true", help="try anew what was missed")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)

    mutants = list_mutants()
    sources = {file: Source(file) for file in {m["file"] for m in mutants}}
    disagreed = [m["name"] for m in mutants if not changed_line_agrees(sources[m["file"]], m)]
    if disagreed:
        sys.exit("not what cargo-mutants would do:\n" + "\n".join(disagreed))
    groups, alone = by_function(mutants, sources)
    programs, left_out = build(work, groups, sources)

    trial = Trial(work / "tree", programs, options.quick)
    for stage in stages(programs, "src/stream/mod.rs", options.quick):
        trial.limit(stage)
    print("without a mutant the tests pass", flush=True)

    record = work / "outcomes.jsonl"
    known = {}
    if record.exists():
        known = {o["name"]: o for o in map(json.loads, record.read_text().splitlines())}
    read = compiled(programs["secimg"])
    elsewhere = {m["number"] for m in mutants if m["file"] not in read} - {m["number"] for m in alone}
    apart = {m["number"] for m in alone} | left_out | elsewhere
    wanted = [
        m for m in mutants
        if m["number"] not in apart and re.search(options.only, m["name"])
        and (m["name"] not in known or options.again and known[m["name"]]["outcome"] == "missed")
    ]
    with record.open("a") as kept, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        tried = {pool.submit(trial.attempt, mutant): mutant for mutant in wanted}
        for done in concurrent.futures.as_completed(tried):
            name, (outcome, by) = tried[done]["name"], done.result()
            known[name] = {"name": name, "outcome": outcome, "by": by}
            kept.write(json.dumps(known[name]) + "\n")
            kept.flush()

    current = {m["name"] for m in mutants if m["number"] not in apart}
    counts = collections.Counter(o["outcome"] for o in known.values() if o["name"] in current)
    print(
        f"{len(mutants)} mutants: {dict(counts)}, {len(left_out)} do not compile, {len(elsewhere)} are not in"
        f" this build, {len(alone)} for cargo-mutants"
    )
    for mutant in alone:
        print("FOR CARGO-MUTANTS", mutant["name"])
    missed = sorted(name for name in current if known.get(name, {}).get("outcome") == "missed")
    expected, found = survivors(), collections.Counter(map(without_place, missed))
    for name in found - expected:
        print("MISSED", *(m for m in missed if without_place(m) == name), sep="\n    ")
    if not options.only and len(known.keys() & current) == len(current):
        for name in expected - found:
            print("CAUGHT, BUT NAMED AS A SURVIVOR", name)
    sys.exit(bool(found - expected))


if __name__ == "__main__":
    main()
