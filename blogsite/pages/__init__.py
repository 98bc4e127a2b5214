"""The short way: what is public and was made before is answered before the framework does its usual work."""
