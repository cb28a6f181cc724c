"""What a sender is told: facts, words, and the message that carries them."""
