"""What the README claims, measured: one script a claim, each writes `results/NAME.json` with its conditions."""
