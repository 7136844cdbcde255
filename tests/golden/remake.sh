#!/usr/bin/env bash
# Re-make every golden in a temporary directory and compare it with the stored expected.json
# (numbers: relative 1e-12, or what a folder's file `tolerance` says).  Needs Rscript with the packages of the session.txt files, and python3.
# Changes nothing here.  Exit 0 only if every folder was re-made and nothing differs.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in Rscript python3; do
  command -v "$tool" >/dev/null || { echo "remake: $tool is not installed; nothing was re-made" >&2; exit 2; }
done
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

goldens=0 values=0 damages=0 bad=0
fail() { echo "FAILED $1: $2" >&2; bad=$((bad + 1)); }

for folder in "$here"/*/; do
  folder=${folder%/}
  name=$(basename "$folder")
  [ "$name" = __pycache__ ] && continue
  missing=
  for f in make.R expected.json session.txt README.md; do [ -f "$folder/$f" ] || missing="$missing $f"; done
  if [ -n "$missing" ]; then fail "$name" "no$missing"; continue; fi
  work="$tmp/$name"
  cp -r "$folder" "$work" && rm "$work/expected.json" "$work/session.txt" || { fail "$name" "could not copy"; continue; }
  if ! (cd "$work" && Rscript make.R) >"$tmp/$name.log" 2>&1; then
    tail -n 20 "$tmp/$name.log" >&2; fail "$name" "make.R stopped"; continue
  fi
  if [ ! -s "$work/expected.json" ] || [ ! -s "$work/session.txt" ]; then fail "$name" "make.R wrote no expected.json or no session.txt"; continue; fi
  n=$(python3 "$here/compare.py" --self-test "$folder/expected.json") || { fail "$name" "the comparer misses a wrong answer"; continue; }
  damages=$((damages + n))
  n=$(python3 "$here/compare.py" "$folder/expected.json" "$work/expected.json" $(cat "$folder/tolerance" 2>/dev/null)) || { fail "$name" "expected.json differs from what make.R makes"; continue; }
  cmp -s "$folder/session.txt" "$work/session.txt" || echo "note: $name re-made in another session than session.txt says (values agree)"
  goldens=$((goldens + 1)) values=$((values + n))
  echo "$name: $n values"
done

echo "$goldens goldens re-made, $values values compared ($damages damaged copies refused by the comparer)"
if [ "$bad" -gt 0 ]; then echo "$bad failed" >&2; exit 1; fi
if [ "$goldens" -eq 0 ]; then echo "no golden found" >&2; exit 1; fi
