"""`--student auto`: the student that keeps most of its teacher's score, of those predicted to fit a budget."""
