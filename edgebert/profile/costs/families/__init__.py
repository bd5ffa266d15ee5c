"""One file a family of operators. Each has `KINDS`, the operators it knows in both formats, and `work`."""
