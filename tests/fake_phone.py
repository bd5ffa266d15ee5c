"""A phone that is a folder, which the stand-ins for `adb` and `benchmark_model` speak to."""

import ast

import phone_outputs as outputs

PROPERTIES = """\
[ro.build.fingerprint]: [google/flame/flame:13/TP1A.221005.002/9012097:user/release-keys]
[ro.build.version.release]: [13]
[ro.product.cpu.abi]: [arm64-v8a]
[ro.product.manufacturer]: [Google]
[ro.product.model]: [Pixel 4]
[ro.board.platform]: [msmnile]
"""
CLOCKS = [1785600] * 4 + [2419200] * 3 + [2841600]


class FakePhone:
    """What the stand-ins speak to: a folder."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("bin", "tmp", "cpu", "prints"):
            (folder / name).mkdir(parents=True)
        (folder / "devices").write_text("9A201FFAZ000XY\tdevice\n\n")
        self.command("getprop", f"cat <<'E'\n{PROPERTIES}E")
        self.thermal(0)
        self.command("taskset", 'echo "$1" >> "$FAKE_PHONE/masks"; shift; exec "$@"')
        for core, khz in enumerate(CLOCKS):
            (folder / "cpu" / f"cpu{core}" / "cpufreq").mkdir(parents=True)
            for name in ("cpuinfo_max_freq", "scaling_cur_freq"):
                (folder / "cpu" / f"cpu{core}" / "cpufreq" / name).write_text(f"{khz}\n")
        for kind, text in (("default", outputs.CPU), ("gpu", outputs.GPU), ("nnapi", outputs.NNAPI)):
            self.prints(kind, text)
            self.prints(f"{kind}-operators", text + outputs.OPERATORS)

    def command(self, name, body):
        (self.folder / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.folder / "bin" / name).chmod(0o755)

    def thermal(self, status):
        self.command("dumpsys", f'echo "IsStatusOverride: false"; echo "Thermal Status: {status}"')

    def prints(self, kind, text):
        (self.folder / "prints" / kind).write_text(text)

    def says(self, name, text=""):
        (self.folder / name).write_text(text)

    @property
    def flags(self):
        return [ast.literal_eval(line) for line in (self.folder / "flags").read_text().splitlines()]
