@echo off
rem Installs Yiwen from the folder "wheels" on the first start, and opens its page.
rem With arguments it runs a command of Yiwen in the folder that it was called from.
setlocal
chcp 65001 >nul
set PYTHONUTF8=1
set PYTHONNOUSERSITE=1
set PYTHONPATH=
set PYTHONHOME=
set PYTHON_MANAGER_AUTOMATIC_INSTALL=false
rem pushd gives a shared folder (\\server\folder) a letter, which cd cannot.
pushd "%~dp0"
if not exist "messages\starting.txt" goto not_unpacked
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
"env\Scripts\python.exe" -m pip install --disable-pip-version-check -qq --no-index --find-links wheels --require-hashes -r "requirements-%VERSION%.txt"
if errorlevel 1 goto failed
>"env\installed.txt" echo %VERSION%

rem The folder may be moved later: python.exe finds its packages, the programs beside it do not.
:start
if not "%~1"=="" goto command
type "messages\starting.txt"
"env\Scripts\python.exe" -P -m serving.cli app
set "RESULT=%errorlevel%"
if not "%RESULT%"=="0" pause
exit /b %RESULT%

:command
popd
"%~dp0env\Scripts\python.exe" -P -m serving.cli %*
exit /b %errorlevel%

:try_version
py -%1 -c "import sys; sys.exit(sys.maxsize < 2**32)" >nul 2>nul
if errorlevel 1 exit /b 0
set "PY=py -%1"
set "VERSION=%1"
exit /b 0

rem A Python of 32 bits prints nothing.
:try_python
for /f "delims=" %%v in ('python -c "import sys; print('%%d.%%d' %% sys.version_info[:2] * (sys.maxsize.bit_length() // 63))" 2^>nul') do set "VERSION=%%v"
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

rem The texts in Chinese are not there either.
:not_unpacked
echo Please unpack the whole zip file first, then start this file in the folder. (Qing xian ba zheng ge ya suo bao jie kai.)
pause
exit /b 1
