"""Clicks in the HTML of the tab."""

from __future__ import annotations

# A button in the HTML of the tab reports its act and key to the tab.
REPORT_CLICK = """element.addEventListener('click', (event) => {
    const button = event.target.closest('[data-act]');
    if (button) trigger('select', {act: button.dataset.act, key: button.dataset.key});
});"""
