"""What every training shares: batches, the one loop, prediction. Teachers and students are both trained here."""
