"""A checkpoint becomes a teacher: looked at, fine-tuned where it is a bare encoder, scored once."""
