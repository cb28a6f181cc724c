"""What running text says of the people it names: sentences to findings, by fitted weights. All pure."""
