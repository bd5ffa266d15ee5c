"""edgebert: take a fine-tuned BERT to a phone, and prove that the files still answer right."""
