@echo off
rem Prints the difference between two lessons' lib.rs, the server's and the client's, as scripts/diff does on Unix:
rem
rem   scripts\diff 2 3
rem   scripts\diff 3 --step 2    the second step from lesson 3's bare.rs to its lib.rs
setlocal
cd /d "%~dp0.."
if "%~2"=="--step" goto step
set from=
set to=
if not "%~2"=="" for /d %%L in (lessons\lesson0%~1-*) do set from=%%L
if not "%~2"=="" for /d %%L in (lessons\lesson0%~2-*) do set to=%%L
if "%from%"=="" goto usage
if "%to%"=="" goto usage
for %%S in (server client) do call :compare %%S
exit /b 0

:step
set lesson=
if not "%~3"=="" for /d %%L in (lessons\lesson0%~1-*) do set lesson=%%L
if "%lesson%"=="" goto usage
set /a before=%~3-1
for %%S in (server client) do call :compare_step %%S %~3
exit /b 0

:compare_step
set from=%lesson%\%1\examples\steps\%before%.rs
if "%2"=="1" set from=%lesson%\%1\examples\bare.rs
set to=%lesson%\%1\examples\steps\%2.rs
if not exist "%to%" (
  echo there is no such step: %to% 1>&2
  exit /b 1
)
echo == %from%  -^>  %to%
findstr /v /b /c:"//!" "%from%" >"%TEMP%\lesson-from.rs"
findstr /v /b /c:"//!" "%to%" >"%TEMP%\lesson-to.rs"
git --no-pager diff --no-index --ignore-blank-lines -U2 "%TEMP%\lesson-from.rs" "%TEMP%\lesson-to.rs"
del "%TEMP%\lesson-from.rs" "%TEMP%\lesson-to.rs"
exit /b 0

:compare
echo == %1: %from%\%1\src\lib.rs  -^>  %to%\%1\src\lib.rs
rem Text about the lesson or about a function, and imports, follow from the rest: they are not the fix.
findstr /v /b /c:"//!" /c:"///" /c:"use " /c:"pub mod " "%from%\%1\src\lib.rs" >"%TEMP%\lesson-from.rs"
findstr /v /b /c:"//!" /c:"///" /c:"use " /c:"pub mod " "%to%\%1\src\lib.rs" >"%TEMP%\lesson-to.rs"
git --no-pager diff --no-index --ignore-blank-lines -U2 "%TEMP%\lesson-from.rs" "%TEMP%\lesson-to.rs"
del "%TEMP%\lesson-from.rs" "%TEMP%\lesson-to.rs"
exit /b 0

:usage
echo usage: scripts\diff FROM TO, for example: scripts\diff 2 3 1>&2
echo        scripts\diff LESSON --step N, for example: scripts\diff 3 --step 1 1>&2
exit /b 2
