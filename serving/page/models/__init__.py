"""训练 and 模型: retraining, and which version is in use."""
