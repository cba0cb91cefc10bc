#!/bin/sh
# Desa Binaan Kit @version@: pasang sekali dari stik ini, tanpa internet dan tanpa hak admin, lalu jalankan.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home="$HOME/Library/Application Support/desa-binaan-kit/@version@-@major@@minor@"
work="${DESA_BINAAN:-$HOME/desa-binaan}"

python=
for one in "$here/python/bin/python@major@.@minor@" python@major@.@minor@ python3; do
  if "$one" -c 'import sys; sys.exit(sys.version_info[:2] != (@major@, @minor@))' 2>/dev/null; then
    python=$one
    break
  fi
done
if [ -z "$python" ]; then
  echo "Python @major@.@minor@ tidak ada di stik ini maupun di komputer ini. Pasang dulu, lalu buka lagi berkas ini." >&2
  echo "Python @major@.@minor@ is neither on this stick nor on this computer. Install it, then open this file again." >&2
  exit 1
fi

if [ ! -f "$home/siap" ]; then
  echo "Memasang, sekali saja (satu sampai lima menit)… / Installing, once (one to five minutes)…"
  rm -rf "$home"
  mkdir -p "$home"
  # A Python on a stick that knows no links cannot be linked to.
  "$python" -m venv --without-pip --copies "$home"
  pip=$(ls "$here/@wheels@"/pip-*.whl | head -n 1)
  PYTHONPATH="$pip" "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-index \
    --find-links "$here/@wheels@" "desa-binaan-kit[paper]==@version@"
  touch "$home/siap"
fi

mkdir -p "$work"
cd "$work"
echo "Ruang kerja / workspace: $work"
exec "$home/bin/kit" "${@:-serve}"
