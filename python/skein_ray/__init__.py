"""Skein's part on a Ray cluster: the driver that the gateway starts, and the actors that host its engine."""
