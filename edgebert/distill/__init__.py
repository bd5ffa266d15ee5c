"""A student learns from a teacher: losses, one file a method, and the stage that puts them together."""
