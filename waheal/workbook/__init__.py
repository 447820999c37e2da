"""Reads a workbook's sheets as rows of text, in bounded time and memory."""
