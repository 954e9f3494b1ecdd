#!/bin/sh
# Installs Yiwen from the folder "wheels" on the first start, and opens its page.
set -u
cd "$(dirname "$0")" || exit 1
unset PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE=1 PYTHONUTF8=1

fail() {
    cat "messages/$1.txt" >&2
    exit 1
}

find_python() {
    for python in ${YIWEN_PYTHON:-} python3.13 python3.12 python3.11 python3; do
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        [ -f "requirements-$version.txt" ] && return 0
    done
    return 1
}

if [ ! -f env/installed.txt ]; then
    find_python || fail no-python
    cat messages/installing.txt
    rm -rf env
    "$python" -m venv env || fail no-venv
    env/bin/python -m pip install --disable-pip-version-check --quiet --no-index \
        --find-links wheels --require-hashes -r "requirements-$version.txt" || fail failed
    echo "$version" > env/installed.txt
fi
[ $# -gt 0 ] || { cat messages/starting.txt; set -- app; }
exec env/bin/yiwen "$@"
