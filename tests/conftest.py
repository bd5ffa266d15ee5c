"""Its place alone matters: pytest puts this folder on the path, and tests share `finished_run`."""
