# Sorts valgrind's reports: by scenario, and by the row of named.txt that names them.
BEGIN { FS = "\t" }

FNR == NR {
    if ($0 !~ /^#/ && NF == 4) {
        rows++
        place_of[rows] = $1; stack_of[rows] = $2; source_of[rows] = $3; reason[rows] = $4
    }
    next
}

/^## / { scenario = substr($0, 4); scenarios++; if (scenario ~ /^control/) controls++; next }

/^==[0-9]+== (Conditional|Use of|Syscall|Invalid)/ { finish(); open = 1; title = $0; stack = ""; place = ""; compared = 0; next }
/^==[0-9]+== +(at|by) 0x/ && open {
    frame = $0
    sub(/^==[0-9]+== +(at|by) 0x[0-9A-F]+: /, "", frame)
    stack = stack " < " frame
    if (place != "") next
    if (frame ~ /(memcmp|bcmp|slice\/cmp\.rs|slice\/iter|array\/equality\.rs|core\/src\/iter\/)/) compared = 1
    if (frame !~ /\(library\// && frame !~ /vgpreload/) place = frame
    next
}
/^==[0-9]+== *$/ { finish(); next }
/ERROR SUMMARY/ { finish(); split($0, words, " "); for (i in words) if (words[i] == "contexts") contexts = words[i - 1] }

function finish(    row) {
    if (!open) return
    open = 0
    seen++
    if (scenario ~ /^control/) { fired[scenario] = 1; return }
    for (row = 1; row <= rows; row++)
        if (place ~ place_of[row] && stack ~ stack_of[row] && fits(row)) { named++; count[reason[row]]++; return }
    outside++
    print "NOT NAMED, in \"" scenario "\": " place
    print "   " stack
}

function fits(row) {
    if (compared && reason[row] ~ /^verdict/) return 0
    return source_of[row] == "." || source_line() ~ source_of[row]
}

# The line of our source that the place names: "function (file.rs:12)".
function source_line(    at, parts, find, path, text, number) {
    at = place
    sub(/.*\(/, "", at)
    sub(/\)$/, "", at)
    split(at, parts, ":")
    path = ""
    find = "find " root " -name " parts[1]
    find | getline path
    close(find)
    for (number = 0; number < parts[2] && (getline text < path) > 0; ) number++
    close(path)
    return text
}

END {
    for (name in fired) held++
    for (row = 1; row <= rows; row++)
        if (count[reason[row]]) { printf "%6d  %s\n", count[reason[row]], reason[row]; count[reason[row]] = 0 }
    printf "%d scenarios: %d of %d controls reported, %d named reports, %d reports outside what is named\n", \
        scenarios - controls, held, controls, named, outside
    if (seen != contexts) { printf "%d reports read of %d\n", seen, contexts; exit 1 }
    exit !(controls == 2 && held == 2 && outside == 0 && scenarios == 13)
}
