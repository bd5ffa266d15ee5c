"""Results as tables: one file a family of benchmarks, one function a table, each from the values of a result alone."""
