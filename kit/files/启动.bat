@echo off
rem Installs Yiwen from the folder "wheels" on the first start, and opens its page.
setlocal
chcp 65001 >nul
cd /d "%~dp0"
set PYTHONUTF8=1
set PYTHONNOUSERSITE=1
set PYTHONPATH=
set PYTHONHOME=
if exist "env\installed.txt" goto start

set "PY="
set "VERSION="
for %%v in (3.13 3.12 3.11) do if not defined PY call :try_version %%v
if not defined PY call :try_python
if not defined PY goto no_python
if not exist "requirements-%VERSION%.txt" goto no_python

type "messages\installing.txt"
if exist env rmdir /s /q env
%PY% -m venv env
if errorlevel 1 goto failed
"env\Scripts\python.exe" -m pip install --disable-pip-version-check --quiet --no-index --find-links wheels --require-hashes -r "requirements-%VERSION%.txt"
if errorlevel 1 goto failed
echo %VERSION%> "env\installed.txt"

:start
type "messages\starting.txt"
if "%~1"=="" ("env\Scripts\yiwen.exe" app) else ("env\Scripts\yiwen.exe" %*)
if errorlevel 1 pause
exit /b %errorlevel%

:try_version
py -%1 -c "import sys; sys.exit(sys.maxsize < 2**32)" >nul 2>nul
if errorlevel 1 exit /b 0
set "PY=py -%1"
set "VERSION=%1"
exit /b 0

:try_python
for /f "delims=" %%v in ('python -c "import sys; print('%%d.%%d' %% sys.version_info[:2])" 2^>nul') do set "VERSION=%%v"
for %%v in (3.13 3.12 3.11) do if "%VERSION%"=="%%v" set "PY=python"
exit /b 0

:no_python
type "messages\no-python.txt"
pause
exit /b 1

:failed
type "messages\failed.txt"
pause
exit /b 1
