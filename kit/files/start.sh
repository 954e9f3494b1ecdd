#!/bin/sh
# Installs Yiwen from the folder "wheels" on the first start, and opens its page.
# With arguments it runs a command of Yiwen in the folder that it was called from.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
unset PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE=1 PYTHONUTF8=1

fail() {
    cat "$here/messages/$1.txt" >&2
    exit 1
}

find_python() {
    for python in ${YIWEN_PYTHON:-} python3.13 python3.12 python3.11 python3; do
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        [ -f "$here/requirements-$version.txt" ] && return 0
    done
    return 1
}

if [ ! -f "$here/env/installed.txt" ]; then
    find_python || fail no-python
    cat "$here/messages/installing.txt" >&2
    rm -rf "$here/env"
    "$python" -m venv "$here/env" || fail no-venv
    "$here/env/bin/python" -m pip install --disable-pip-version-check -qq --no-index \
        --find-links "$here/wheels" --require-hashes -r "$here/requirements-$version.txt" || fail failed
    echo "$version" > "$here/env/installed.txt"
fi
[ $# -gt 0 ] || { cat "$here/messages/starting.txt"; set -- app; }
# The folder may be moved later: python finds its packages, the programs beside it do not.
exec "$here/env/bin/python" -P -m serving.cli "$@"
