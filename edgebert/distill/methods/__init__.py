"""One file a method: `phases(setting)`, its trainings in order. The method's name is the file's, with dashes."""
