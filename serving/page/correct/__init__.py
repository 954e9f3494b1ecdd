"""校正: a queue of articles whose labels people confirm or correct."""
