"""One file a way of augmenting; the protocol is `edgebert.augment.Way`."""
