"""What sentences mean, without a model: words, typos, and a grammar for each language. Knows nothing of bots."""
