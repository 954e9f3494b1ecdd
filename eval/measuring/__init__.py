"""Measuring: answers of a model beside gold, measures and their intervals."""
