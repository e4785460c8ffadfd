"""Tests of the reading of archives into the database."""
