"""What teachers and students both are: a network that trains, knows its size, and names its own inference graph."""
