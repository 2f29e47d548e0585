#!/bin/bash
# How long it takes to take over a site of many posts, and to take it over once more.
#
#   benches/import.sh [PROGRAM [POSTS]]
#
# PROGRAM is a release build (target/release/inkstand unless said otherwise); POSTS is 10000.
set -euo pipefail

program=$(realpath "${1:-target/release/inkstand}")
posts=${2:-10000}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir -p "$room/site/content/posts"
printf 'baseURL = "https://bench.example/"\ntitle = "Bench"\n' > "$room/site/hugo.toml"

# About 3,500 bytes each: prose, a list, a table, a quotation, now and then code; links to others, tags, aliases.
awk -v posts="$posts" -v folder="$room/site/content/posts" '
function words(count,   text, i) {
    text = ""
    for (i = 0; i < count; i++) text = text list[int(rand() * size) + 1] (rand() < 0.08 ? ". " : " ")
    return text
}
BEGIN {
    srand(7)
    size = split("ink paper letter harbour lamp wheel garden river stone quiet morning engine winter " \
        "ladder copper salt window orchard thread signal bridge market bread candle atlas meadow " \
        "keeps turns writes carries follows remembers the a of and in with under beside every no", list, " ")
    for (n = 1; n <= posts; n++) {
        file = folder "/post-" n ".md"
        printf "---\ntitle: \"Post %d: %s\"\ndate: %04d-%02d-%02dT%02d:00:00Z\ntags: [tag-%d, tag-%d]\naliases: [/old/%d/]\n---\n", \
            n, list[n % size + 1], 2000 + n % 24, n % 12 + 1, n % 28 + 1, n % 24, n % 97, n % 13, n > file
        for (p = 0; p < 5; p++) printf "%s\n\n", words(90) > file
        printf "## %s\n\n- *%s*\n- **%s**\n- [one before](post-%d.md#part)\n\n> %s\n\n", words(3), words(5), words(6), (n > 1 ? n - 1 : 1), words(20) > file
        printf "| a | b |\n|---|---|\n| %s | %s |\n\n", words(2), words(3) > file
        if (n % 10 == 0) printf "```rust\nfn main() {\n    println!(\"{}\", %d);\n}\n```\n", n > file
        close(file)
    }
}'

data="$room/data"
export INKSTAND_DATA_DIR="$data" INKSTAND_CONFIG=/dev/null
printf 'a password of the owner\n' |
    "$program" user create --email owner@example.org --name Owner --role owner > /dev/null
for round in first again; do
    echo "== $round"
    time "$program" import markdown "$room/site" --yes | head -5
done
echo "== export"
time "$program" export "$room/export"
