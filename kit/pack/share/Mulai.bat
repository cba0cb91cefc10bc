@echo off
rem Desa Binaan Kit @version@: pasang sekali dari stik ini, tanpa internet dan tanpa hak admin, lalu jalankan.
setlocal
chcp 65001 >nul
set "HERE=%~dp0"
set "HOMEDIR=%LOCALAPPDATA%\desa-binaan-kit\@version@-@major@@minor@"
if "%DESA_BINAAN%"=="" set "DESA_BINAAN=%USERPROFILE%\desa-binaan"

set "PY="
if exist "%HERE%python\python.exe" set "PY=%HERE%python\python.exe"
if not defined PY for /f "delims=" %%P in ('py -@major@.@minor@ -c "import sys; print(sys.executable)" 2^>nul') do set "PY=%%P"
if not defined PY (
  echo Python @major@.@minor@ tidak ada di stik ini maupun di komputer ini. Pasang dulu, lalu buka lagi berkas ini.
  echo Python @major@.@minor@ is neither on this stick nor on this computer. Install it, then open this file again.
  pause
  exit /b 1
)

if not exist "%HOMEDIR%\siap" (
  echo Memasang, sekali saja ^(satu sampai lima menit^)… / Installing, once ^(one to five minutes^)…
  if exist "%HOMEDIR%" rmdir /s /q "%HOMEDIR%"
  "%PY%" -m venv --without-pip --copies "%HOMEDIR%" || goto failed
  for %%W in ("%HERE%@wheels@\pip-*.whl") do set "PYTHONPATH=%%~fW"
  "%HOMEDIR%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check --no-index --find-links "%HERE%@wheels@" "desa-binaan-kit[paper]==@version@" || goto failed
  echo siap> "%HOMEDIR%\siap"
)
set "PYTHONPATH="

if not exist "%DESA_BINAAN%" mkdir "%DESA_BINAAN%"
cd /d "%DESA_BINAAN%"
echo Ruang kerja / workspace: %DESA_BINAAN%
if "%~1"=="" ("%HOMEDIR%\Scripts\kit.exe" serve) else ("%HOMEDIR%\Scripts\kit.exe" %*)
exit /b %ERRORLEVEL%

:failed
echo Pemasangan gagal. Cabut dan pasang lagi stiknya, lalu buka lagi berkas ini.
echo Installing failed. Take the stick out and in again, then open this file again.
pause
exit /b 1
