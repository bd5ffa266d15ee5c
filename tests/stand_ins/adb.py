"""Speaks as adb does, to a phone that is the folder $FAKE_PHONE; what it says are adb 29 and 34's own words."""

import os
import pathlib
import shutil
import subprocess
import sys

PHONE = pathlib.Path(os.environ["FAKE_PHONE"])
TMP = "/data/local/tmp"


def fail(message):
    sys.exit(message)  # to stderr, with code 1


arguments = sys.argv[1:]
if arguments == ["devices"]:
    sys.stdout.write("List of devices attached\n" + (PHONE / "devices").read_text() + "\n")
    sys.exit()
serial, verb, *rest = arguments[1:]
if (PHONE / "unplugged").exists():
    fail(
        f"error: device '{serial}' not found"
        if verb == "shell"
        else f"adb: error: failed to get feature set: device '{serial}' not found"
    )
with (PHONE / "calls").open("a") as calls:
    calls.write(" ".join(arguments) + "\n")
if verb == "shell":
    (command,) = rest
    for there, here in ((TMP, PHONE / "tmp"), ("/sys/devices/system/cpu", PHONE / "cpu")):
        command = command.replace(there, str(here))
    path = f"{PHONE / 'bin'}:{os.environ['PATH']}"
    code = subprocess.run(["sh", "-c", command], env=os.environ | {"PATH": path}).returncode
    sys.exit(128 - code if code < 0 else code)
local, remote = rest
size, space = pathlib.Path(local).stat().st_size, PHONE / "space"
if space.exists() and size > int(space.read_text()):
    sys.stdout.write(f"{local}: 0 files pushed. 5.2 MB/s ({size} bytes in 0.348s)\n")
    fail(f"adb: error: failed to copy '{local}' to '{remote}': remote couldn't create file: No space left on device")
shutil.copyfile(local, remote.replace(TMP, str(PHONE / "tmp")))
sys.stdout.write(f"{local}: 1 file pushed, 0 skipped. 30.3 MB/s ({size} bytes in 0.005s)\n")
