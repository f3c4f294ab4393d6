"""Tables with a column of labels: threshold networks that become if and else."""
