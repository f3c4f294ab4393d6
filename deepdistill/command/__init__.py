"""The command line: its options, what it says, and what it refuses for want of memory."""
