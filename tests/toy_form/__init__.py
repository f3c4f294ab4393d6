"""The smallest form of problem: weighted votes, learned as one threshold unit."""
