"""Evaluation: measures, baselines, reports, gate, studies, speed."""
