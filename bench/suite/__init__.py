"""The benchmark suite: measures the service beside its peers and the machine's limits, and reports."""
