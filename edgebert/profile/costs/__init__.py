"""What the operators of a file do, and how long that takes: `families` counts the work, `formula` gives it a time."""
